"""`/api/v1/admin/person`: what is kept of one person, and its erasure.

Asked for with POST, though nothing changes by an export: an e-mail address has no business in an address, which others
write into their logs.
"""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from service.comments import person
from service.comments.draft import Whole
from service.web import state
from service.web.api import bearer, schemas
from service.web.api.answer import answer
from service.web.api.bearer import TOKEN_NEEDED, needs, principal
from service.web.api.moderation_schemas import Body
from service.web.body import StrictParser

blueprint = Blueprint("person", __name__, url_prefix="/api/v1/admin", description="What is kept of one person.")
blueprint.ARGUMENTS_PARSER = StrictParser()
bearer.guard(blueprint)


class NamedPerson(Body):
    """A person, by one of three names: an e-mail address, a reader's id, a comment of theirs."""

    email = fields.String(load_default=None, validate=validate.Length(1, 254))
    reader = Whole(load_default=None)
    comment = Whole(load_default=None)


class Kept(Schema):
    """All that is kept of a person, as it is stored."""

    comments = fields.List(fields.Dict(), required=True)
    former_versions = fields.List(fields.Dict(), required=True)
    votes = fields.List(fields.Dict(), required=True)
    reports = fields.List(fields.Dict(), required=True)
    bans = fields.List(fields.Dict(), required=True)
    done_to_their_comments = fields.List(fields.Dict(), required=True)


class Erased(Schema):
    """How many comments were erased, and whether a reader was, with votes and reports."""

    comments = fields.Integer(required=True)
    reader = fields.Boolean(required=True)


@blueprint.route("/person/export", methods=["POST"])
@needs("operators")
@blueprint.arguments(NamedPerson)
@blueprint.doc(summary="Tell all that is kept of one person", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=Kept)
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 503)
def export_person(given: dict[str, Any]) -> Response:
    """Answer with all that is kept of a person."""
    return answer(person.export(_person(given)))


@blueprint.route("/person/erase", methods=["POST"])
@needs("operators")
@blueprint.arguments(NamedPerson)
@blueprint.doc(summary="Erase what one person wrote, for good", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=Erased)
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 503, 507)
def erase_person(given: dict[str, Any]) -> Response:
    """Erase what a person wrote: there is no undo."""
    return answer(person.erase(_person(given), principal().actor, state.now()))


def _person(given: dict[str, Any]) -> person.Person:
    return person.Person(given["email"], given["reader"], given["comment"])
