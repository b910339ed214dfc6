"""What the database says went wrong, in our words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoPlace

from service.errors import Malformed, StorageFull, Unavailable

#: what a schema says that an older release made, or none yet
_BEHIND = ("UndefinedTable", "UndefinedColumn")
#: Errors of other classes after which the same may well succeed. DatabaseError by itself: a file that is damaged, or no
#: database at all. InsufficientPrivilege: as soon as somebody grants it.
_LOST = ("DatabaseError", "IdleInTransactionSessionTimeout", "InsufficientPrivilege", "ReadOnlySqlTransaction")

_log = logging.getLogger(__name__)


@contextmanager
def translated(bare: Engine | None = None) -> Iterator[None]:
    """Raise the database's errors as ours; `bare` is the engine whose driver is used without SQLAlchemy around it."""
    try:
        yield
    except DBAPIError as error:
        raise _ours(error) from error
    except NoPlace as error:  # in the pool, which all that goes on at once has to share
        _log.error("database: %s", error)
        raise Unavailable("The comment service has more to do than it can. Please try again.") from error
    except Exception as error:
        if bare is None or not isinstance(error, bare.dialect.loaded_dbapi.Error):
            raise
        known = DBAPIError.instance("", None, error, bare.dialect.loaded_dbapi.Error, dialect=bare.dialect)
        raise _ours(cast(DBAPIError, known)) from error


def _ours(error: DBAPIError) -> Exception:
    if type(error.orig).__name__ == "DataError" and "NUL" in str(error.orig):
        # SQLite looks for such a text and finds none, PostgreSQL refuses to: whoever asked for it was not clear
        return Malformed("There is a NUL character in what was asked for.")
    if type(error.orig).__name__ == "NumericValueOutOfRange":
        # SQLite looks for such a number and finds none
        return Malformed("There is a number in what was asked for that is larger than any.")
    _log.error("database: %s", error.orig)
    if _is_full(error):
        return StorageFull("The comment service has no room left on its disk. Nothing was stored.", 60)
    if _is_overtaken(error):
        return Unavailable("Somebody else stored the same at the same moment. Please try again.", 1)
    if type(error.orig).__name__ in _BEHIND:
        return Unavailable("The comment service's database is not up to date yet. Please try again later.", 30)
    if _is_transient(error):
        said = next(iter(str(error.orig).splitlines()), "")  # values of a row stand in the lines below, if anywhere
        return Unavailable("The comment service cannot reach its database just now. Please try again.", said=said)
    return error


def _is_full(error: DBAPIError) -> bool:
    said = str(error.orig)
    return type(error.orig).__name__ == "DiskFull" or "disk is full" in said or "No space left" in said


def _is_overtaken(error: DBAPIError) -> bool:
    # stored meanwhile by another writer, or gone with what it hung on; any other constraint is a mistake of ours
    said = f"{type(error.orig).__name__} {error.orig}".replace(" ", "").upper()
    return isinstance(error, IntegrityError) and any(kind in said for kind in ("UNIQUE", "FOREIGNKEY"))


def is_busy(error: DBAPIError) -> bool:
    """Tell whether another writer holds SQLite's lock."""
    return "locked" in str(error.orig) or "busy" in str(error.orig)


def _is_transient(error: DBAPIError) -> bool:
    # psycopg's classes for locks, time-outs, deadlocks, shutdowns and lost connections are all operational errors
    lost = type(error.orig).__name__ in _LOST or "invalid connection option" in str(error.orig)
    return isinstance(error, OperationalError) or error.connection_invalidated or lost
