"""`Idempotency-Key`: the same request gets the same answer, however often it is sent.

The row is part of the comment's own transaction, so there is an answer to repeat exactly when there is a comment.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.comments import store
from service.comments.draft import Draft
from service.errors import Invalid, Unavailable

#: how long an answer is kept; a client that was offline over a weekend's start still retries safely
KEPT = timedelta(hours=48)
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def is_key(value: str) -> bool:
    """Tell whether `value` may be an idempotency key: 16 to 64 of A-Z, a-z, 0-9, hyphen and underscore."""
    return _KEY.fullmatch(value) is not None


def fingerprint(draft: Draft) -> str:
    """Return what must be equal for two requests to be the same one.

    All but the title, which the page may change, and the form, which is asked for anew.
    """
    return hashlib.sha256(repr(astuple(replace(draft, title="", form=None))[:-1]).encode()).hexdigest()


@dataclass(frozen=True)
class Kept:
    """What is kept of an answer: the comment that it told of, and when it was given."""

    comment_id: int
    created: datetime


def find(connection: Connection, site_id: int, key: str | None, draft: Draft, now: datetime) -> Kept | None:
    """Return what is kept under this key, None if no comment was made by it.

    Raises Invalid when the key was used for another comment.
    """
    if key is None:
        return None
    row = store.find_retry(connection, site_id, key, now - KEPT)
    if row is None:
        return None
    if row.fingerprint != fingerprint(draft):
        raise Invalid({"Idempotency-Key": ["This key was used for another comment; a new comment needs a new key."]})
    return Kept(row.comment_id, row.created)


def keep(connection: Connection, site_id: int, key: str | None, draft: Draft, comment_id: int, now: datetime) -> None:
    """Remember the answer.

    Raises Invalid or Unavailable when the same key made another comment at the same moment, on another page.
    """
    if key is None:
        return
    if not store.insert_retry(connection, site_id, key, fingerprint(draft), comment_id, now, now - KEPT):
        find(connection, site_id, key, draft, now)
        raise Unavailable("This comment is being stored already. Please try again.", 1)
