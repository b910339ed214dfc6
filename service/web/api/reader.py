"""`/api/v1/reader`: what a reader has at a site, for that reader alone; and to be forgotten."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from service import comments, pages, threads
from service.errors import NoReaderKey
from service.models import LARGEST_ID
from service.pages import Place
from service.pages import fields as page_fields
from service.web import origins, state
from service.web.api import schemas
from service.web.api.sender import KEY_NEEDED, reader_key
from service.web.body import StrictParser

blueprint = Blueprint("reader", __name__, url_prefix="/api/v1", description="A reader's own.")
blueprint.ARGUMENTS_PARSER = StrictParser()


class ReaderSchema(Schema):
    """The query: a page of the site; `all` asks for the whole site instead of that page."""

    class Meta:
        unknown = RAISE

    page = page_fields.address()
    id = page_fields.owners_id()
    all = fields.Boolean(load_default=False)
    before = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST_ID))


@blueprint.route("/reader", methods=["GET"])
@blueprint.arguments(ReaderSchema, location="query")
@blueprint.doc(summary="List the reader's own comments, votes and reports", security=KEY_NEEDED)
@blueprint.alt_response(200, schema=schemas.ReadersOwn)
@schemas.problems(blueprint, 401, 403, 404, 422, 503)
def mine(query: dict[str, Any]) -> Response:
    """Answer with all that is kept of the reader: comments, newest first, with what was typed, votes and reports."""
    key, place = _asked(query)
    page_id = place.page.id if place.page else 0
    found = comments.mine(place.site, key, None if query["all"] else page_id, query["before"])
    answer = {
        "comments": [
            {
                "comment": threads.own_comment(row, place.site),
                "body": row.body,
                "email": row.email,
                "until": threads.moment(comments.until(place.site, row.created)),
                "page": {"url": row.page_url, "title": row.page_title},
            }
            for row in found.comments
        ],
        "votes": {str(comment_id): value for comment_id, value in found.votes.items()},
        "reports": [
            {"comment": row.comment_id, "reason": row.reason, "created": threads.moment(row.created)}
            for row in found.reports
        ],
        "next": found.next,
    }
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/reader", methods=["DELETE"])
@blueprint.arguments(ReaderSchema, location="query")
@blueprint.doc(summary="Erase all that the reader wrote at the site", security=KEY_NEEDED)
@blueprint.alt_response(200, schema=schemas.Forgotten)
@schemas.problems(blueprint, 401, 403, 404, 422, 503, 507)
def forget(query: dict[str, Any]) -> Response:
    """Erase the reader's comments, votes and reports at the page's site, for good."""
    key, place = _asked(query)
    return jsonify({"erased": comments.forget(place.site, key, state.now())})


def _asked(query: dict[str, Any]) -> tuple[str, Place]:
    place = pages.locate_at_once(query["page"], query["id"])
    origins.require(place.site, request, state.settings().public_url)
    key = reader_key(request)
    if key is None:
        raise NoReaderKey
    return key, place
