"""`/api/v1/admin`: what the operators' pages do, for programs; every act through the function that those call too."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from service import comments, database, pages
from service.comments import Answer, AnswerSchema, Asked, AskedSchema, Decision
from service.models import LARGEST_ID
from service.pages import Listed
from service.people import audit
from service.web import own, state
from service.web.api import bearer, schemas
from service.web.api import moderation_schemas as shapes
from service.web.api.answer import answer
from service.web.api.bearer import TOKEN_NEEDED, needs, principal
from service.web.body import StrictParser

#: pages and audit entries of one answer
_LISTED = 100

blueprint = Blueprint("moderation", __name__, url_prefix="/api/v1/admin", description="For operators, with a token.")
blueprint.ARGUMENTS_PARSER = StrictParser()
bearer.guard(blueprint)
_ONE = f"/comments/<int(max={LARGEST_ID}):comment_id>"


@blueprint.route("/queue", methods=["GET"])
@needs("read")
@blueprint.arguments(AskedSchema, location="query")
@blueprint.doc(summary="List what waits for a decision, or what matches", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.Queue)
@schemas.problems(blueprint, 401, 403, 404, 422, 503)
def queue(asked: Asked) -> Response:
    """Answer with comments in their context, fifty at a time."""
    return answer(comments.look(asked, principal().sites, state.now()))


@blueprint.route("/decisions", methods=["POST"])
@needs("moderate")
@blueprint.arguments(shapes.DecisionSchema)
@blueprint.doc(summary="Decide on comments", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.Decided)
@schemas.problems(blueprint, 400, 401, 403, 404, 409, 413, 415, 422, 503, 507)
def decide(given: dict[str, Any]) -> Response:
    """Approve, hold or delete comments, or mark them as spam; the batch in the answer undoes it.

    With `seen`, comments that changed since are skipped; so are, of several, those that cannot be published.
    """
    asker = principal()
    new = comments.DECISIONS[given["decision"]]
    seen = dict(zip(given["ids"], given.get("seen", ()), strict=False))
    made = comments.moderate(
        given["ids"], new, asker.actor, state.now(), reason=given["reason"], allowed=asker.sites, seen=seen
    )
    return answer(made)


@blueprint.route("/decisions/<string(maxlength=24):batch>/undo", methods=["POST"])
@needs("moderate")
@blueprint.doc(summary="Undo decisions", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.Decided)
@schemas.problems(blueprint, 401, 403, 404, 503, 507)
def undo(batch: str) -> Response:
    """Undo a batch as far as nothing else was decided since; the batch in the answer undoes the undoing."""
    asker = principal()
    made: Decision = comments.undo(batch, asker.actor, state.now(), allowed=asker.sites)
    return answer(made)


@blueprint.route(_ONE, methods=["GET"])
@needs("read")
@blueprint.doc(summary="Show a comment with its history", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.CommentInFull)
@schemas.problems(blueprint, 401, 403, 404, 503)
def show(comment_id: int) -> Response:
    """Answer with a comment in its context, its former versions and its reports, also those that were answered."""
    return _in_full(comment_id)


@blueprint.route(_ONE, methods=["PATCH"])
@needs("moderate")
@blueprint.arguments(shapes.ChangeSchema)
@blueprint.doc(summary="Change what a comment says", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.CommentInFull)
@blueprint.alt_response(204, description="Done; the token may not read.")
@schemas.problems(blueprint, 400, 401, 403, 404, 409, 413, 415, 422, 503, 507)
def revise(given: dict[str, Any], comment_id: int) -> Response:
    """Change text, name or website; what the comment said before is kept in its history."""
    asker = principal()
    revision, reason, seen = given["revision"], given["reason"], given["seen"]
    comments.revise(comment_id, revision, asker.actor, state.now(), reason, asker.sites, seen)
    return _in_full(comment_id) if "read" in asker.scopes else Response(status=204)


@blueprint.route(_ONE, methods=["DELETE"])
@needs("moderate")
@blueprint.arguments(shapes.EraseQuery, location="query")
@blueprint.doc(summary="Erase a comment for good", security=TOKEN_NEEDED)
@blueprint.alt_response(204, description="Its text, its author and its history are gone.")
@schemas.problems(blueprint, 401, 403, 404, 422, 503, 507)
def erase(query: dict[str, Any], comment_id: int) -> Response:
    """Erase a comment: unlike deleting it, this cannot be undone."""
    asker = principal()
    comments.wipe(comment_id, asker.actor, state.now(), query["reason"], asker.sites)
    return Response(status=204)


@blueprint.route(f"{_ONE}/answers", methods=["POST"])
@needs("moderate")
@blueprint.arguments(AnswerSchema)
@blueprint.doc(summary="Answer a comment as an operator", security=TOKEN_NEEDED)
@blueprint.alt_response(201, schema=shapes.CommentInFull)
@schemas.problems(blueprint, 400, 401, 403, 404, 409, 413, 415, 422, 503, 507)
def reply(given: Answer, comment_id: int) -> Response:
    """Publish a reply under the asker's name, marked as an operator's; on a closed page as little as anybody's."""
    asker = principal()
    made = comments.answer(comment_id, given, asker.name, asker.actor, state.now(), allowed=asker.sites)
    response = _in_full(made)
    response.status_code = 201
    return response


@blueprint.route("/pages", methods=["GET"])
@needs("read")
@blueprint.arguments(shapes.PagesQuery, location="query")
@blueprint.doc(summary="List pages", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.ListedPages)
@schemas.problems(blueprint, 401, 403, 404, 422, 503)
def list_pages(query: dict[str, Any]) -> Response:
    """Answer with pages by site and key, and whether each is closed."""
    sites = principal().sites
    if query["site"] is not None:
        sites = frozenset([own.site_named(principal(), query["site"]).id])
    closed = {"closed": True, "open": False}.get(query["state"])
    part = pages.listing_filtered(sites, closed, query["text"], query["after"], _LISTED, state.now())
    return answer({"pages": [_listed(each) for each in part.pages], "next": part.next})


@blueprint.route("/pages", methods=["POST"])
@needs("pages")
@blueprint.arguments(shapes.PageActSchema)
@blueprint.doc(summary="Close pages, open them, or hand them back to the site's rules", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.PagesDone)
@schemas.problems(blueprint, 400, 401, 403, 404, 409, 413, 415, 422, 503, 507)
def act_on_pages(given: dict[str, Any]) -> Response:
    """Close, open or hand back; when this is answered it holds for every writer."""
    asker, act, now = principal(), given["act"], state.now()
    reason, until = given["reason"], given["until"]
    if "ids" not in given:
        named: tuple[str, str | None] = given["page"], given["id"]
        own.place_at(asker, *named)
        if act == "close":
            done = [pages.close(*named, reason, until, now, asker.actor)]
        else:
            done = [(pages.reopen if act == "open" else pages.hand_back)(*named, now, asker.actor)]
        return answer({"urls": [place.url for place in done], "batch": None})
    batch, done = own.act_on(asker, act, given["ids"], reason, until, now)
    return answer({"urls": [place.url for place in done], "batch": batch})


@blueprint.route("/audit", methods=["GET"])
@needs("read")
@blueprint.arguments(shapes.AuditQuery, location="query")
@blueprint.doc(summary="Read the audit log", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.AuditLog)
@schemas.problems(blueprint, 401, 403, 422, 503)
def read_audit(query: dict[str, Any]) -> Response:
    """Answer with entries, newest first; an operator of some sites sees what belongs to those."""
    wanted = audit.Wanted(*(query[name] for name in ("actor", "verb", "site", "comment", "since", "until")))
    with database.read() as connection:
        found = audit.entries(connection, principal().sites, wanted, query["before"], _LISTED)
    entries = [{name: value for name, value in vars(each).items() if name != "site_id"} for each in found]
    return answer({"entries": entries, "next": found[-1].id if len(found) == _LISTED else None})


def _in_full(comment_id: int) -> Response:
    allowed = principal().sites
    entry = comments.get_entry(comment_id, allowed, state.now())
    told = {"history": comments.history(comment_id, allowed), "reports": comments.reports(comment_id, allowed)}
    return answer({"comment": entry} | told)


def _listed(listed: Listed) -> dict[str, Any]:
    page, closing = listed.page, listed.closing
    told = {"id": page.id, "site": listed.site.name, "url": page.url, "title": page.title, "count": page.count}
    return told | {name: getattr(closing, name) for name in ("closed", "reason", "reopens", "rule")}
