"""The plain page's form: what came back is read strictly, and a signed token tells whether it was a form of ours.

The token stands in no cookie. It is bound to the page by its salt and says when the form was made; its random part
doubles as the idempotency key, so that a double click stores one comment.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from flask import Request
from itsdangerous import BadData, URLSafeSerializer
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from service.comments import Draft, DraftSchema
from service.errors import Invalid, Malformed
from service.pages import Place
from service.policy import Filled

#: the longest comment has 40,000 bytes, each of them three in a form; and there are the other fields
MOST_BYTES = 192 * 1024
MOST_FIELDS = 32
#: how long a form may stay open before it is sent: long enough for a considered answer
LIFETIME = timedelta(hours=2)
#: how far ahead of our clock a form may have been made, by another process's
_AHEAD = timedelta(minutes=1)
#: a field that people do not see, under a name that invites machines and that no browser fills in by itself
TRAP = "subject"
_FIELDS = ("token", "page", "id", "parent", "name", "email", "website", "body", TRAP)
_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Typed:
    """A form's fields as they came; `others` are fields that no form of ours has.

    `damage` says what is wrong with the characters, which were then replaced or taken out.
    """

    token: str = ""
    page: str = ""
    id: str = ""
    parent: str = ""
    name: str = ""
    email: str = ""
    website: str = ""
    body: str = ""
    subject: str = ""
    others: tuple[str, ...] = ()
    damage: str = ""

    def draft(self) -> Draft:
        """Return the draft that was typed, judged by the schema that the API has. Raises Malformed, Invalid."""
        if self.damage:
            raise Malformed(self.damage)
        author = {"name": self.name, "email": self.email, "website": self.website}
        values: dict[str, Any] = dict.fromkeys(self.others, "")
        values |= {"page": self.page, "body": self.body, "author": author}
        values |= {"id": self.id or None, "parent": _whole(self.parent)}
        try:
            draft: Draft = DraftSchema().load(values)
        except ValidationError as error:
            raise Invalid(error.normalized_messages()) from error  # type: ignore[no-untyped-call]
        return draft


@dataclass(frozen=True)
class Token:
    """A token that is genuine; a stale one is known by its key all the same.

    `begun` is when its form was first shown, in seconds since 1970: it may have come back with a fault since.
    """

    key: str
    stale: bool
    begun: int


def read(asked: Request) -> Typed:
    """Return what was typed. Raises UnsupportedMediaType, RequestEntityTooLarge, Malformed."""
    if asked.mimetype != _TYPE:
        raise UnsupportedMediaType(f"A comment is sent from its form, as {_TYPE}.")
    asked.max_content_length = MOST_BYTES
    too_long = RequestEntityTooLarge("This is far longer than a comment can be. Go back to your text to shorten it.")
    try:
        raw = asked.get_data(cache=False)
    except RequestEntityTooLarge:
        raise too_long from None
    if asked.content_length is None and len(raw) >= MOST_BYTES:
        raise too_long  # werkzeug cuts a body of unannounced length at the limit without a word
    return _typed(raw)


def _typed(raw: bytes) -> Typed:
    found: dict[str, str] = {}
    damage = ""
    for name, value in _pairs(raw):
        if name in found:
            raise Malformed("The form holds a field twice.")
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode(errors="replace")
            damage = "Some characters could not be read. They show as \ufffd below: please put them right."
        if "\0" in text:
            text = text.replace("\0", "")
            damage = "There were NUL characters, which no comment can hold. They were taken out: please look it over."
        found[name] = text
    others = tuple(found.keys() - set(_FIELDS))
    return Typed(**{name: found.get(name, "") for name in _FIELDS}, others=others, damage=damage)


def _pairs(raw: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        # latin-1 takes every byte as it is, so that broken UTF-8 can be told from whole
        pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Malformed(f"The form has more than {MOST_FIELDS} fields.") from None
    for name, value in pairs:
        yield name, value.encode("latin-1")


def _whole(value: str) -> int | str | None:
    # what is no number is left to the schema, which says so
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else value or None


def make_token(secret: str, place: Place, now: datetime, used: Token | None = None) -> str:
    """Return a token for a form under the place's page; `used` is one that was sent, and goes on with what it was."""
    time = int(now.timestamp())
    parts = [time, used.key, used.begun] if used else [time, secrets.token_urlsafe(16), time]
    made: str = _serializer(secret, place).dumps(parts)
    return made


def find_token(secret: str, place: Place, value: str, now: datetime) -> Token | None:
    """Return what a token says, None for one that we did not make for this page."""
    try:
        made, key, *begun = _serializer(secret, place).loads(value)
    except BadData:
        return None
    age = now.timestamp() - made
    return Token(key, not -_AHEAD.total_seconds() <= age <= LIFETIME.total_seconds(), begun[0] if begun else made)


def filled(token: Token, typed: Typed, now: datetime) -> Filled:
    """Return what the form tells for the rules; no work can be done by a page without a script."""
    return Filled("good", max(0.0, now.timestamp() - token.begun), bool(typed.subject), "impossible")


def _serializer(secret: str, place: Place) -> URLSafeSerializer:
    kinds = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(secret, salt=f"form {place.site.id} {place.key}", signer_kwargs=kinds)
