"""One comment whole: what it says and said, who reported it, what was decided; to be changed, answered, erased."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from flask import Response, render_template, request, url_for

from service import comments, database
from service.comments import Version
from service.errors import AfterwordError, Conflict, Invalid, PageClosed
from service.models import LARGEST_ID
from service.people import audit as log
from service.people.audit import Wanted
from service.text import clean_line
from service.web import errors, state
from service.web.admin import changes, guard, local
from service.web.admin.forms import faults_of
from service.web.admin.guard import blueprint
from service.web.admin.queue import shown

#: former versions and entries of the log that are shown, the newest of them
_VERSIONS, _ENTRIES = 10, 50
#: a text of the most characters, none of them Latin: each takes up to twelve bytes of a form
_MOST_BYTES = 256 * 1024
_ONE = f"/comments/<int(max={LARGEST_ID}):comment_id>"
guard.NOTICES |= {
    "comment-changed": "The comment is changed.",
    "comment-unchanged": "It says that already, so nothing was changed.",
    "comment-erased": "The comment is erased.",
    "comment-answered": "Your answer is published.",
}


@blueprint.get(_ONE)
def comment(comment_id: int) -> Response:
    """Answer with everything that is known of a comment."""
    guard.require("read")
    return _page(comment_id)


@blueprint.post(f"{_ONE}/edit")
@guard.takes(_MOST_BYTES, "moderate")
def edit_comment(comment_id: int) -> Response:
    """Change what a comment says, or how its author is named."""
    who = guard.require("moderate")
    comments.get_comment(comment_id, who.sites)
    values = {name: guard.typed(name) for name in ("body", "name", "website") if name in request.form}
    reason, seen = clean_line(guard.typed("reason")), _seen()
    try:
        revision = comments.load_revision(values)
        changed = comments.revise(comment_id, revision, who.actor, state.now(), reason, who.sites, seen)
    except (Invalid, Conflict) as error:
        return _page(comment_id, error, "edit")
    return _done(comment_id, "comment-changed" if changed else "comment-unchanged")


@blueprint.post(f"{_ONE}/answer")
@guard.takes(_MOST_BYTES, "moderate")
def answer_comment(comment_id: int) -> Response:
    """Publish an operator's reply."""
    who = guard.require("moderate")
    comments.get_comment(comment_id, who.sites)
    try:
        given = comments.load_answer({"body": guard.typed("answer")})
        comments.answer(comment_id, given, who.name, who.actor, state.now(), who.sites)
    except Invalid as error:
        return _page(comment_id, Invalid({"answer": error.fields.get("body", [])}), "answer")
    except (Conflict, PageClosed) as error:
        return _page(comment_id, error, "answer")
    return _done(comment_id, "comment-answered")


@blueprint.post(f"{_ONE}/erase")
def erase_comment(comment_id: int) -> Response:
    """Erase a comment for good, if whoever asks has said that this is meant."""
    who = guard.require("moderate")
    comments.get_comment(comment_id, who.sites)
    if not guard.typed("sure"):
        return _page(comment_id, Invalid({"sure": ["Tick this first: there is no way back."]}), "erase")
    comments.wipe(comment_id, who.actor, state.now(), clean_line(guard.typed("reason")), who.sites)
    return _done(comment_id, "comment-erased")


def _way() -> dict[str, Any]:
    """Return where one came from, as an argument of every address of the comment's page; empty for nowhere."""
    came = local.path_of(request.args.get("from", ""))
    return {"from": came} if came and came.startswith(url_for("admin.queue")) else {}


def _done(comment_id: int, notice: str) -> Response:
    return guard.done("admin.comment", notice, comment_id=comment_id, **_way())


def _page(comment_id: int, error: AfterwordError | None = None, part: str = "") -> Response:
    who, way = guard.principal(), _way()
    entry = comments.get_entry(comment_id, who.sites, state.now())
    with database.read() as connection:
        entries = log.entries(connection, who.sites, Wanted(comment_id=comment_id), limit=_ENTRIES)
    html = render_template(
        "admin/comment.html",
        entry=entry,
        versions=_versions(entry, comments.history(comment_id, who.sites)),
        reports=comments.reports(comment_id, who.sites),
        log=entries,
        faults=faults_of(error) if error else {},
        part=part,
        typed=request.form if error else {},
        meanwhile=_meanwhile(entry, who.sites) if part == "edit" else None,
        came=way.get("from"),
        way=way,
        **shown(who) | {"here": url_for("admin.comment", comment_id=comment_id, **way)},
    )
    return Response(html, errors.status_of(error) if error else 200)


def _seen() -> str | None:
    """Return the version that the form showed; without one, whoever sends it means whatever is there."""
    seen = guard.typed("seen")
    return seen if comments.is_version(seen) else None


def _meanwhile(entry: comments.Entry, allowed: frozenset[int] | None) -> dict[str, Any] | None:
    seen = _seen()
    before = comments.as_seen(entry.id, seen, allowed) if seen is not None else None
    return _difference(before, entry) if before is not None else None


def _versions(entry: comments.Entry, former: list[Version]) -> list[dict[str, Any]]:
    # the newest first, each with what the change that ended it made of it
    said: list[Any] = [*former[-_VERSIONS:], entry]
    return [{"of": before} | _difference(before, after) for before, after in pairwise(said)][::-1]


def _difference(before: Any, after: Any) -> dict[str, Any]:
    lines = [(name, getattr(before, name), getattr(after, name)) for name in ("name", "website")]
    pieces = changes.between(before.body, after.body) if before.body != after.body else []
    return {"lines": [line for line in lines if line[1] != line[2]], "pieces": pieces}
