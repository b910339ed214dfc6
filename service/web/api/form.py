"""`GET /api/v1/form`: what a site wants to have with a comment, for the widget to ask when somebody begins to write."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema

from service import pages, policy
from service.pages import fields as page_fields
from service.policy import traps, work
from service.web import origins, state
from service.web.api import schemas
from service.web.body import StrictParser

blueprint = Blueprint("form", __name__, url_prefix="/api/v1", description="Before writing.")
blueprint.ARGUMENTS_PARSER = StrictParser()


class FormQuerySchema(Schema):
    """The query: the page that is to be written to."""

    class Meta:
        unknown = RAISE

    page = page_fields.address()
    id = page_fields.owners_id()


@blueprint.route("/form", methods=["GET"])
@blueprint.arguments(FormQuerySchema, location="query")
@blueprint.doc(summary="Ask for what must go with a comment")
@blueprint.alt_response(200, schema=schemas.AskedForm)
@schemas.problems(blueprint, 403, 404, 422, 503)
def form(query: dict[str, Any]) -> Response:
    """Answer with a token for the page's form and, where the site asks for it, work to do."""
    place = pages.locate_at_once(query["page"], query["id"])
    origins.require(place.site, request, state.settings().public_url)
    secret, now = state.settings().secret_key, state.now()
    rules = policy.settings_of(place.site)
    answer = {
        "token": traps.make_token(secret, place, now),
        "work": work.challenge(secret, place, rules.work, now) if rules.works else None,
        "seconds": rules.min_seconds,
    }
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response
