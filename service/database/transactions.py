"""Transactions: `read()` and `write()`, the one place that begins and commits.

On SQLite every write transaction is `BEGIN IMMEDIATE`, since a deferred one that turns into a write fails at once with
SQLITE_BUSY_SNAPSHOT, whatever the busy timeout (https://www.sqlite.org/isolation.html).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import DBAPIError

from service.database.engine import Base, db
from service.database.faults import is_busy, translated

#: how often a write asks for the lock, each time for the busy timeout, before it is told to come back
ATTEMPTS = 3


@contextmanager
def read() -> Iterator[Connection]:
    """Yield a connection on one unchanging view of the database.

    Raises Unavailable when the database cannot be reached.
    """
    with translated(), db.engine.connect() as connection:
        yield connection


@contextmanager
def write() -> Iterator[Connection]:
    """Yield a connection inside a write transaction that commits as the block ends, and rolls back if it raises.

    Raises Unavailable when the lock or the database cannot be had in time, StorageFull when the disk is full.
    """
    with translated(), _begun() as connection:
        yield connection
        connection.commit()


def give_way() -> None:
    """Let those write who wait, between two transactions of one long act.

    Who waits for SQLite's lock looks after it every tenth of a second, and would never find it free otherwise.
    """
    if db.engine.dialect.name == "sqlite":
        time.sleep(0.11)


def insert_if_new(connection: Connection, table: type[Base], values: Mapping[str, Any]) -> bool:
    """Store a row unless another writer was faster with the same one, and return whether it was stored."""
    dialect = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    made = dialect(table).values(**values).on_conflict_do_nothing()
    # asked for the row: what psycopg counts is not told for a statement that returns its key
    return connection.execute(made.returning(*table.__table__.primary_key)).first() is not None


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
