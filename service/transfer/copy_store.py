"""Copies of a database of one moment, SQLite's made with its own means, and what is in one."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, text

from service.models import Comment, Operator, Page, Site

try:
    # the same as the service: one with the WAL-reset fault must not meet a writer
    from pysqlite3 import dbapi2 as _driver
except ImportError:
    _driver = sqlite3

#: pages copied at once, and the time in seconds that is left to others then: about 50 MB a second at most
_STEP, _PAUSE = 256, 0.02

DatabaseError: type[Exception] = _driver.DatabaseError


@dataclass(frozen=True)
class Content:
    """How much there is in a database, and of which revision its tables are."""

    revision: str | None
    sites: int
    pages: int
    comments: int
    operators: int


def content(connection: Connection) -> Content:
    """Return what is in the database that the service uses."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # counting millions may take its time
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    counts = [
        int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in (Site, Page, Comment, Operator)
    ]
    return Content(revision, *counts)


def shared_view(connection: Connection) -> str:
    """Return the name under which PostgreSQL lets others see what `connection` sees, for as long as it is open."""
    # whoever takes it up may be long about it, and this transaction is idle meanwhile
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    return str(connection.execute(select(func.pg_export_snapshot())).scalar_one())


def copy_whole(connection: Connection, target: Path) -> None:
    """Copy what `connection` sees to the new file `target`, in steps between which others get their turn.

    The connection has a view of the database that does not change: others write meanwhile, and the copy is of one
    moment. Without a write-ahead log they would have to wait, so that it is done in one step then.
    """
    bare: Any = connection.connection.driver_connection
    in_log = connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    with closing(_driver.connect(target)) as copy:
        if in_log:
            bare.backup(copy, pages=_STEP, progress=lambda *_: time.sleep(_PAUSE))
        else:
            bare.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE").close()  # one file, nothing beside it


def without_fleeting(path: Path) -> None:
    """Take out of a copy what is kept for a day only, and would be in it for weeks: what was spent of limits."""
    with closing(_driver.connect(path, isolation_level=None)) as bare:
        bare.execute("PRAGMA secure_delete=ON").close()
        bare.execute("DELETE FROM spent").close()


def copy_file(source: Path, target: Path) -> None:
    """Copy a database that nobody uses to the new file `target`."""
    with closing(_for_reading(source)) as bare, closing(_driver.connect(target)) as copy:
        bare.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE").close()


def faults(path: Path) -> list[str]:
    """Return what SQLite finds wrong with a database; nothing for one that is whole."""
    with closing(_for_reading(path)) as bare:
        found = [row[0] for row in bare.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
        return found + [f"{row[0]} refers to what is not there" for row in bare.execute("PRAGMA foreign_key_check")][:5]


def content_of(path: Path) -> Content:
    """Return what is in a database that nobody uses."""
    with closing(_for_reading(path)) as bare:
        revision = bare.execute("SELECT version_num FROM alembic_version").fetchone()
        tables = ("sites", "pages", "comments", "operators")
        counts = [bare.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]  # names of our own
        return Content(revision[0] if revision else None, *counts)


def fold_log(path: Path) -> None:
    """Bring what is in a database's write-ahead log into its file, so that the file alone is the database."""
    with closing(_driver.connect(path)) as bare:
        bare.execute("PRAGMA journal_mode=DELETE").close()


def _for_reading(path: Path) -> Any:
    return _driver.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def is_replica(connection: Connection) -> bool:
    """Tell whether this PostgreSQL follows another one."""
    return bool(connection.execute(select(func.pg_is_in_recovery())).scalar_one())


def others_connected(connection: Connection) -> int:
    """Return how many others are connected to this PostgreSQL database."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return int(connection.execute(text(asked)).scalar_one())
