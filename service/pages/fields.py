"""How a request names a page: the same two fields in every schema."""

from __future__ import annotations

from marshmallow import fields, validate

from service.pages.key import MAX_ID, MAX_URL


def address() -> fields.String:
    """Return the field for a page's address."""
    return fields.String(required=True, validate=validate.Length(1, MAX_URL), metadata={"description": "Page address."})


def owners_id() -> fields.String:
    """Return the field for the owner's own id of a page, which may be left out."""
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, MAX_ID),
        metadata={"description": "Owner's page id."},
    )
