"""A backup: one file, of one moment, taken while the service goes on; and those taken by the clock.

Of SQLite it is a database again, of PostgreSQL what `pg_dump -Fc` writes. What lies in the data folder besides, the key
that signs (secret.key), is not in it: without it nothing is lost but forms that are open at the moment.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url

from service import database
from service.errors import Conflict, Unavailable
from service.settings import Settings, hand_over, make
from service.transfer import copy_store, postgres
from service.transfer.copy_store import Content

#: names of the backups that are taken by the clock; no other file is ever cleared away
_NAME = re.compile(r"afterword-(\d{8}T\d{6}Z)\.(?:db|dump)")
_MOMENT = "%Y%m%dT%H%M%SZ"
#: the last good backup may be this much older than it should be before somebody has to look
_LATE = timedelta(hours=2)


@dataclass(frozen=True)
class Backup:
    """A backup that was taken, and found to be whole."""

    path: Path
    bytes: int
    content: Content


def back_up(target: Path, settings: Settings, *, over: bool = False) -> Backup:
    """Take a backup of the database into the file `target`: it is there whole, checked and on the disk, or not at all.

    Raises Conflict when there is such a file and it is not to be written `over`, Unavailable when it cannot be taken.
    """
    if target.exists() and not over:
        raise Conflict(f"{target} is there already.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # for its owner alone, from the beginning
        with database.read() as connection:
            content = copy_store.content(connection)  # and so the view that is copied is of this moment
            if database.is_embedded():
                copy_store.copy_whole(connection, part)
            else:
                postgres.dump(make_url(settings.database_url), part, copy_store.shared_view(connection))
        if database.is_embedded():
            copy_store.without_fleeting(part)
            found = copy_store.faults(part)
            if found or copy_store.content_of(part) != content:
                raise Unavailable(f"The copy is not whole: {'; '.join(found) or 'something is missing'}.")
        bring_to_disk(part)
        part.replace(target)
        bring_to_disk(target.parent)
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}.") from error
    except copy_store.DatabaseError as error:
        raise Unavailable(f"The backup failed: {error}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return Backup(target, target.stat().st_size, content)


def folder(settings: Settings) -> Path:
    """Return where backups by the clock go."""
    plan = settings.backups
    return plan.folder if plan is not None and plan.folder is not None else settings.data_dir / "backups"


def taken(settings: Settings) -> list[tuple[datetime, Path]]:
    """Return the backups taken by the clock that are there, the oldest first; all of them were whole."""
    with suppress(OSError):
        named = [(match, path) for path in folder(settings).iterdir() if (match := _NAME.fullmatch(path.name))]
        return sorted((datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC), path) for match, path in named)
    return []


def last(settings: Settings) -> datetime | None:
    """Return when the last good backup was taken by the clock, None if there is none."""
    found = taken(settings)
    return found[-1][0] if found else None


def is_due(settings: Settings, now: datetime) -> bool:
    """Tell whether the clock asks for a backup."""
    before = last(settings)
    return settings.backups is not None and (before is None or before + settings.backups.every <= now)


def overdue(settings: Settings, now: datetime) -> str | None:
    """Return a sentence for whoever has to look why there is no backup as new as there should be."""
    if settings.backups is None:
        return None
    before = last(settings)
    if before is None:
        return f"There is no backup in {folder(settings)} yet."
    if before + settings.backups.every + _LATE <= now:
        return f"The last good backup is of {before:%Y-%m-%d %H:%M} UTC."
    return None


def unwritable(settings: Settings) -> str | None:
    """Return a sentence where the clock asks for backups and none can be written to their folder, which is made."""
    if settings.backups is None:
        return None
    place = folder(settings)
    trial = place / f".afterword-{os.getpid()}.part"
    try:
        _make(place, settings)
        os.close(make(trial))
        trial.unlink(missing_ok=True)
    except OSError as error:
        return f"Backups cannot be written to {place}: {error.strerror}."
    return None


def _make(place: Path, settings: Settings) -> None:
    if not place.is_dir():
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        hand_over(place, settings.data_dir)


def take_due(settings: Settings, now: datetime) -> Backup | None:
    """Take the backup that is due, if one is, and clear away those that are too many.

    Raises Unavailable when it cannot be taken; nothing is cleared away then.
    """
    plan = settings.backups
    if plan is None or not is_due(settings, now):
        return None
    place = folder(settings)
    try:
        _make(place, settings)
        for left in place.glob(".afterword-*.part"):  # of a process that was killed; nobody else takes backups here
            left.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"{place} cannot be written: {error.strerror}.") from error
    kind = "db" if database.is_embedded() else "dump"
    made = back_up(place / f"afterword-{now.astimezone(UTC):{_MOMENT}}.{kind}", settings, over=True)
    for _, path in taken(settings)[: -plan.keep]:
        with suppress(OSError):
            path.unlink()
    return made


def bring_to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
