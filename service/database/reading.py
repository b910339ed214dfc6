"""Reads that need not come from the primary, and the one look that every read of a thread begins with.

A replica runs behind: what it does not have yet, and all that is decided on or is somebody's own, is asked of the
primary. One that does not answer is left alone for a while, and the primary is asked for everything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app
from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError

from service.database.engine import LOOK, READ, READ_LOOK, db
from service.database.faults import translated
from service.database.transactions import reading
from service.errors import NotFound, Unavailable, UnknownSite

T = TypeVar("T")

#: for so many seconds a replica that did not answer is not asked again
AWAY = 5.0
#: the applications' replicas that are left alone just now
_away: set[int] = set()


def read_public(work: Callable[[Connection], T]) -> T:
    """Return what `work` makes of one unchanging view of the database: the replica's, where there is one.

    What the replica does not know, or cannot answer, is asked of the primary. Raises Unavailable like read().
    """
    if _asks_replica():
        try:
            with translated(), reading(db.engines[READ]) as connection:
                return work(connection)
        except (NotFound, UnknownSite):
            pass  # it may have come a moment ago
        except (Unavailable, DBAPIError):
            leave_alone()
    with translated(), reading(db.engine) as connection:
        return work(connection)


def look(asked: Callable[[Engine], tuple[str, Any]], *, public: bool = False) -> tuple[Any, ...] | None:
    """Return the first row of a query outside any transaction.

    `asked` makes the query and its parameters for an engine. With `public` the replica is asked, where there is one;
    the primary if that has no such row. Raises Unavailable like read().
    """
    if public and _asks_replica():
        engine = db.engines[READ_LOOK]
        try:
            row = _first(engine, *asked(engine))
            if row is not None:
                return row
        except (Unavailable, DBAPIError):
            leave_alone()
    engine = looking()
    return _first(engine, *asked(engine))


def looking() -> Engine:
    """Return the engine that looks at the primary, one statement at a time, outside any transaction."""
    return db.engines.get(LOOK, db.engine)


def leave_alone() -> None:
    """Ask the primary for everything, for a while."""
    app = id(current_app._get_current_object())  # type: ignore[attr-defined]
    if app not in _away:
        _away.add(app)
        back = threading.Timer(AWAY, _away.discard, (app,))
        back.daemon = True
        back.start()


def _asks_replica() -> bool:
    return READ in db.engines and id(current_app._get_current_object()) not in _away  # type: ignore[attr-defined]


def _first(engine: Engine, sql: str, parameters: Any) -> tuple[Any, ...] | None:
    dialect = engine.dialect
    with translated(engine):
        connection = engine.raw_connection()
        try:
            return _row(connection, sql, parameters)
        except dialect.loaded_dbapi.Error as error:
            lost = dialect.is_disconnect(error, cast(Any, connection.driver_connection), None)
            connection.invalidate()
            if not lost:
                raise
        finally:
            connection.close()
        # The server was away since, and all connections are gone with it. They are not tried before each look, which
        # would cost as much as the look itself.
        engine.dispose()
        connection = engine.raw_connection()
        try:
            return _row(connection, sql, parameters)
        finally:
            connection.close()


def _row(connection: PoolProxiedConnection, sql: str, parameters: Any) -> tuple[Any, ...] | None:
    cursor = connection.cursor()
    cursor.execute(sql, parameters)
    row = cursor.fetchone()
    cursor.close()
    return cast("tuple[Any, ...] | None", row)
