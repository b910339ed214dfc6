"""Transactions: `read()` and `write()`, the one place that begins and commits.

SQLite has one writer at a time, and the rooms above rely on it: what a write transaction has read, nobody changes. On
PostgreSQL an advisory lock sees to the same, across all hosts. Writes of readers, which are many, share it: each holds
its page's row instead, and names what else it must have for itself with `hold()`. So there is one order in which
locks are taken: this one, site, page, names, rows; and a close waits for the posts under way.

On SQLite every write transaction is `BEGIN IMMEDIATE`, since a deferred one that turns into a write fails at once with
SQLITE_BUSY_SNAPSHOT, whatever the busy timeout (https://www.sqlite.org/isolation.html).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, ScalarSelect, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import QueryableAttribute

from service.database.engine import db
from service.database.faults import is_busy, translated
from service.errors import Unavailable

#: lock of PostgreSQL's advisory kind that every writer takes; any fixed number serves
WRITERS = 4_170_611
#: how often a write asks for the lock, each time for the busy timeout, before it is told to come back
ATTEMPTS = 3


@contextmanager
def read() -> Iterator[Connection]:
    """Yield a connection on one unchanging view of the database.

    Raises Unavailable when the database cannot be reached.
    """
    with translated(), reading(db.engine) as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection of this engine on one unchanging view of its database."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


@contextmanager
def write(*, beside: bool = False) -> Iterator[Connection]:
    """Yield a connection inside a write transaction that commits as the block ends, and rolls back if it raises.

    With `beside` others that say so may write at the same time, where the database can do that: what must not change
    meanwhile has to be held row by row. Raises Unavailable when the lock or the database cannot be had in time,
    StorageFull when the disk is full.
    """
    with translated(), _begun() as connection:
        if connection.dialect.name == "postgresql":
            lock = func.pg_advisory_xact_lock_shared if beside else func.pg_advisory_xact_lock
            connection.execute(select(lock(WRITERS)))
        yield connection
        connection.commit()


def hold(connection: Connection, names: Iterable[str]) -> None:
    """Let nobody else hold any of these names until the transaction ends. SQLite's write lock sees to that already."""
    # in one order for everybody, so that no two wait for each other
    keys = sorted(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in set(names))
    if keys and connection.dialect.name == "postgresql":
        held = text("SELECT count(pg_advisory_xact_lock(key)) FROM unnest(CAST(:keys AS bigint[])) AS key")
        connection.execute(held, {"keys": keys})


def give_way() -> None:
    """Let those write who wait, between two transactions of one long act.

    Who waits for SQLite's lock looks after it every tenth of a second, and would never find it free otherwise.
    """
    if db.engine.dialect.name == "sqlite":
        time.sleep(0.11)


def outdated(
    row_id: QueryableAttribute[int], at: QueryableAttribute[Any], *also: ColumnElement[bool]
) -> ScalarSelect[int]:
    """Return the ids of the `most` oldest rows from before `before`, both given as the statement's parameters.

    What another writer holds just now is not waited for, but left to the next time.
    """
    found = select(row_id).where(*also, at < bindparam("before")).order_by(at).limit(bindparam("most"))
    return found.with_for_update(skip_locked=True).scalar_subquery()


def empty_log() -> None:
    """Empty SQLite's write-ahead log into the file: what was erased is in neither then.

    Where somebody reads all the while it is left to the next time; nobody waits for it longer than for a write.
    """
    engine = db.engine
    if engine.dialect.name != "sqlite":
        return
    with translated(engine):
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()


def writable() -> None:
    """Take and give back the write lock.

    Raises Unavailable when the database cannot be written.
    """
    with translated(), db.engine.connect().execution_options(begin="IMMEDIATE") as connection:
        connection.begin()
        if connection.dialect.name == "sqlite":
            # a read-only file still lets BEGIN IMMEDIATE pass until the first page is touched
            connection.exec_driver_sql("PRAGMA user_version=0")
        elif connection.execute(select(func.current_setting("transaction_read_only"))).scalar() == "on":
            raise Unavailable("The comment service cannot reach its database just now. Please try again.")
        connection.rollback()


@contextmanager
def _begun() -> Iterator[Connection]:
    for attempt in range(1, ATTEMPTS + 1):
        with db.engine.connect() as connection:
            connection = connection.execution_options(begin="IMMEDIATE")
            try:
                connection.begin()
            except DBAPIError as error:
                if attempt == ATTEMPTS or not is_busy(error):
                    raise
                continue
            yield connection
            return
