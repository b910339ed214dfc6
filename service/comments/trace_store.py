"""SQL for what is kept beside a comment: what the rules said of it, what it said before, where it came from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from service.models import Comment, CommentEdit


def set_judged(connection: Connection, comment_id: int, values: dict[str, Any]) -> None:
    """Store what the rules said of a comment."""
    connection.execute(update(Comment).where(Comment.id == comment_id).values(**values))


def add_edit(connection: Connection, comment_id: int, values: dict[str, Any]) -> None:
    """Keep what a comment said until now."""
    connection.execute(insert(CommentEdit).values(comment_id=comment_id, **values))


def earlier_texts(connection: Connection, comment_id: int) -> tuple[str, ...]:
    """Return what a comment said before its changes."""
    found = select(CommentEdit.body).where(CommentEdit.comment_id == comment_id)
    return tuple(connection.execute(found).scalars())


def sweep_addresses(connection: Connection, before: datetime, limit: int) -> None:
    """Forget where up to `limit` comments from before a time came from, the oldest first."""
    old = select(Comment.id).where(Comment.address.is_not(None), Comment.created < before)
    # what another writer holds just now is left to the next time
    ids = old.order_by(Comment.created).limit(limit).with_for_update(skip_locked=True)
    connection.execute(update(Comment).where(Comment.id.in_(ids.scalar_subquery())).values(address=None))
