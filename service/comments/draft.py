"""*The* limits of what a comment may hold: one schema for readers, operators and imports alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate

from service.errors import Invalid
from service.models import LARGEST_ID
from service.pages import fields as page_fields
from service.policy import work
from service.text import clean_body, clean_line, safe_url, visible

BODY_CHARACTERS = 10_000  # code points after NFC, and so at most 40,000 bytes
NAME = 64
EMAIL = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
WEBSITE = 2_048
TITLE = 300
FORM = 300  # a token of ours has 60 characters; what fills a trap may be cut nowhere, so it has an end

# what has a scheme; in example.org:8080 the colon ends a host
_SCHEME = re.compile(r"(?![^/:]+\.[^/:]+:\d)[^/]*:")


@dataclass(frozen=True)
class Author:
    """What a reader says of themselves; nothing of it is checked, and only name and website are ever shown."""

    name: str = ""
    email: str = ""
    website: str = ""


@dataclass(frozen=True)
class Form:
    """What a form sends beside the comment, where the site asks for it; see policy.traps and policy.work."""

    token: str = ""
    trap: str = ""
    work: str = ""


@dataclass(frozen=True)
class Draft:
    """A comment that somebody wants to write, its fields clean and within their limits."""

    page: str
    body: str
    author: Author
    id: str | None = None
    title: str = ""
    parent: int | None = None
    form: Form | None = None  # the last field: no part of what makes two requests the same


def _cleaned(clean: Callable[[str], str], value: str) -> str:
    try:
        return clean(value)
    except ValueError as error:  # NUL, half of a surrogate pair: JSON bodies are judged before, queries are not
        raise ValidationError(str(error)) from None


class Line(fields.String):
    """One line of text, cleaned, at most `longest` code points of it."""

    def __init__(self, longest: int, **kwargs: Any) -> None:
        super().__init__(metadata={"maxLength": longest}, **kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        line = _cleaned(clean_line, super()._deserialize(value, attr, data, **kwargs))
        if len(line) > self.longest:
            raise ValidationError(f"This may have {self.longest} characters; it has {len(line)}.")
        return line


class Name(Line):
    """A name; one of which nothing can be seen is none."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        line = super()._deserialize(value, attr, data, **kwargs)
        return line if visible(line) else ""


class Email(Line):
    """An e-mail address, optional: an empty line is none."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        line = super()._deserialize(value, attr, data, **kwargs)
        if not line:
            return ""
        try:
            return validate_email(line, check_deliverability=False).normalized
        except EmailNotValidError:
            raise ValidationError("This is not an e-mail address.") from None


class Website(Line):
    """The address of a website, optional; `example.org` is taken as `https://example.org`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        line = super()._deserialize(value, attr, data, **kwargs)
        if not line:
            return ""
        address = safe_url(line if _SCHEME.match(line) else f"https://{line}")
        if address is None or len(address) > self.longest:
            raise ValidationError("This is not the address of a website.")
        return address


class Body(fields.String):
    """The text of a comment, as typed, cleaned."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        body = _cleaned(clean_body, super()._deserialize(value, attr, data, **kwargs))
        if not visible(body):
            raise ValidationError("Please write something first.")
        if len(body) > BODY_CHARACTERS:
            raise ValidationError(f"A comment may have {BODY_CHARACTERS:,} characters; this one has {len(body):,}.")
        return body


class Whole(fields.Integer):
    """A whole number and nothing else: neither 1.0 nor "1" nor true, which Python counts as 1."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Not a whole number.")
        if not 1 <= value <= LARGEST_ID:
            raise ValidationError("Out of range.")
        return value


class When(fields.AwareDateTime):
    """A moment as ISO 8601 has it, of UTC where it names no zone, and in UTC afterwards."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("iso", default_timezone=UTC, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        moment = super()._deserialize(value, attr, data, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError("This lies beyond the calendar.") from None


class AuthorSchema(Schema):
    """An author's fields, all of them optional here; a site may ask for a name."""

    class Meta:
        unknown = RAISE

    name = Name(NAME, load_default="")
    email = Email(EMAIL, load_default="")
    website = Website(WEBSITE, load_default="")

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Author:
        return Author(**values)


class FormSchema(Schema):
    """What came with the form, as it came: whether it is good is for the rules to say."""

    class Meta:
        unknown = RAISE

    token = fields.String(load_default="", validate=validate.Length(0, FORM))
    trap = fields.String(load_default="", validate=validate.Length(0, FORM))
    work = fields.String(load_default="", validate=validate.Length(0, work.LONGEST))

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Form:
        return Form(**values)


class DraftSchema(Schema):
    """A comment as it is sent; `unknown` fields are refused, so that nothing of the stored row can be smuggled in."""

    class Meta:
        unknown = RAISE

    page = page_fields.address()
    id = page_fields.owners_id()
    title = Line(TITLE, load_default="")
    parent = Whole(load_default=None, allow_none=True, metadata={"description": "The comment replied to."})
    body = Body(required=True, metadata={"maxLength": BODY_CHARACTERS, "description": "Markdown subset."})
    author = fields.Nested(AuthorSchema, load_default=Author)
    form = fields.Nested(
        FormSchema, load_default=None, metadata={"description": "From /api/v1/form, where the site asks for it."}
    )

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Draft:
        return Draft(**values)


def load(values: Mapping[str, Any]) -> Draft:
    """Return the draft in `values`, judged like any reader's; raises Invalid. For doors other than HTTP's."""
    try:
        draft: Draft = DraftSchema(unknown=EXCLUDE).load(values)
    except ValidationError as error:
        fields_at_fault = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(fields_at_fault) from error
    return draft
