"""The engine: how each kind of database is opened, and what holds on every connection.

SQLite runs in WAL with `synchronous=FULL`: what was answered 201 is on the disk.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, Row, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.orm import DeclarativeBase

from service.errors import Misconfigured
from service.settings import Settings

try:
    from pysqlite3 import dbapi2 as _driver  # a SQLite of our own choice, where there is a wheel
except ImportError:
    _driver = sqlite3

BUSY_TIMEOUT = 5_000  # milliseconds
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA secure_delete=ON",  # what is erased is overwritten: it can be read from the file no more
)
#: Names of further engines: for one look at the primary, for reads of the replica, and for one look at that.
LOOK, READ, READ_LOOK = "look", "read", "read-look"
#: a look is one statement, so there is nothing to begin, to take back, or to try beforehand
_AT_ONCE = {"isolation_level": "AUTOCOMMIT", "pool_pre_ping": False, "pool_reset_on_return": None}
#: how long PostgreSQL may take for a statement, for a lock, and wait for us in a transaction
_LIMITS = "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s"

#: a row of any columns; its reader knows which
AnyRow = Row[*tuple[Any, ...]]

_log = logging.getLogger(__name__)


class Base(DeclarativeBase):
    """What all tables share: constraint names that are the same on every engine, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:

    class Model(Base):
        """The base of all tables, as flask-sqlalchemy makes it; spelt out for type checkers."""

        __abstract__ = True
else:
    Model = db.Model


def wal_reset_safe(version: tuple[int, ...]) -> bool:
    """Tell whether this SQLite has no WAL-reset fault.

    3.7.0 to 3.51.2 can lose committed writes when a checkpoint and a writer meet; mended in 3.51.3 and, for two
    branches, in 3.44.6 and 3.50.7 (https://www.sqlite.org/wal.html).
    """
    return version >= (3, 51, 3) or (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51)


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the SQLite in use."""
    return cast(tuple[int, ...], _driver.sqlite_version_info)


def open_database(app: Flask, settings: Settings) -> None:
    """Bind flask-sqlalchemy to `app` with the engine's options and pragmas."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    app.config["SQLALCHEMY_BINDS"] = _binds(settings)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            tune_sqlite(db.engine)


def close_database() -> None:
    """Close all connections; they are opened again when they are needed."""
    for engine in db.engines.values():
        engine.dispose()


def _binds(settings: Settings) -> dict[str | None, Any]:
    """Return the further engines: the replica, and for each PostgreSQL one that looks without any transaction."""
    binds: dict[str | None, Any] = {}
    if make_url(settings.database_url).get_backend_name() == "postgresql":
        binds[LOOK] = {"url": settings.database_url} | engine_options(settings.database_url) | _AT_ONCE
        replica = settings.read_database_url
        if replica:
            binds[READ] = {"url": replica} | engine_options(replica)
            binds[READ_LOOK] = binds[READ] | _AT_ONCE
    return binds


def engine_options(address: str) -> dict[str, Any]:
    """Return how a database is connected to: limits of time, and none of its values in the sentences of its errors.

    Raises Misconfigured when SQLite's folder cannot be made.
    """
    # as many connections as a worker has threads, and some
    options: dict[str, Any] = {"pool_size": 10, "max_overflow": 20, "hide_parameters": True}
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        folder = Path(url.database or ".").absolute().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured([f"{folder} cannot be used: {error.strerror}."]) from error
        return options | {"module": _driver, "connect_args": {"check_same_thread": False}}
    given = url.query.get("options", "")
    told = {"options": f"{_LIMITS} {given if isinstance(given, str) else ' '.join(given)}".strip()}
    if "connect_timeout" not in url.query:
        told["connect_timeout"] = "5"
    # what was committed while a statement waited for its lock must be seen by it
    return options | {"pool_pre_ping": True, "isolation_level": "READ COMMITTED", "connect_args": told}


def tune_sqlite(engine: Engine) -> None:
    """Have every connection of this engine keep SQLite's promises."""
    # The fault is in WAL only: a SQLite that has it keeps the older rollback journal, slower and sound.
    safe = wal_reset_safe(sqlite_version())
    journal = "PRAGMA journal_mode=WAL" if safe else "PRAGMA journal_mode=DELETE"
    if not safe:
        _log.warning("SQLite %s can lose writes in WAL; using its rollback journal instead", _driver.sqlite_version)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: _on_begin does
        for pragma in (*_PRAGMAS, journal):
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("begin", "DEFERRED")
        run(connection, f"BEGIN {mode}")

    @event.listens_for(engine, "handle_error")
    def _on_error(context: ExceptionContext) -> None:
        # SQLite opens a file that cannot be written for reading only, and so it stays for that connection: it goes, so
        # that comments are taken again as soon as the file can be written
        if "readonly database" in str(context.original_exception):
            context.is_disconnect = True
            engine.pool.dispose()  # those that lie idle there keep the file open as it was


def run(connection: Connection, sql: str, given: Any = (), *, returns: bool = False) -> tuple[Sequence[Any], int]:
    """Run SQL straight on a connection's driver; return its rows, if it `returns` any, and how many were changed.

    Raises what Connection.execute() does.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, given)
        found, changed = cursor.fetchall() if returns else [], cursor.rowcount
    except connection.dialect.loaded_dbapi.Error as error:
        cursor.close()
        # as SQLAlchemy tells of it: in its class, to whoever listens, and to the pool where the server is gone
        connection._handle_dbapi_exception(error, sql, None, None, None)
        raise
    cursor.close()
    return found, changed


def is_embedded() -> bool:
    """Tell whether the database is the SQLite file in DATA_DIR, which is migrated without being asked."""
    return db.engine.dialect.name == "sqlite"
