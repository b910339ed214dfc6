"""What was asked of the queue: view, filters, order, cursor; and the schema that says what may be asked.

A cursor names the last comment that was looked at, never an offset: what is decided meanwhile shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate

from service.comments.draft import Line, When
from service.errors import Invalid
from service.models import LARGEST_ID
from service.pages.key import MAX_URL

#: the tabs of the queue; "reported" are those with reports that nobody has answered
VIEWS = ("pending", "reported", "spam", "published", "deleted", "all")
ORDERS = ("newest", "oldest")
_BY_ID = re.compile(r"1q(\d{1,16})")
_BY_TIME = re.compile(r"1t(-?\d{1,17}) (\d{1,16})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """At the comment with this id; with its time only where comments are walked by time."""

    id: int
    created: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """A part of the queue.

    `page` is a page's address or its id here, `author` a name, an e-mail address or a reader's id, `text` stands
    somewhere in the body, `since` and `until` bound the time at which comments were written, the latter exclusively.
    """

    view: str = "pending"
    site: str | None = None
    page: str | None = None
    author: str | None = None
    rule: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: str = "newest"
    after: Cursor | None = None


def write(cursor: Cursor) -> str:
    """Return the cursor as clients carry it."""
    plain = f"1q{cursor.id}"
    if cursor.created is not None:
        plain = f"1t{(cursor.created - _EPOCH) // timedelta(microseconds=1)} {cursor.id}"
    return base64.urlsafe_b64encode(plain.encode()).rstrip(b"=").decode("ascii")


def parse(value: str) -> Cursor | None:
    """Return what `value` says, None for what no version of ours wrote."""
    try:
        plain = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    if match := _BY_ID.fullmatch(plain):
        return Cursor(int(match[1])) if int(match[1]) <= LARGEST_ID else None
    if (match := _BY_TIME.fullmatch(plain)) and int(match[2]) <= LARGEST_ID:
        with suppress(OverflowError):  # a moment beyond the calendar
            return Cursor(int(match[2]), _EPOCH + timedelta(microseconds=int(match[1])))
    return None


class _Term(Line):
    """What is looked for, in the shape in which it would be stored; an empty field of a form asks for nothing."""

    def __init__(self, longest: int, text: str) -> None:
        super().__init__(longest, load_default=None)
        self.metadata = {"maxLength": longest, "description": text}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs) or None
        except ValueError as error:
            raise error if isinstance(error, ValidationError) else ValidationError("This cannot be text.") from None


class AskedSchema(Schema):
    """The query of the queue."""

    class Meta:
        unknown = RAISE

    view = fields.String(load_default="pending", validate=validate.OneOf(VIEWS))
    site = _Term(64, "Only this site, by name.")
    page = _Term(MAX_URL, "Only this page, by address or by its id here.")
    author = _Term(254, "Only this author, by name, by e-mail address or by the reader's id.")
    rule = _Term(40, "Only what this rule held.")
    text = _Term(200, "Only comments with this in their text.")
    since = When(load_default=None, metadata={"description": "Written then or later."})
    until = When(load_default=None, metadata={"description": "Written before that."})
    order = fields.String(load_default="newest", validate=validate.OneOf(ORDERS))
    after = fields.String(
        load_default=None,
        validate=validate.Length(1, 100),
        metadata={"description": "A cursor from an earlier answer."},
    )

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Asked:
        if values["after"] is not None:
            found = parse(values["after"])
            if found is None:
                raise ValidationError("This is no cursor of the queue.", "after")
            values["after"] = found
        return Asked(**values)


def load(values: dict[str, Any]) -> Asked:
    """Return what is asked in `values`, those that are None left out; raises Invalid. For doors other than HTTP's."""
    given = {name: value for name, value in values.items() if value is not None}
    try:
        asked: Asked = AskedSchema(unknown=EXCLUDE).load(given)
    except ValidationError as error:
        faults = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(faults) from error
    return asked
