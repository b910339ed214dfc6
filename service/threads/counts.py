"""Counts of many pages as ready bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from service import database, pages
from service.pages import Fresh, Meant
from service.threads.cache import Cache, Ready, etag_of


def count(cache: Cache, query: bytes, asked: Sequence[tuple[str, str | None]]) -> Ready:
    """Return how many published comments each page has; an address of no registered site is left out.

    An address may come with the owner's own id of its page. `query` is what asked for them, to be known by.
    """

    def look(connection: Connection) -> tuple[Meant, dict[str, int]]:
        meant = pages.meant(connection, asked)
        return meant, pages.counts(connection, meant)

    meant, found = database.read_public(look)
    if meant.complete:
        cache.learn(_name(query), meant)
    return _ready(found)


def count_again(cache: Cache, fresh: Fresh, query: bytes, now: datetime) -> Ready | None:
    """Return the answer to a query that was asked before, None where what it means is not known for sure.

    The numbers are looked up anew; only what they are made into is kept. Raises what the driver raises when the look
    cannot be had at once.
    """
    name = _name(query)
    meant = cache.recall(name)
    found = pages.counts_again(fresh, meant) if isinstance(meant, Meant) else None
    if found is None:
        return None
    stamp = tuple(found.values())
    ready = cache.find(name, stamp, now)
    if ready is None:
        ready = _ready(found)
        ready.key, ready.stamp = name, stamp
        cache.keep(ready)
    return ready


def _ready(found: dict[str, int]) -> Ready:
    plain = json.dumps({"counts": found}, ensure_ascii=False, separators=(",", ":")).encode()
    return Ready(None, etag_of(plain), plain)


def _name(query: bytes) -> bytes:
    return b"counts?" + query
