"""This room's SQL: a bounded number of queries, each over an index in display order, no ORM objects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, text, union_all

from service.database import AnyRow
from service.models import SHOWN, Comment

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
    Comment.replies,
    Comment.created,
    Comment.edited,
)
# Sorts behind every digit of a path.
_BEYOND = "~"


def top_level(connection: Connection, page_id: int, after: int | None, newest: bool, limit: int) -> Sequence[AnyRow]:
    """Return shown top-level comments of a page by number, those behind `after`."""
    found = select(*_COLUMNS).where(
        Comment.page_id == page_id, text("parent_id IS NULL"), text(SHOWN), Comment.number.is_not(None)
    )
    if after is not None:
        found = found.where(Comment.number < after if newest else Comment.number > after)
    order = Comment.number.desc() if newest else Comment.number.asc()
    return connection.execute(found.order_by(order).limit(limit)).all()


def first_replies(connection: Connection, root_ids: Sequence[int], limit: int) -> Sequence[AnyRow]:
    """Return the first shown replies of each top-level comment, in display order, at most `limit` of each.

    One query: a short range of the index for each of them, joined by UNION ALL.
    """
    if not root_ids:
        return []
    parts = [
        select(
            select(*_COLUMNS)
            .where(Comment.root_id == root_id, text(SHOWN))
            .order_by(Comment.path)
            .limit(limit)
            .subquery(f"r{place}")
        )
        for place, root_id in enumerate(root_ids)
    ]
    return connection.execute(union_all(*parts)).all()


def replies_of(connection: Connection, root_id: int, within: str, after: str, limit: int) -> Sequence[AnyRow]:
    """Return shown replies below the comment with path `within`, in display order, those behind the path `after`."""
    found = select(*_COLUMNS).where(
        Comment.root_id == root_id,
        text(SHOWN),
        Comment.path > max(within, after),
        Comment.path < within + _BEYOND,
    )
    return connection.execute(found.order_by(Comment.path).limit(limit)).all()


def find_comment(connection: Connection, comment_id: int) -> AnyRow | None:
    """Return one comment, whatever its state."""
    return connection.execute(select(*_COLUMNS).where(Comment.id == comment_id)).first()
