"""`/api/v1/comments`: post, edit, delete and have back, vote, report; and the preview."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint

from service import comments, pages, threads
from service.comments import (
    Draft,
    DraftSchema,
    Edit,
    EditSchema,
    PreviewSchema,
    Report,
    ReportSchema,
    Sender,
    Vote,
    VoteSchema,
)
from service.errors import OriginRefused
from service.models import LARGEST_ID
from service.pages import Place
from service.web import metrics, origins, state
from service.web.api import schemas
from service.web.api.sender import KEY_NEEDED, KEY_TAKEN, RETRY_HEADER, known_sender, sender
from service.web.body import StrictParser

blueprint = Blueprint("comments", __name__, url_prefix="/api/v1", description="Writing.")
blueprint.ARGUMENTS_PARSER = StrictParser()
#: ids as they are given out; a larger number is no comment's, and no database could look for it
_ONE = f"/comments/<int(max={LARGEST_ID}):comment_id>"


@blueprint.route("/comments", methods=["POST"])
@blueprint.arguments(DraftSchema())
@blueprint.doc(summary="Post a comment or a reply", parameters=[RETRY_HEADER], security=KEY_TAKEN)
@blueprint.alt_response(201, schema=schemas.Posted)
@blueprint.alt_response(202, schema=schemas.Posted, description="Held until an operator has looked at it.")
@schemas.problems(blueprint, 400, 403, 404, 409, 413, 415, 422, 429, 503, 507)
def post(draft: Draft) -> Response:
    """Store a comment; 201 says that it is on the server's disk."""
    now = state.now()
    place = pages.locate_at_once(draft.page, draft.id)
    origins.require(place.site, request, state.settings().public_url)
    posted = comments.post(place, draft, sender(request), state.settings(), now)
    metrics.judged(posted)
    comment = threads.get_comment(posted.comment_id, place)
    answer = {"comment": comment} | ({"reader_key": posted.reader_key} if posted.reader_key else {})
    # a retry may find it deleted since: then too it was taken
    response = _private(answer, 202 if comment["state"] == "pending" else 201)
    if posted.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


@blueprint.route(_ONE, methods=["PATCH"])
@blueprint.arguments(EditSchema())
@blueprint.doc(summary="Change the text of an own comment", security=KEY_NEEDED)
@blueprint.alt_response(200, schema=schemas.Changed)
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 429, 503, 507)
def edit(change: Edit, comment_id: int) -> Response:
    """Store a new text; it passes everything that a new comment passes, and may be held."""
    place, sent = _admitted(comment_id)
    comments.edit(place, comment_id, change, sent, state.settings(), state.now())
    return _private({"comment": threads.get_comment(comment_id, place)})


@blueprint.route(_ONE, methods=["DELETE"])
@blueprint.doc(summary="Delete an own comment", security=KEY_NEEDED)
@blueprint.alt_response(200, schema=schemas.Deleted)
@schemas.problems(blueprint, 401, 403, 404, 429, 503, 507)
def erase(comment_id: int) -> Response:
    """Delete a comment; until the time in the answer it can be had back, then its text is erased."""
    place, sent = _admitted(comment_id)
    until = comments.erase(place, comment_id, sent, state.settings(), state.now())
    return _private({"until": threads.moment(until)})


@blueprint.route(f"{_ONE}/restore", methods=["POST"])
@blueprint.doc(summary="Have an own deleted comment back", security=KEY_NEEDED)
@blueprint.alt_response(200, schema=schemas.Changed)
@schemas.problems(blueprint, 401, 403, 404, 429, 503, 507)
def restore(comment_id: int) -> Response:
    """Give a comment that was deleted a moment ago its text and its place again."""
    place, sent = _admitted(comment_id)
    comments.restore(place, comment_id, sent, state.settings(), state.now())
    return _private({"comment": threads.get_comment(comment_id, place)})


@blueprint.route(f"{_ONE}/vote", methods=["PUT"])
@blueprint.arguments(VoteSchema())
@blueprint.doc(summary="Vote on a comment", security=KEY_NEEDED)
@blueprint.alt_response(200, schema=schemas.Changed)
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 429, 503, 507)
def vote(given: Vote, comment_id: int) -> Response:
    """Store a vote: 1 up, -1 down, 0 takes it back."""
    place, sent = _admitted(comment_id)
    score = comments.vote(place, comment_id, given, sent, state.settings(), state.now())
    return _private({"comment": threads.get_comment(comment_id, place) | {"score": score}})


@blueprint.route(f"{_ONE}/report", methods=["POST"])
@blueprint.arguments(ReportSchema())
@blueprint.doc(summary="Report a comment to the operators", security=KEY_NEEDED)
@blueprint.alt_response(204, description="The report is stored.")
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 429, 503, 507)
def report(given: Report, comment_id: int) -> Response:
    """Store a report."""
    place, sent = _admitted(comment_id)
    comments.report(place, comment_id, given, sent, state.settings(), state.now())
    return Response(status=204)


@blueprint.route("/preview", methods=["POST"])
@blueprint.arguments(PreviewSchema())
@blueprint.doc(summary="Show what a comment would look like")
@blueprint.alt_response(200, schema=schemas.Rendered)
@schemas.problems(blueprint, 400, 403, 413, 415, 422, 429, 503, 507)
def preview(body: str) -> Response:
    """Answer with the HTML that a comment's body would become; nothing of it is stored."""
    origin = origins.registered(request)
    if origin is None:
        raise OriginRefused(request.headers.get("Origin"))
    return _private({"html": comments.preview(body, sender(request), state.settings(), state.now())})


def _admitted(comment_id: int) -> tuple[Place, Sender]:
    # who asks, before what is asked for: without a key all comments, there or not, are answered alike
    sent = known_sender(request)
    place = comments.get_place_seen(comment_id, sent.reader_key or "")
    # where the comment stands decides whose pages may write to it
    origins.require(place.site, request, state.settings().public_url)
    return place, sent


def _private(answer: dict[str, Any], status: int = 200) -> Response:
    response = jsonify(answer)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
