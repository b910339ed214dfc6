"""A view of a thread as ready bytes: one indexed look at the page, then the cache, else a bounded number of queries."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service import database, pages
from service.errors import NotFound
from service.pages import Place
from service.policy import next_change, state_at
from service.threads import cursor, payload, store
from service.threads.cache import Cache, Ready
from service.threads.view import View, path_after, top_after

#: top-level comments, or further replies, in one answer
PAGE_SIZE = 50
#: replies shown under one top-level comment before they are asked for
REPLIES_SHOWN = 20
#: an answer is cut behind the top-level comment that brings its text over this many characters, for slow connections
MOST_TEXT = 150_000
#: grows when the form of an answer changes, so that no client keeps one of the old form
FORMAT = 1


def read(cache: Cache, view: View, longest_body: int, now: datetime) -> tuple[Ready, datetime | None]:
    """Return the answer to a view, and until when it may be kept at most (None: its age alone decides).

    Raises NotAPage, UnknownSite; NotFound for a parent that does not show.
    """
    place = pages.locate_at_once(view.page, view.id)
    ready = cache.find(_key(place, view), _stamp(place, now))
    if ready is None:
        with database.read() as connection:
            place = pages.locate(connection, view.page, view.id)  # once more, on the view that all else is read from
            ready = _build(connection, place, view, longest_body, now)
        if place.page is not None:
            cache.keep(_key(place, view), ready)
    return ready, next_change(place.page, now)


def _key(place: Place, view: View) -> tuple[Any, ...]:
    return (place.page.id if place.page else None, *view.key())


def _stamp(place: Place, now: datetime) -> tuple[Any, ...]:
    return (place.page.version if place.page else None, place.site.version, state_at(place.page, now))


def get_comment(comment_id: int, place: Place) -> dict[str, Any]:
    """Return one comment as its own author sees it."""
    with database.read() as connection:
        row = store.find_comment(connection, comment_id)
    if row is None:
        raise NotFound("comment")
    return payload.comment(row, place.site, own=True)


def _build(connection: Connection, place: Place, view: View, longest_body: int, now: datetime) -> Ready:
    if view.parent is not None:
        comments, following = _below(connection, place, view, view.parent)
    else:
        comments, following = _top(connection, place, view)
    answer = {
        "page": payload.page(place, state_at(place.page, now)),
        "site": payload.site(place.site, longest_body),
        "comments": comments,
        "next": following,
    }
    plain = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    # From the content, so that it stays true when a database is restored and its versions count anew.
    etag = f'W/"{FORMAT}-{hashlib.sha256(plain).hexdigest()[:24]}"'
    return Ready(_stamp(place, now), etag, plain)


def _top(connection: Connection, place: Place, view: View) -> tuple[list[dict[str, Any]], str | None]:
    if place.page is None:
        return [], None
    newest = view.sort == "newest"
    roots = store.top_level(connection, place.page.id, top_after(view), newest, PAGE_SIZE + 1)
    below = defaultdict(list)
    for row in store.first_replies(connection, [row.id for row in roots[:PAGE_SIZE] if row.replies], REPLIES_SHOWN + 1):
        below[row.root_id].append(row)
    comments: list[dict[str, Any]] = []
    last, text = None, 0
    for last in roots[:PAGE_SIZE]:
        replies = sorted(below[last.id], key=lambda row: row.path)
        cut = replies[:REPLIES_SHOWN]
        more = cursor.write(cursor.Reply(cut[-1].path)) if len(replies) > REPLIES_SHOWN else None
        comments.append(payload.comment(last, place.site, more))
        comments.extend(payload.comment(row, place.site) for row in cut)
        text += len(last.html) + sum(len(row.html) for row in cut)
        if text > MOST_TEXT:
            break
    following = cursor.write(cursor.Top(last.number)) if last is not None and last is not roots[-1] else None
    return comments, following


def _fitting(rows: Any) -> list[database.AnyRow]:
    fitting, text = [], 0
    for row in rows:
        fitting.append(row)
        text += len(row.html)
        if text > MOST_TEXT:
            break
    return fitting


def _below(connection: Connection, place: Place, view: View, parent: int) -> tuple[list[dict[str, Any]], str | None]:
    row = store.find_comment(connection, parent)
    if (
        row is None
        or place.page is None
        or row.page_id != place.page.id
        or not (row.state == "published" or row.replies)
    ):
        raise NotFound("comment")
    rows = store.replies_of(connection, row.root_id or row.id, row.path, path_after(view), PAGE_SIZE + 1)
    shown = _fitting(rows[:PAGE_SIZE])
    following = cursor.write(cursor.Reply(shown[-1].path)) if len(rows) > len(shown) else None
    return [payload.comment(found, place.site) for found in shown], following
