"""A view of a thread as ready bytes: one indexed look at the page, then the cache, else a bounded number of queries."""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from service import database, pages
from service.errors import NotFound
from service.pages import Place
from service.policy import next_change, state_at
from service.threads import cursor, payload, store, window
from service.threads.cache import Cache, Ready, etag_of
from service.threads.view import View


class Key(NamedTuple):
    """What an answer is kept under: a page, and the view of it."""

    page_id: int
    view: tuple[Any, ...]


class _Known(NamedTuple):
    """What a query asked for, and the versions by which it did."""

    key: Key
    stamp: Hashable


#: grows when the form of an answer changes, so that no client keeps one of the old form
FORMAT = 1


def read(cache: Cache, view: View, longest_body: int, now: datetime, query: bytes | None = None) -> Ready:
    """Return the answer to a view; `query` is what asked for it, to be known by the next time.

    Raises NotAPage, UnknownSite; NotFound for a parent that does not show.
    """
    place = pages.locate_at_once(view.page, view.id, public=True)
    ready = cache.find(_key(place, view), _stamp(place), now)
    if ready is None:
        ready = database.read_public(lambda connection: _build(connection, view, longest_body, now))
        if ready.key is not None:
            cache.keep(ready)
    if query is not None and isinstance(ready.key, Key):
        cache.learn(_name(query), _Known(ready.key, ready.stamp))
    return ready


def read_again(cache: Cache, fresh: pages.Fresh, query: bytes, now: datetime) -> Ready | None:
    """Return the answer to a query that was asked before, None where there is none that holds.

    One look at the page's and the site's version decides, by their ids: an address can come to mean another page only
    by a change that counts one of them up. What the address meant is known for these versions and no others, so that
    somebody else's question for the page, by an address that still means it, does not bring the old one back. Raises
    what the driver raises when the look cannot be had at once.
    """
    known = cache.recall(_name(query))
    if not isinstance(known, _Known):
        return None
    versions = fresh.versions(known.key.page_id)
    return cache.find(known.key, versions, now) if versions == known.stamp else None


def _name(query: bytes) -> bytes:
    return b"thread?" + query


def _key(place: Place, view: View) -> Key | None:
    # until something of a page was seen, its answer has the asker's address
    return Key(place.page.id, view.key()) if place.page is not None and place.page.version else None


def _stamp(place: Place) -> pages.Versions:
    return pages.Versions(place.site.id, place.site.version, place.page.version if place.page else 0)


def get_comment(comment_id: int, place: Place) -> dict[str, Any]:
    """Return one comment as its own author sees it."""
    row = store.comment_at_once(comment_id)
    if row is None:
        raise NotFound("comment")
    return payload.own_comment(row, place.site)


def _build(connection: Connection, view: View, longest_body: int, now: datetime) -> Ready:
    place = pages.locate(connection, view.page, view.id)  # once more, on the view that all else is read from
    shown = window.look(connection, place, view)
    answer = {
        "page": payload.page(place, state_at(place.site, place.page, now)),
        "site": payload.site(place.site, longest_body),
        "comments": shown.comments,
        "next": shown.next and cursor.write(shown.next),
        "previous": shown.previous and cursor.write(shown.previous),
    }
    plain = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    return Ready(
        _stamp(place), etag_of(plain, FORMAT), plain, _key(place, view), now, next_change(place.site, place.page, now)
    )
