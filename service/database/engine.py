"""The engine: how each kind of database is opened, and what holds on every connection.

SQLite runs in WAL with `synchronous=FULL`: what was answered 201 is on the disk.
"""

from __future__ import annotations

import logging
import sqlite3
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
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings.database_url)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _tune_sqlite(db.engine)


def _engine_options(url: str) -> dict[str, Any]:
    # as many connections as a worker has threads, and some
    # and no values in the sentences of its errors, which go to the log
    options: dict[str, Any] = {"pool_size": 10, "max_overflow": 20, "hide_parameters": True}
    if make_url(url).get_backend_name() == "sqlite":
        folder = Path(make_url(url).database or ".").absolute().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured([f"{folder} cannot be used: {error.strerror}."]) from error
        return options | {"module": _driver, "connect_args": {"check_same_thread": False}}
    limits = "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s"
    return options | {"pool_pre_ping": True, "connect_args": {"options": limits}}


def _tune_sqlite(engine: Engine) -> None:
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
        connection.exec_driver_sql(f"BEGIN {mode}")

    @event.listens_for(engine, "handle_error")
    def _on_error(context: ExceptionContext) -> None:
        # SQLite opens a file that cannot be written for reading only, and so it stays for that connection: it goes, so
        # that comments are taken again as soon as the file can be written
        if "readonly database" in str(context.original_exception):
            context.is_disconnect = True


def is_embedded() -> bool:
    """Tell whether the database is the SQLite file in DATA_DIR, which is migrated without being asked."""
    return db.engine.dialect.name == "sqlite"
