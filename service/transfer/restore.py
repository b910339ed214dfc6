"""Puts a backup in the place of the database, after it was found to be whole and of a kind that is known here."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from service import database
from service.errors import Conflict, Unavailable
from service.settings import Settings, hand_over, make
from service.transfer import backup, copy_store, postgres, running
from service.transfer.copy_store import Content

#: what pg_dump's own format begins with
_DUMP = b"PGDMP"
_SQLITE = b"SQLite format 3\x00"
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Restored:
    """What is in the database now, and where what was there before is kept, if there was anything."""

    content: Content
    kept: Path | None


def examine(source: Path) -> Content:
    """Return what is in a backup of SQLite.

    Raises Conflict for what is none, is damaged, or comes of a newer release.
    """
    _require(source, _SQLITE, "a backup of SQLite")
    try:
        found = copy_store.faults(source)
        content = copy_store.content_of(source)
    except copy_store.DatabaseError as error:
        raise Conflict(f"{source} is no backup of this service, or is damaged: {error}.") from error
    if found:
        raise Conflict(f"{source} is damaged: {found[0]}.")
    if content.revision not in database.known_revisions():
        raise Conflict(f"{source} is of revision {content.revision}, which a newer release made. Use that release.")
    return content


def restore(source: Path, settings: Settings, now: datetime, *, replace: bool) -> Restored:
    """Put a backup of SQLite in the place of the database, or there where none is yet.

    What was there is kept beside it. Raises Conflict while the service runs, when there is a database and it is not
    to be replaced, and as examine() does; Unavailable when the disk does not take it. Nothing is changed then.
    """
    content = examine(source)
    path = Path(make_url(settings.database_url).database or "")
    with running.alone(settings.data_dir):
        if path.exists() and not replace:
            raise Conflict(f"There is a database, {path}. It is kept beside the restored one if you say --replace.")
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(make(part))
            copy_store.copy_file(source, part)
            backup.bring_to_disk(part)
            kept = _put_aside(path, now) if path.exists() else None
            part.replace(path)
            backup.bring_to_disk(path.parent)
        except OSError as error:
            raise Unavailable(f"{path} cannot be written: {error.strerror}.") from error
        except copy_store.DatabaseError as error:
            raise Unavailable(f"The backup could not be put in place: {error}.") from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return Restored(content, kept)


def restore_dump(source: Path, settings: Settings, now: datetime, *, replace: bool) -> Restored:
    """Put a dump in the place of what is in PostgreSQL, as restore() does; what was there is dumped to a file before.

    To be called with the database open.
    """
    _require(source, _DUMP, "a backup of PostgreSQL")
    with running.alone(settings.data_dir):
        with database.read() as connection:
            if copy_store.others_connected(connection):
                raise Conflict("Somebody else is connected to the database. Stop the service on every host first.")
        if not replace:
            raise Conflict("What is in the database is replaced, and kept in a file, if you say --replace.")
        kept = settings.data_dir / f"before-restore-{_moment(now)}.dump"
        backup.back_up(kept, settings)
        hand_over(kept, kept.parent)
        database.db.engine.dispose()  # or the tables could not be taken away from under us
        postgres.load(make_url(settings.database_url), source)
        with database.read() as connection:
            return Restored(copy_store.content(connection), kept)


def _require(source: Path, begins: bytes, what: str) -> None:
    try:
        with source.open("rb") as file:
            right = file.read(len(begins)) == begins
    except OSError as error:
        raise Conflict(f"{source} cannot be read: {error.strerror}.") from error
    if not right:
        raise Conflict(f"{source} is not {what}.")


def _put_aside(path: Path, now: datetime) -> Path:
    kept = path.with_name(f"{path.name}.before-restore-{_moment(now)}")
    for ending in _BESIDE:  # as they lie: looking at a damaged database may cost it its log
        with suppress(FileNotFoundError):
            hand_over(Path(shutil.copy(f"{path}{ending}", f"{kept}{ending}")), path.parent)
    try:
        copy_store.fold_log(path)
        useless = kept
    except copy_store.DatabaseError:
        useless = path  # damaged, which may be why it is replaced: its log must not meet another database
    for ending in _BESIDE:
        Path(f"{useless}{ending}").unlink(missing_ok=True)
    # a second name, and then the first one's is given to the restored: at no moment is there no database
    os.link(path, kept)
    return kept


def _moment(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
