"""The log: who did what to what, and why; with filters, and as a file."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, stream_with_context

from service import database, pages
from service.people import audit as log
from service.people.audit import Wanted
from service.web.admin import guard
from service.web.admin.forms import whole
from service.web.admin.guard import blueprint

_ON_A_PAGE = 50
_FILTERS = ("actor", "verb", "site", "comment")


@blueprint.get("/audit")
def audit() -> Response:
    """Answer with a page of the log, newest first."""
    who = guard.require("read")
    before = whole(request.args.get("before", ""))
    with database.read() as connection:
        found = log.entries(connection, who.sites, _wanted(), before, _ON_A_PAGE + 1)
    shown = found[:_ON_A_PAGE]
    html = render_template(
        "admin/audit.html",
        entries=shown,
        older=shown[-1].id if len(found) > _ON_A_PAGE else None,
        before=before,
        sites=[site.name for site in pages.sites() if who.may(site.id)],
        asked=_asked(),
    )
    return make_response(html)


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
    return Wanted(asked.get("actor"), asked.get("verb"), asked.get("site"), comment_id)
