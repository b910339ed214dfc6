"""This room's SQL: what was spent of limits, what rules look at, and the rules of sites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from service import database
from service.database import AnyRow
from service.models import Comment, Site, Spent

#: values in one IN list
_AT_ONCE = 500
_JUDGED = (
    Comment.id,
    Comment.body,
    Comment.html,
    Comment.name,
    Comment.email,
    Comment.website,
    Comment.reader_id,
    Comment.state,
    Comment.rule,
    Comment.checked,
    Comment.spam_score,
    Comment.created,
)

# asked for each comment, so made once
_SPENT = database.Prepared(
    select(Spent.at)
    .where(
        database.is_one_of(Spent.bucket, "buckets"),
        Spent.at > bindparam("since"),
        Spent.at <= bindparam("until"),
    )
    .order_by(Spent.at.desc())
    .limit(bindparam("most"))
)
_SPEND = database.Prepared(insert(Spent))
_SWEEP = delete(Spent).where(Spent.id.in_(database.outdated(Spent.id, Spent.at)))
_PUBLISHED = (
    select(Comment.id)
    .where(
        Comment.reader_id == bindparam("reader"),
        Comment.state == "published",
        Comment.checked | Comment.rule.is_(None),
        Comment.id != bindparam("but"),
    )
    .limit(bindparam("most"))
)
_HISTORY = database.Prepared(
    select(
        select(func.count()).select_from(_PUBLISHED.subquery()).scalar_subquery(),
        select(Spent.id).where(Spent.bucket == bindparam("bucket"), Spent.at > bindparam("since")).exists(),
    )
)


def spent(
    connection: Connection, buckets: Sequence[str], since: datetime, until: datetime, count: int
) -> tuple[int, datetime | None]:
    """Return how many uses lie in (since, until], counted up to `count`, and the oldest of those counted.

    When that one leaves the window there is room again.
    """
    asked = {"buckets": buckets, "since": since, "until": until, "most": count}
    times = _SPENT.all(connection, asked)
    return len(times), times[-1].at if times else None


def add_spent(connection: Connection, bucket: str, now: datetime) -> None:
    """Store one use."""
    _SPEND.run(connection, {"bucket": bucket, "at": now})


def sweep(connection: Connection, before: datetime, limit: int) -> int:
    """Delete up to `limit` uses that no window reaches any more, and return how many."""
    return connection.execute(_SWEEP, {"before": before, "most": limit}).rowcount


def history(
    connection: Connection,
    reader_id: int | None,
    but: int | None,
    enough: int,
    bucket: str | None,
    since: datetime,
) -> tuple[int, bool]:
    """Return how many comments of a reader were published, counted up to `enough`, and whether a use is younger.

    Counted is what an operator has published, or what no rule had held.
    """
    asked = {"reader": reader_id or 0, "but": but or 0, "most": enough, "bucket": bucket, "since": since}
    row = _HISTORY.first(connection, asked)
    return int(row[0]), bool(row[1])


def site_policy(connection: Connection, name: str, *, locked: bool = False) -> AnyRow | None:
    """Return the id and the stored rules of the site of that name."""
    found = select(Site.id, Site.policy).where(Site.name == name)
    return connection.execute(found.with_for_update() if locked else found).first()


def set_site_policy(connection: Connection, site_id: int, policy: str) -> None:
    """Store a site's rules; its version grows, since what a form must ask for may be another."""
    values = {"policy": policy, "version": Site.version + 1}
    connection.execute(update(Site).where(Site.id == site_id).values(**values))


def newest(connection: Connection, site_id: int, since: datetime, before: int | None, limit: int) -> Sequence[AnyRow]:
    """Return a site's comments since a time, newest first, those with smaller ids than `before`.

    Not the deleted, and not what no rule was ever asked about: what operators wrote and what was imported.
    """
    found = select(*_JUDGED).where(Comment.site_id == site_id, Comment.created >= since, Comment.state != "deleted")
    found = found.where(Comment.operator.is_(False), Comment.source.is_(None))
    if before is not None:
        found = found.where(Comment.id < before)
    return connection.execute(found.order_by(Comment.id.desc()).limit(limit)).all()


def approved_before(connection: Connection, reader_ids: Sequence[int], comment_id: int) -> dict[int, int]:
    """Return how many published comments with smaller ids each of the readers has, as history() counts them."""
    counted: dict[int, int] = {}
    found = select(Comment.reader_id, func.count()).where(
        Comment.id < comment_id, Comment.state == "published", Comment.checked | Comment.rule.is_(None)
    )
    for start in range(0, len(reader_ids), _AT_ONCE):
        part = found.where(Comment.reader_id.in_(reader_ids[start : start + _AT_ONCE])).group_by(Comment.reader_id)
        counted |= {row[0]: row[1] for row in connection.execute(part) if row[0] is not None}
    return counted
