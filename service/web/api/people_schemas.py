"""Shapes of the operators' API for operators, one's own account, and the log as a file."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from service.comments.draft import Whole
from service.people.operators import ROLES, SCOPES
from service.people.tokens import LONGEST_DAYS
from service.web.api.moderation_schemas import Body

_ALL_SITES = {"description": "Names of sites; null: all of them, as an owner has."}


def _time(**given: Any) -> fields.String:
    return fields.String(metadata={"format": "date-time"}, **given)


def _sites(**given: Any) -> fields.List[Any]:
    name = fields.String(validate=validate.Length(1, 64))
    return fields.List(name, allow_none=True, metadata=_ALL_SITES, **given)


def _role(**given: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(ROLES), **given)


def _scopes(**given: Any) -> fields.List[Any]:
    return fields.List(fields.String(validate=validate.OneOf(SCOPES)), required=True, **given)


class NewOperator(Body):
    """An operator to be: all sites are given by saying so, not by leaving them out."""

    name = fields.String(required=True, metadata={"description": "1 to 64 of a-z, 0-9, dot, hyphen, underscore."})
    role = _role(required=True)
    sites = _sites(required=True)


class OperatorChange(Body):
    """Role and sites of an operator; what is left out stays, but who becomes an owner has all sites."""

    role = _role()
    sites = _sites()


class OperatorInFull(Schema):
    """An operator as others see one."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = _role(required=True)
    sites = _sites(required=True)
    has_password = fields.Boolean(required=True)
    has_totp = fields.Boolean(required=True)
    created = _time(required=True)


class ListedOperators(Schema):
    """All of them, by name."""

    operators = fields.List(fields.Nested(OperatorInFull), required=True)


class PasswordLink(Schema):
    """Where an operator sets a password; good once, and told this once. Older ones are no longer good."""

    link = fields.String(required=True, metadata={"format": "uri"})
    link_expires = _time(required=True)


class InvitedOperator(OperatorInFull, PasswordLink):
    """An operator who was added, and where they set a password; the link is good once, and told this once."""


class EndedSessions(Schema):
    """How many sessions have ended."""

    ended = fields.Integer(required=True)


class OwnAccount(Schema):
    """The operator whose token asks, and which of the tokens that is, and what it may do."""

    name = fields.String(required=True)
    role = _role(required=True)
    sites = _sites(required=True)
    has_totp = fields.Boolean(required=True)
    scopes = _scopes()
    token = fields.Integer(required=True, metadata={"description": "The id of the token that asks."})


class OwnSession(Schema):
    """Where the operator is signed in; while it is not `proven`, the second factor is still to come."""

    id = fields.Integer(required=True)
    proven = fields.Boolean(required=True)
    agent = fields.String(required=True, metadata={"description": "The browser's own word."})
    address = fields.String(required=True, metadata={"description": "The browser's, truncated."})
    created = _time(required=True)
    seen = _time(required=True)


class OwnSessions(Schema):
    """All of them, the newest first."""

    sessions = fields.List(fields.Nested(OwnSession), required=True)


class NewToken(Body):
    """A token to be; what the one that makes it may not, it may not, and it ends with that. `days` null: for good."""

    name = fields.String(required=True, metadata={"description": "What it is for, in 1 to 64 characters."})
    scopes = _scopes(validate=validate.Length(1, len(SCOPES)))
    days = Whole(required=True, allow_none=True, metadata={"minimum": 1, "maximum": LONGEST_DAYS})


class OwnToken(Schema):
    """A token of the operator, without its text."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    scopes = _scopes()
    expires = _time(required=True, allow_none=True)
    created = _time(required=True)
    used = _time(required=True, allow_none=True)
    maker = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The token that it was made by, and ends with."}
    )


class OwnTokens(Schema):
    """All of them, the newest first, those too that have expired."""

    tokens = fields.List(fields.Nested(OwnToken), required=True)


class MadeToken(OwnToken):
    """A token that was made."""

    token = fields.String(required=True, metadata={"description": "Its text, told this once."})
