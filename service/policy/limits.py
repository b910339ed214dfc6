"""Limits that hold exactly: every use is a row in the transaction of the write that it belongs to.

They hold across threads, worker processes and restarts, since the database is the one place that all of them share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection

from service import database
from service.errors import Duplicate, TooMany
from service.people import address
from service.policy import store
from service.settings import LONGEST_WINDOW, Limit


@dataclass(frozen=True)
class Use:
    """One use of a limit: counted under all `buckets`, written to the first. `what` is limited, in the plural."""

    buckets: tuple[str, ...]
    limits: Sequence[Limit]
    what: str = "comments"


def page_use(page_id: int, limits: Sequence[Limit]) -> Use:
    """Return the use of a page's own limit."""
    return Use((f"page:{page_id}",), limits, "comments on this page")


def repeat_use(page_id: int, body: str, limits: Sequence[Limit]) -> Use:
    """Return the use of "the same text on the same page"; case and spacing make no difference."""
    same = " ".join(body.casefold().split())
    return Use((f"repeat:{page_id}:{hashlib.sha256(same.encode()).hexdigest()[:40]}",), limits)


def act_use(buckets: Sequence[str], limits: Sequence[Limit]) -> Use:
    """Return the use of an address's limit for all that is not a new comment: edits, votes, reports, previews."""
    return Use(tuple(f"act {bucket}" for bucket in buckets), limits, "requests")


def vote_use(buckets: Sequence[str], comment_id: int, limits: Sequence[Limit]) -> Use:
    """Return the use of an address's limit of votes on one comment."""
    return Use(tuple(f"vote {comment_id} {bucket}" for bucket in buckets), limits, "votes on this comment")


def refuse_spent(connection: Connection, uses: Sequence[Use], now: datetime) -> None:
    """Raise TooMany when a limit is used up; spend nothing."""
    waits = [(_wait(connection, use, limit, now), use.what) for use in uses for limit in use.limits]
    longest, what = max(waits, default=(0, ""))
    if longest > 0:
        raise TooMany(longest, what)


def spend(connection: Connection, uses: Sequence[Use], now: datetime) -> None:
    """Spend one of each use. Raises TooMany, with nothing spent, when a limit is used up."""
    database.hold(connection, [bucket for use in uses if use.limits for bucket in use.buckets])
    refuse_spent(connection, uses, now)
    for use in uses:
        if use.limits:
            store.add_spent(connection, use.buckets[0], now)


def sweep(connection: Connection, now: datetime, limit: int) -> int:
    """Clear away up to `limit` uses that are beyond any window, and return how many."""
    return store.sweep(connection, now - timedelta(seconds=LONGEST_WINDOW), limit)


def refuse_repeat(connection: Connection, use: Use, now: datetime) -> None:
    """Raise Duplicate when the text was there already; spend nothing."""
    if any(_wait(connection, use, limit, now) > 0 for limit in use.limits):
        raise Duplicate("The same text was posted on this page a moment ago.")


def spend_repeat(connection: Connection, use: Use, now: datetime) -> None:
    """Spend a repeat. Raises Duplicate when the text was there already."""
    refuse_repeat(connection, use, now)
    if use.limits:
        store.add_spent(connection, use.buckets[0], now)


def spend_once(connection: Connection, bucket: str, now: datetime) -> bool:
    """Spend what is good once; returns whether it still was. It is remembered for as long as any limit looks back."""
    database.hold(connection, [bucket])
    used, _ = store.spent(connection, (bucket,), now - timedelta(seconds=LONGEST_WINDOW), now + address.AHEAD, 1)
    if not used:
        store.add_spent(connection, bucket, now)
    return not used


def _wait(connection: Connection, use: Use, limit: Limit, now: datetime) -> int:
    since = now - timedelta(seconds=limit.seconds)
    count, decisive = store.spent(connection, use.buckets, since, now + address.AHEAD, limit.count)
    if count < limit.count or decisive is None:
        return 0
    return max(1, ceil((decisive - since).total_seconds()))
