"""This room's SQL: what was spent of limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from service.models import Spent


def spent(
    connection: Connection, buckets: Sequence[str], since: datetime, until: datetime, count: int
) -> tuple[int, datetime | None]:
    """Return how many uses lie in (since, until], counted up to `count`, and the oldest of those counted.

    When that one leaves the window there is room again.
    """
    found = (
        select(Spent.at)
        .where(Spent.bucket.in_(buckets), Spent.at > since, Spent.at <= until)
        .order_by(Spent.at.desc())
        .limit(count)
    )
    times = connection.execute(found).scalars().all()
    return len(times), times[-1] if times else None


def add_spent(connection: Connection, bucket: str, now: datetime) -> None:
    """Store one use."""
    connection.execute(insert(Spent).values(bucket=bucket, at=now))


def sweep(connection: Connection, before: datetime, limit: int) -> int:
    """Delete up to `limit` uses that no window reaches any more, and return how many."""
    old = select(Spent.id).where(Spent.at < before).order_by(Spent.at).limit(limit).scalar_subquery()
    return connection.execute(delete(Spent).where(Spent.id.in_(old))).rowcount
