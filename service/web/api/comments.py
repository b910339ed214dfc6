"""`POST /api/v1/comments`."""

from __future__ import annotations

from flask import Request, Response, jsonify, request
from flask_smorest import Blueprint

from service import comments, pages, threads
from service.comments import Draft, DraftSchema, Sender
from service.errors import Invalid
from service.people import address, readers
from service.settings import Settings
from service.web import origins, state
from service.web.api import schemas
from service.web.body import StrictParser

blueprint = Blueprint("comments", __name__, url_prefix="/api/v1", description="Writing.")
blueprint.ARGUMENTS_PARSER = StrictParser()


@blueprint.route("/comments", methods=["POST"])
@blueprint.arguments(DraftSchema)
@blueprint.doc(
    summary="Post a comment or a reply",
    parameters=[
        {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"}},
        {"in": "header", "name": "Authorization", "schema": {"type": "string"}, "description": "Bearer READER_KEY"},
    ],
)
@blueprint.alt_response(201, schema=schemas.Posted)
@blueprint.alt_response(202, schema=schemas.Posted, description="Held until an operator has looked at it.")
@schemas.problems(blueprint, 400, 403, 404, 409, 413, 415, 422, 429, 503, 507)
def post(draft: Draft) -> Response:
    """Store a comment; 201 says that it is on the server's disk."""
    now, settings = state.now(), state.settings()
    sender = _sender(request, settings)
    place = pages.locate_at_once(draft.page, draft.id)
    origins.require(place.site, request)
    posted = comments.post(place, draft, sender, settings, now)
    comment = threads.get_comment(posted.comment_id, place)
    answer = {"comment": comment} | ({"reader_key": posted.reader_key} if posted.reader_key else {})
    response = jsonify(answer)
    response.status_code = 201 if comment["state"] == "published" else 202
    response.headers["Cache-Control"] = "no-store"
    if posted.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _sender(asked: Request, settings: Settings) -> Sender:
    return Sender(
        address.buckets(settings.secret_key, state.client_address(asked), state.now()),
        _reader_key(asked),
        _retry_key(asked),
    )


def _retry_key(asked: Request) -> str | None:
    key = asked.headers.get("Idempotency-Key")
    if key is not None and not comments.is_retry_key(key):
        raise Invalid({"Idempotency-Key": ["Must have 16 to 64 letters, digits, hyphens or underscores."]})
    return key


def _reader_key(asked: Request) -> str | None:
    given = asked.headers.get("Authorization")
    if given is None:
        return None
    scheme, _, key = given.partition(" ")
    if scheme.lower() != "bearer" or not readers.is_key(key.strip()):
        raise Invalid({"Authorization": ["Must be Bearer and a reader key."]})
    return key.strip()
