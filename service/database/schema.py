"""The schema: brought to the newest revision by one process, while all others wait, and the service goes on.

On PostgreSQL a migration waits for a table's lock only a moment, since everybody who comes after it waits as well; then
it gives way and tries again. Each revision is a transaction of its own, so that what is done stays done, and releases
before and after it work with it (see migrations/README.md).
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.exc import OperationalError

from service.database.engine import db
from service.database.faults import translated
from service.database.transactions import read
from service.errors import Misconfigured
from service.settings import Settings, bundled, make

if TYPE_CHECKING:
    from alembic.config import Config

#: lock of PostgreSQL's advisory kind that migrations take; any fixed number serves
MIGRATION_LOCK = 4_170_612
#: How long a migration waits for a table's lock, and how often, with a pause between: a minute and a half in all.
LOCK_TIMEOUT, TRIES = "1s", 60
_PAUSE = 0.5  # seconds
#: a process that may wait for another one's migration asks in such steps, and holds nothing meanwhile
_STEP = 0.2  # seconds

_log = logging.getLogger(__name__)


def migrate(settings: Settings) -> bool:
    """Bring the schema to the newest revision; of several processes starting at once one does, the others wait.

    Returns whether anything had to be done. Must be called inside an application context. Raises Misconfigured for a
    schema that a newer release made, Unavailable when a table's lock cannot be had.
    """
    if db.engine.dialect.name == "sqlite":
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            with _locked(settings.data_dir / "migrate.lock"):
                _make(Path(db.engine.url.database or ""))
                return _upgrade_file()
        except OSError as error:
            if pending_migrations():
                raise Misconfigured([f"{settings.data_dir} cannot be written: {error.strerror}."]) from error
            return False  # on a disk that went read-only, what there is can still be read
    with translated(), _alone():
        return _upgrade_server()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    _make(path)
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # freed by the kernel when its holder dies
        yield


def _make(path: Path) -> None:
    # by a command of root's it may be made before the service, which is another user, has run for the first time
    with suppress(FileExistsError):
        os.close(make(path, 0o644))


@contextmanager
def _alone() -> Iterator[None]:
    # Asked for again and again, and not waited for: who waits inside a statement keeps the old rows in view, and making
    # an index CONCURRENTLY waits for everybody who does. Freed by the server when its holder is gone.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        _without_limits(holder)
        told = False
        while not holder.execute(select(func.pg_try_advisory_lock(MIGRATION_LOCK))).scalar():
            if not told:
                _log.warning("another process migrates the database; waiting for it")
            told = True
            time.sleep(_STEP)
        try:
            yield
        finally:
            holder.invalidate()  # and with the connection its lock goes, and its limits


def _upgrade_server() -> bool:
    if not _is_behind():
        return False
    for left in reversed(range(TRIES)):
        with db.engine.connect() as connection:
            _without_limits(connection)
            connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.commit()
            try:
                _upgrade(connection)
                return True
            except OperationalError as error:
                if type(error.orig).__name__ != "LockNotAvailable" or not left:
                    raise
                _log.warning("a table is in use; the migration gives way and tries again")
            finally:
                connection.invalidate()
        time.sleep(_PAUSE)
    raise AssertionError("the last try returns or raises")


def _without_limits(connection: Connection) -> None:
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET {name} = 0"))


def _upgrade_file() -> bool:
    # looked at first without the write lock: a worker that starts while others write waits for nobody
    if not _is_behind():
        return False
    with translated(), db.engine.connect().execution_options(begin="IMMEDIATE") as connection:
        with _foreign_keys_off(connection):
            _upgrade(connection)
            connection.commit()
        return True


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    # To change a table SQLite needs it copied and dropped, and dropping one deletes, by cascade, what refers to it.
    # The switch works outside a transaction only, so it goes past SQLAlchemy, which would begin one.
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def _upgrade(connection: Connection) -> None:
    from alembic import command  # not before: see _alembic()

    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _alembic() -> Config:
    # not before it is needed: to import it takes a sixth of the time in which a worker begins, and hardly any migrates
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    return config


def _is_behind() -> bool:
    if newer_schema():
        fault = f"The database is at revision {_current()}, which a newer release made. Use that release."
        raise Misconfigured([fault])
    return _current() != max(known_revisions())


def pending_migrations() -> bool:
    """Tell whether the schema is older than this release. With that of the next one the service works as well."""
    return not newer_schema() and _current() != max(known_revisions())


def newer_schema() -> bool:
    """Tell whether a newer release made the schema."""
    return (_current() or "") > max(known_revisions())


def known_revisions() -> frozenset[str]:
    """Return the revisions that this release can make: they are numbered, in one straight line, as their files are."""
    return frozenset(path.name.partition("_")[0] for path in (bundled("migrations") / "versions").glob("*.py"))


def revision_of(connection: Connection) -> str | None:
    """Return the revision that a database is at, None where it has no tables of ours yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _current() -> str | None:
    with read() as connection:
        return revision_of(connection)
