"""`GET /api/v1/thread` and `GET /api/v1/counts`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema
from werkzeug.datastructures import MultiDict

from service import database, pages, threads
from service.comments import BODY_CHARACTERS
from service.pages.key import MAX_URL
from service.threads import View, ViewSchema
from service.web import caching, state
from service.web.api import schemas
from service.web.body import StrictParser

#: addresses in one request for counts: a long index page
_MOST_PAGES = 100

blueprint = Blueprint("threads", __name__, url_prefix="/api/v1", description="Reading.")
blueprint.ARGUMENTS_PARSER = StrictParser()
_schema = ViewSchema()


class CountsSchema(Schema):
    """The query of `GET /api/v1/counts`."""

    class Meta:
        unknown = RAISE

    page = fields.List(
        fields.String(validate=validate.Length(1, MAX_URL)), required=True, validate=validate.Length(1, _MOST_PAGES)
    )
    id = fields.List(
        fields.String(validate=validate.Length(0, MAX_URL)),
        load_default=None,
        metadata={
            "description": "The owner's own ids of the pages, as many as pages; an empty one for a page without."
        },
    )

    @validates_schema
    def _pair(self, values: dict[str, Any], **_: Any) -> None:
        if values.get("id") is not None and len(values["id"]) != len(values["page"]):
            raise ValidationError("There must be as many ids as pages.", "id")


@blueprint.route("/thread", methods=["GET"])
@blueprint.doc(
    summary="A part of a page's thread, in display order",
    parameters=[{"in": "query", "schema": ViewSchema}],
    # described here and not by alt_response, each of which wraps the view once more
    responses={
        200: {"description": "OK", "content": {"application/json": {"schema": schemas.Thread}}},
        304: {"description": "The client's copy is current."},
        **{status: schemas.PROBLEM for status in (404, 422, 503)},
    },
)
def thread() -> Response:
    """Answer with a view of a thread. The parameters are parsed once for each distinct query: this is the hot path."""
    now = state.now()
    ready, until = threads.read(state.cache(), _view(request.query_string), BODY_CHARACTERS, now)
    return caching.answer(request, ready, until, now)


@lru_cache(maxsize=4096)
def _view(query: bytes) -> View:
    given = request.args
    return cast(View, _schema.load(_single(given)))


def _single(given: MultiDict[str, str]) -> dict[str, Any]:
    # a parameter given twice is judged as the list that it is, and so refused
    return {name: values[0] if len(values) == 1 else values for name, values in given.lists()}


@blueprint.route("/counts", methods=["GET"])
@blueprint.arguments(CountsSchema, location="query")
@blueprint.alt_response(200, schema=schemas.Counts)
@schemas.problems(blueprint, 422, 503)
def counts(query: dict[str, Any]) -> Response:
    """Answer with the number of published comments of each page; an address of no registered site is left out."""
    asked = list(zip(query["page"], query["id"] or [None] * len(query["page"]), strict=True))
    found = database.read_public(lambda connection: pages.counts(connection, asked))
    return caching.answer_json(request, {"counts": found})
