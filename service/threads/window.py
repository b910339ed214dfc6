"""Which comments a view shows: a window on the thread's display order, found by a bounded number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from service.database import AnyRow
from service.errors import NotFound
from service.pages import Page, Place
from service.threads import cursor, payload, store
from service.threads.cursor import Cursor, Reply, Top
from service.threads.view import View

#: top-level comments, further replies, or new comments in one answer
PAGE_SIZE = 50
#: replies shown under one top-level comment before they are asked for
REPLIES_SHOWN = 20
#: an answer is cut behind the top-level comment that brings its text over this many characters, for slow connections
MOST_TEXT = 150_000


@dataclass(frozen=True)
class Window:
    """Comments in display order, and the cursors of what follows and of what comes before."""

    comments: list[dict[str, Any]]
    next: Cursor | None = None
    previous: Cursor | None = None


def look(connection: Connection, place: Place, view: View) -> Window:
    """Return what a view shows. Raises NotFound for a comment that is named and does not show."""
    if place.page is None:
        if view.parent is not None or view.at is not None or view.number is not None:
            raise NotFound("comment")
        return Window([])
    if view.parent is not None:
        return _below(connection, place, place.page, view, view.parent)
    if view.since is not None:
        rows = store.new_comments(connection, place.page.id, view.since, PAGE_SIZE, last=view.sort == "newest")
        return Window([payload.comment(row, place.site) for row in rows])
    if view.at is not None or view.number is not None:
        return _around(connection, place, place.page, view)
    if view.before is not None:
        return _ahead(connection, place, place.page, view, view.before)
    after = view.after if isinstance(view.after, Top) else None
    roots = store.top_level(connection, place.page.id, view.sort, after, PAGE_SIZE + 1)
    # what was last shown may be gone since, and all before it: then this leads to an empty part, and on from there
    previous = _at(roots[0], view.sort) if after and roots else after
    return _page(connection, place, view.sort, roots, previous=previous)


def _page(
    connection: Connection,
    place: Place,
    sort: str,
    roots: Sequence[AnyRow],
    *,
    previous: Cursor | None = None,
    wanted: AnyRow | None = None,
) -> Window:
    # roots: one more than are shown, if there are so many. wanted: a reply that must be among those shown
    below: dict[int, list[AnyRow]] = defaultdict(list)
    asked = [row.id for row in roots[:PAGE_SIZE] if row.replies]
    for row in store.first_replies(connection, asked, REPLIES_SHOWN + 1):
        below[row.root_id].append(row)
    comments: list[dict[str, Any]] = []
    last, text = None, 0
    for last in roots[:PAGE_SIZE]:
        replies = sorted(below[last.id], key=lambda row: row.path)
        cut, earlier = len(replies) > REPLIES_SHOWN, None
        if wanted is not None and wanted.root_id == last.id and replies[:REPLIES_SHOWN][-1].path < wanted.path:
            # the comments that a far reply answers, then the reply and what follows it
            onward = store.replies_of(connection, last.id, "", wanted.path, REPLIES_SHOWN + 1)
            replies = [*store.ancestors(connection, wanted.path), wanted, *onward]
            cut, earlier = len(onward) > REPLIES_SHOWN, Reply("")
        shown = replies[:-1] if cut else replies
        more = Reply(shown[-1].path) if cut else None
        comments.append(payload.comment(last, place.site, more=_written(more), earlier=_written(earlier)))
        comments.extend(payload.comment(row, place.site) for row in shown)
        text += len(last.html) + sum(len(row.html) for row in shown)
        if text > MOST_TEXT:
            break
    following = _at(last, sort) if last is not None and last is not roots[-1] else None
    return Window(comments, following, previous)


def _ahead(connection: Connection, place: Place, page: Page, view: View, before: Top) -> Window:
    rows = store.top_level(connection, page.id, view.sort, before, PAGE_SIZE + 1, backwards=True)
    roots = list(reversed(rows[:PAGE_SIZE]))
    window = _page(connection, place, view.sort, roots)
    # Too long for one answer: it is cut at its start, so that it still meets what was asked from.
    while window.next and len(roots) > 1:
        roots = roots[(len(roots) + 1) // 2 :]
        window = _page(connection, place, view.sort, roots)
    previous = _at(roots[0], view.sort) if len(rows) > len(roots) else None
    # even the last of these is followed by the one that was asked from
    following = window.next or (_at(roots[-1], view.sort) if roots else before)
    return Window(window.comments, following, previous)


def _around(connection: Connection, place: Place, page: Page, view: View) -> Window:
    if view.number is not None:
        wanted = store.find_number(connection, page.id, view.number)
    else:
        wanted = store.find_comment(connection, view.at or 0)
    if wanted is None or wanted.page_id != page.id or not _shows(wanted):
        raise NotFound("comment")
    root = wanted if wanted.root_id is None else store.find_comment(connection, wanted.root_id)
    if root is None or root.number is None:
        raise NotFound("comment")
    here = _at(root, view.sort)
    ahead = store.top_level(connection, page.id, view.sort, here, 1, backwards=True)
    roots = [root, *store.top_level(connection, page.id, view.sort, here, PAGE_SIZE)]
    reply = wanted if wanted.root_id is not None else None
    return _page(connection, place, view.sort, roots, previous=here if ahead else None, wanted=reply)


def _below(connection: Connection, place: Place, page: Page, view: View, parent: int) -> Window:
    row = store.find_comment(connection, parent)
    if row is None or row.page_id != page.id or not _shows(row):
        raise NotFound("comment")
    after = view.after.path if isinstance(view.after, Reply) else ""
    rows = store.replies_of(connection, row.root_id or row.id, row.path, after, PAGE_SIZE + 1)
    shown, text = [], 0
    for found in rows[:PAGE_SIZE]:
        shown.append(found)
        text += len(found.html)
        if text > MOST_TEXT:
            break
    following = Reply(shown[-1].path) if len(rows) > len(shown) else None
    return Window([payload.comment(found, place.site) for found in shown], following)


def _shows(row: AnyRow) -> bool:
    return bool(row.state == "published" or row.replies)


def _at(row: AnyRow, sort: str) -> Top:
    return Top(row.number, row.rank if sort == "best" else None)


def _written(at: Cursor | None) -> str | None:
    return None if at is None else cursor.write(at)
