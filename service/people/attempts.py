"""Attempts to prove who one is, counted exactly across workers and never forbidden for good.

Only what failed is spent: a row of the limits' table, under the account and under the address. An account that nobody
has is counted like any other, so that the answer doesn't tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, delete, func, insert, select

from service.errors import TooManyAttempts
from service.models import Spent
from service.people import address
from service.settings import LONGEST_WINDOW, Limit

LIMIT = Limit(5, 15 * 60)
#: lock of PostgreSQL's advisory kind; any fixed number serves
_LOCK = 4_170_613
#: rows beyond any window that one attempt clears away
_SWEEP = 20

#: the names under which one attempt counts: each is a limit of its own, of names that mean the same, the newest first
Buckets = Sequence[Sequence[str]]


def buckets(name: str, addresses: Sequence[str]) -> Buckets:
    """Return what an attempt on an account counts under; `addresses` as `address.buckets` has them."""
    account = hashlib.sha256(name.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return (f"signin account:{account}",), tuple(f"signin {each}" for each in addresses)


def refuse_spent(connection: Connection, wanted: Buckets, now: datetime) -> None:
    """Raise TooManyAttempts when there is no attempt left; spend nothing."""
    since = now - timedelta(seconds=LIMIT.seconds)
    waits = []
    for names in wanted:
        found = (
            select(Spent.at)
            .where(Spent.bucket.in_(names), Spent.at > since, Spent.at <= now + address.AHEAD)
            .order_by(Spent.at.desc())
            .limit(LIMIT.count)
        )
        times = connection.execute(found).scalars().all()
        if len(times) == LIMIT.count:
            waits.append(max(1, ceil((times[-1] - since).total_seconds())))
    if waits:
        raise TooManyAttempts(max(waits))


def spend(connection: Connection, wanted: Buckets, now: datetime) -> tuple[int, ...]:
    """Spend an attempt and return its rows, with which it can be given back. Raises TooManyAttempts."""
    if connection.dialect.name == "postgresql":
        # SQLite has one writer at a time; here attempts wait for each other until the transaction ends
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    refuse_spent(connection, wanted, now)
    rows = [
        int(connection.execute(insert(Spent).values(bucket=names[0], at=now).returning(Spent.id)).scalar_one())
        for names in wanted
    ]
    before = now - timedelta(seconds=LONGEST_WINDOW)
    old = select(Spent.id).where(Spent.at < before).order_by(Spent.at).limit(_SWEEP).scalar_subquery()
    connection.execute(delete(Spent).where(Spent.id.in_(old)))
    return tuple(rows)


def give_back(connection: Connection, rows: Sequence[int]) -> None:
    """Take back an attempt that succeeded. What others spent stays."""
    connection.execute(delete(Spent).where(Spent.id.in_(rows)))
