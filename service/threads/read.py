"""A view of a thread as ready bytes: one indexed look at the page, then the cache, else a bounded number of queries."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service import database, pages
from service.errors import NotFound
from service.pages import Place
from service.policy import next_change, state_at
from service.threads import cursor, payload, store, window
from service.threads.cache import Cache, Ready
from service.threads.view import View

#: grows when the form of an answer changes, so that no client keeps one of the old form
FORMAT = 1


def read(cache: Cache, view: View, longest_body: int, now: datetime) -> tuple[Ready, datetime | None]:
    """Return the answer to a view, and until when it may be kept at most (None: its age alone decides).

    Raises NotAPage, UnknownSite; NotFound for a parent that does not show.
    """
    place = pages.locate_at_once(view.page, view.id, public=True)
    ready = cache.find(_key(place, view), _stamp(place, now))
    if ready is None:
        place, ready = database.read_public(lambda connection: _build(connection, view, longest_body, now))
        if place.page is not None and place.page.version:  # until then the answer has the asker's address
            cache.keep(_key(place, view), ready)
    return ready, next_change(place.site, place.page, now)


def _key(place: Place, view: View) -> tuple[Any, ...]:
    return (place.page.id if place.page else None, *view.key())


def _stamp(place: Place, now: datetime) -> tuple[Any, ...]:
    return (place.page.version if place.page else None, place.site.version, state_at(place.site, place.page, now))


def get_comment(comment_id: int, place: Place) -> dict[str, Any]:
    """Return one comment as its own author sees it."""
    with database.read() as connection:
        row = store.find_comment(connection, comment_id)
    if row is None:
        raise NotFound("comment")
    return payload.own_comment(row, place.site)


def _build(connection: Connection, view: View, longest_body: int, now: datetime) -> tuple[Place, Ready]:
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
    # From the content, so that it stays true when a database is restored and its versions count anew.
    etag = f'W/"{FORMAT}-{hashlib.sha256(plain).hexdigest()[:24]}"'
    return place, Ready(_stamp(place, now), etag, plain)
