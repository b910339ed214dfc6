"""The schema: brought to the newest revision by one process, while all others wait."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from service.database.engine import db
from service.database.faults import translated
from service.database.transactions import read
from service.errors import Misconfigured
from service.settings import Settings, bundled

#: lock of PostgreSQL's advisory kind that migrations take; any fixed number serves
_MIGRATION_LOCK = 4_170_612


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
