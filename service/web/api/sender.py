"""Who sends a request, as far as its headers tell."""

from __future__ import annotations

from flask import Request

from service import comments
from service.comments import Sender
from service.errors import Invalid, NoReaderKey
from service.people import address, readers
from service.web import state

#: how a reader key is described in the API: its scheme, and the routes that need it or take it
KEY_SCHEME = {"type": "http", "scheme": "bearer", "description": "The reader key that came with the first comment."}
KEY_NEEDED: list[dict[str, list[str]]] = [{"readerKey": []}]
KEY_TAKEN = [*KEY_NEEDED, {}]
RETRY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"},
    "description": (
        "At random for each comment, and the same when it is sent again: who knows it and the comment within two days "
        "is told the answer once more, its author's new reader key included."
    ),
}


def sender(asked: Request) -> Sender:
    """Return who sends. Raises Invalid for headers that are there and cannot be right."""
    secret = state.settings().secret_key
    client = state.client_address(asked)
    buckets = address.buckets(secret, client, state.now())
    network = address.truncated(client) or None
    return Sender(buckets, reader_key(asked), _retry_key(asked), network, client)


def known_sender(asked: Request) -> Sender:
    """Return who sends, or raise NoReaderKey when no reader key says so."""
    found = sender(asked)
    if found.reader_key is None:
        raise NoReaderKey
    return found


def reader_key(asked: Request) -> str | None:
    """Return the reader key, None where none is sent. Raises Invalid for what has not the form of one."""
    given = asked.headers.get("Authorization")
    if given is None:
        return None
    scheme, _, key = given.partition(" ")
    if scheme.lower() != "bearer" or not readers.is_key(key.strip()):
        raise Invalid({"Authorization": ["Must be Bearer and a reader key."]})
    return key.strip()


def _retry_key(asked: Request) -> str | None:
    key = asked.headers.get("Idempotency-Key")
    if key is not None and not comments.is_retry_key(key):
        raise Invalid({"Idempotency-Key": ["Must have 16 to 64 letters, digits, hyphens or underscores."]})
    return key
