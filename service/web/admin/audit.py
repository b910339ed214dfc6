"""The log: who did what to what, and why; with filters, and as a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask import Response, render_template, request, stream_with_context

from service import database, pages
from service.errors import Invalid
from service.people import audit as log
from service.people.audit import Wanted
from service.web.admin import guard, told
from service.web.admin.forms import faults_of, whole
from service.web.admin.guard import blueprint

_ON_A_PAGE = 50
_FILTERS = ("actor", "verb", "site", "comment", "from", "to")


@blueprint.get("/audit")
def audit() -> Response:
    """Answer with a page of the log, newest first."""
    who = guard.require("read")
    before = whole(request.args.get("before", ""))
    found, faults = [], {}
    try:
        with database.read() as connection:
            found = log.entries(connection, who.sites, _wanted(), before, _ON_A_PAGE + 1)
    except Invalid as error:
        faults = faults_of(error)
    shown = found[:_ON_A_PAGE]
    html = render_template(
        "admin/audit.html",
        entries=shown,
        older=shown[-1].id if len(found) > _ON_A_PAGE else None,
        before=before,
        sites=[site.name for site in pages.sites() if who.may(site.id)],
        asked=_asked(),
        faults=faults,
        told=told,
    )
    return Response(html, 422 if faults else 200)


@blueprint.get("/audit/export")
def audit_export() -> Response:
    """Answer with the log as a file, a line of JSON for each entry."""
    who = guard.require("read")
    response = Response(stream_with_context(log.export(who.sites, _wanted())), mimetype=log.MEDIA)
    response.headers["Content-Disposition"] = 'attachment; filename="afterword-audit.jsonl"'
    return response


def _asked() -> dict[str, str]:
    return {name: given for name in _FILTERS if (given := request.args.get(name, "").strip())}


def _wanted() -> Wanted:
    asked = _asked()
    comment = asked.get("comment")
    # what is no number is no comment's id, and finds nothing
    comment_id = None if comment is None else whole(comment) or 0
    bounds = (_day(asked, "from"), _day(asked, "to", later=1))  # until the end of that day
    return Wanted(asked.get("actor"), asked.get("verb"), asked.get("site"), comment_id, *bounds)


def _day(asked: dict[str, str], name: str, later: int = 0) -> datetime | None:
    if name not in asked:
        return None
    try:
        return datetime.combine(date.fromisoformat(asked[name]) + timedelta(days=later), time(), UTC)
    except (ValueError, OverflowError):
        raise Invalid({name: ["This is no date, such as 2026-05-14."]}) from None
