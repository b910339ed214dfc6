"""The engine, its pragmas, and `write()`: the one place that begins and commits.

SQLite runs in WAL with `synchronous=FULL`: what was answered 201 is on the disk. Every write transaction is
`BEGIN IMMEDIATE`, since a deferred one that turns into a write fails at once with SQLITE_BUSY_SNAPSHOT, whatever the
busy timeout (https://www.sqlite.org/isolation.html).
"""

from __future__ import annotations

import fcntl
import logging
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, Row, event, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase

from service.errors import Misconfigured, StorageFull, Unavailable
from service.settings import Settings, bundled

try:
    from pysqlite3 import dbapi2 as _driver  # a SQLite of our own choice, where there is a wheel
except ImportError:
    _driver = sqlite3

#: how often a write asks for the lock, each time for the busy timeout, before it is told to come back
ATTEMPTS = 3
BUSY_TIMEOUT = 5_000  # milliseconds
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA secure_delete=ON",  # what is erased is overwritten: it can be read from the file no more
)
#: lock of PostgreSQL's advisory kind that migrations take; any fixed number serves
_MIGRATION_LOCK = 4_170_612

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
            engine.pool.dispose()  # those that lie idle there keep the file open as it was


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


@contextmanager
def _begun() -> Iterator[Connection]:
    for attempt in range(1, ATTEMPTS + 1):
        with db.engine.connect() as connection:
            connection = connection.execution_options(begin="IMMEDIATE")
            try:
                connection.begin()
            except DBAPIError as error:
                if attempt == ATTEMPTS or not _is_busy(error):
                    raise
                continue
            yield connection
            return


@contextmanager
def translated(bare: Engine | None = None) -> Iterator[None]:
    """Raise the database's errors as ours; `bare` is the engine whose driver is used without SQLAlchemy around it."""
    try:
        yield
    except DBAPIError as error:
        raise _ours(error) from error
    except Exception as error:
        if bare is None or not isinstance(error, bare.dialect.loaded_dbapi.Error):
            raise
        raise _ours(DBAPIError("", None, error)) from error


def _ours(error: DBAPIError) -> Exception:
    _log.error("database: %s", error.orig)
    if "full" in str(error.orig) or "No space left" in str(error.orig):
        return StorageFull("The comment service has no room left on its disk. Nothing was stored.", 60)
    if _is_overtaken(error):
        return Unavailable("Somebody else stored the same at the same moment. Please try again.", 1)
    if _is_transient(error):
        return Unavailable("The comment service cannot reach its database just now. Please try again.")
    return error


def _is_overtaken(error: DBAPIError) -> bool:
    # stored meanwhile by another writer, or gone with what it hung on; any other constraint is a mistake of ours
    said = f"{type(error.orig).__name__} {error.orig}".replace(" ", "").upper()
    return isinstance(error, IntegrityError) and any(kind in said for kind in ("UNIQUE", "FOREIGNKEY"))


def _is_busy(error: DBAPIError) -> bool:
    return "locked" in str(error.orig) or "busy" in str(error.orig)


def _is_transient(error: DBAPIError) -> bool:
    kind = type(error.orig).__name__
    # DatabaseError by itself: a file that is damaged, or no database at all
    lost = ("OperationalError", "DatabaseError", "AdminShutdown")
    return kind in (*lost, "LockNotAvailable", "QueryCanceled", "DeadlockDetected")


def migrate(settings: Settings) -> bool:
    """Bring the schema to the newest revision; of several processes starting at once one does, the others wait.

    Returns whether anything had to be done. Must be called inside an application context.
    """
    config = _alembic()
    if db.engine.dialect.name == "sqlite":
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            with _locked(settings.data_dir / "migrate.lock"):
                return _upgrade(config)
        except OSError as error:
            if pending_migrations():
                raise Misconfigured([f"{settings.data_dir} cannot be written: {error.strerror}."]) from error
            return False  # on a disk that went read-only, what there is can still be read
    with db.engine.connect() as holder:
        holder.execute(text("SELECT pg_advisory_lock(:id)"), {"id": _MIGRATION_LOCK})
        return _upgrade(config)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # freed by the kernel when its holder dies
        yield


def _upgrade(config: Config) -> bool:
    # looked at first without the write lock: a worker that starts while others write waits for nobody
    if not pending_migrations():
        return False
    with translated(), db.engine.connect().execution_options(begin="IMMEDIATE") as connection:
        script = ScriptDirectory.from_config(config)
        with _foreign_keys_off(connection):
            revision = MigrationContext.configure(connection).get_current_revision()
            if revision is not None and revision not in {known.revision for known in script.walk_revisions()}:
                fault = f"The database is at revision {revision}, which a newer release made. Use that release."
                raise Misconfigured([fault])
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        return True


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    # To change a table SQLite needs it copied and dropped, and dropping one deletes, by cascade, what refers to it.
    # The switch works outside a transaction only, so it goes past SQLAlchemy, which would begin one.
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def pending_migrations() -> bool:
    """Tell whether the schema is not at the newest revision."""
    with read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current != ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    return config


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


def is_embedded() -> bool:
    """Tell whether the database is the SQLite file in DATA_DIR, which is migrated without being asked."""
    return db.engine.dialect.name == "sqlite"
