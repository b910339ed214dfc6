"""Readers: known only by a reader key, which is kept in the host page's storage and stored here as a hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from service import database
from service.models import Reader

#: 32 random bytes in base64url
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_FIND = database.Prepared(
    select(Reader.id).where(Reader.site_id == bindparam("site"), Reader.key_hash == bindparam("hash"))
)


def is_key(value: str) -> bool:
    """Tell whether `value` has the form of a reader key."""
    return _KEY.fullmatch(value) is not None


def new_key(secret: str, seed: str | None) -> str:
    """Return a new reader key.

    With a `seed` (site, idempotency key and moment of the request) the key follows from it and the service's secret: a
    retry after a lost answer is told the same key again, though only its hash is stored.
    """
    if seed is None:
        return secrets.token_urlsafe(32)
    made = hmac.digest(secret.encode(), f"reader {seed}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode("ascii")


def find(connection: Connection, site_id: int, key: str) -> int | None:
    """Return the id of the site's reader with this key, None if there is none."""
    row = _FIND.first(connection, {"site": site_id, "hash": _hashed(key)})
    return None if row is None else row.id


def hold(connection: Connection, reader_id: int) -> None:
    """Keep others from writing in a reader's name until the transaction ends. SQLite's write lock does so already."""
    connection.execute(select(Reader.id).where(Reader.id == reader_id).with_for_update())


def remove(connection: Connection, reader_id: int) -> None:
    """Delete a reader, with all votes and reports; comments of theirs belong to nobody then."""
    connection.execute(delete(Reader).where(Reader.id == reader_id))


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def reserve(connection: Connection, site_id: int, key: str) -> None:
    """Let nobody else make the site's reader with this key until the transaction ends.

    To be called before limits are spent by whoever makes the reader after that: all take locks in one order.
    """
    database.hold(connection, [f"reader {site_id} {_hashed(key)}"])


def take(connection: Connection, site_id: int, key: str, now: datetime, *, new: bool = False) -> int:
    """Return the id of the site's reader with this key, made if new; `new` says that this is likely."""
    if not new and (known := find(connection, site_id, key)) is not None:
        return known
    reserve(connection, site_id, key)
    values = {"site_id": site_id, "key_hash": _hashed(key), "created": now}
    while (made := database.insert_if_new(connection, Reader, values)) is None:
        # two pages may make the same reader at once; whoever is second waits here, and then finds the first one's
        if (found := find(connection, site_id, key)) is not None:
            return found
    return int(made[0])
