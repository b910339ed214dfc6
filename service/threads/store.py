"""This room's SQL: a bounded number of queries, each over an index in display order, no ORM objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, true, tuple_
from sqlalchemy.orm import aliased

from service import database
from service.database import AnyRow
from service.models import SHOWN, Comment
from service.threads.cursor import Top

_COLUMNS = (
    Comment.id,
    Comment.page_id,
    Comment.parent_id,
    Comment.root_id,
    Comment.path,
    Comment.depth,
    Comment.number,
    Comment.name,
    Comment.website,
    Comment.operator,
    Comment.html,
    Comment.state,
    Comment.score,
    Comment.rank,
    Comment.replies,
    Comment.created,
    Comment.edited,
    Comment.shadow,
    Comment.told,
)
_ONE = database.Prepared(select(*_COLUMNS).where(Comment.id == bindparam("comment")))
_ROOTS = database.each_of("roots")
_BELOW = aliased(Comment)
_FIRST = (
    select(_BELOW.id)
    .where(_BELOW.root_id == _ROOTS.c.value, text(SHOWN))
    .order_by(_BELOW.path)
    .limit(bindparam("most"))
    .correlate(_ROOTS)
)
_EACH = (
    select(*_COLUMNS)
    .where(Comment.root_id == _ROOTS.c.value, text(SHOWN))
    .order_by(Comment.path)
    .limit(bindparam("most"))
    .lateral("below")
)
#: SQLite knows no LATERAL, and PostgreSQL would go through the whole table for the other
_FIRST_REPLIES = {
    "sqlite": database.Prepared(select(*_COLUMNS).select_from(_ROOTS).join(Comment, Comment.id.in_(_FIRST))),
    "postgresql": database.Prepared(select(_EACH).select_from(_ROOTS).join(_EACH, true())),
}
#: all states but published
_HIDDEN = ("pending", "spam", "deleted")
#: base-36 digits of an id in a path
_STEP = 7
# Sorts behind every digit of a path.
_BEYOND = "~"


def top_level(
    connection: Connection, page_id: int, sort: str, at: Top | None, limit: int, *, backwards: bool = False
) -> Sequence[AnyRow]:
    """Return shown top-level comments of a page in the order of `sort`, those behind `at`.

    With `backwards` those ahead of it, the nearest first.
    """
    found = select(*_COLUMNS).where(
        Comment.page_id == page_id, text("parent_id IS NULL"), text(SHOWN), Comment.number.is_not(None)
    )
    if sort == "best":
        if at is not None:
            # the first condition says where the index is entered: by the second alone it is walked from its beginning
            if backwards:
                behind = (Comment.rank > at.rank) | (Comment.number < at.number)
                found = found.where(Comment.rank >= at.rank, behind)
            else:
                behind = (Comment.rank < at.rank) | (Comment.number > at.number)
                found = found.where(Comment.rank <= at.rank, behind)
        order = (
            (Comment.rank.asc(), Comment.number.desc()) if backwards else (Comment.rank.desc(), Comment.number.asc())
        )
        return connection.execute(found.order_by(*order).limit(limit)).all()
    falling = (sort == "newest") != backwards
    if at is not None:
        found = found.where(Comment.number < at.number if falling else Comment.number > at.number)
    number = Comment.number.desc() if falling else Comment.number.asc()
    return connection.execute(found.order_by(number).limit(limit)).all()


def first_replies(connection: Connection, root_ids: Sequence[int], limit: int) -> Sequence[AnyRow]:
    """Return the first shown replies of each top-level comment, at most `limit` of each, in no order.

    One query: a short range of the index for each of them.
    """
    if not root_ids:
        return []
    return _FIRST_REPLIES[connection.dialect.name].all(connection, {"roots": root_ids, "most": limit})


def replies_of(connection: Connection, root_id: int, within: str, after: str, limit: int) -> Sequence[AnyRow]:
    """Return shown replies below the comment with path `within`, in display order, those behind the path `after`."""
    found = select(*_COLUMNS).where(
        Comment.root_id == root_id,
        text(SHOWN),
        Comment.path > max(within, after),
        Comment.path < within + _BEYOND,
    )
    return connection.execute(found.order_by(Comment.path).limit(limit)).all()


def new_comments(
    connection: Connection, page_id: int, since: int, limit: int, *, last: bool = False
) -> Sequence[AnyRow]:
    """Return the first or the last published comments with greater ids than `since`, in the order they came in."""
    # In the words of one index, and of no other: else PostgreSQL may walk over the ids of all pages' comments, and
    # SQLite over all that is published.
    place = tuple_(Comment.page_id, Comment.id)
    ours = (place > tuple_(page_id, since), place < tuple_(page_id + 1, 0))
    found = select(*_COLUMNS).where(*ours, Comment.state.not_in(_HIDDEN))
    if last:
        return connection.execute(found.order_by(Comment.page_id.desc(), Comment.id.desc()).limit(limit)).all()[::-1]
    return connection.execute(found.order_by(Comment.page_id, Comment.id).limit(limit)).all()


def ancestors(connection: Connection, path: str) -> Sequence[AnyRow]:
    """Return the replies that lead down to the one with this path, itself left out, the topmost first."""
    ids = [int(path[start : start + _STEP], 36) for start in range(0, len(path) - _STEP, _STEP)]
    return sorted(connection.execute(select(*_COLUMNS).where(Comment.id.in_(ids))).all(), key=lambda row: len(row.path))


def find_number(connection: Connection, page_id: int, number: int) -> AnyRow | None:
    """Return a page's top-level comment of that number, whatever its state."""
    return connection.execute(select(*_COLUMNS).where(Comment.page_id == page_id, Comment.number == number)).first()


def find_comment(connection: Connection, comment_id: int) -> Any:
    """Return one comment, whatever its state."""
    return _ONE.first(connection, {"comment": comment_id})


def comment_at_once(comment_id: int) -> Any:
    """Return the same as find_comment(), outside any transaction."""
    return _ONE.at_once({"comment": comment_id})
