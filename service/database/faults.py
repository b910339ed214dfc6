"""What the database says went wrong, in our words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from service.errors import StorageFull, Unavailable

_log = logging.getLogger(__name__)


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


def is_busy(error: DBAPIError) -> bool:
    """Tell whether another writer holds the lock."""
    return "locked" in str(error.orig) or "busy" in str(error.orig)


def _is_transient(error: DBAPIError) -> bool:
    kind = type(error.orig).__name__
    # DatabaseError by itself: a file that is damaged, or no database at all
    lost = ("OperationalError", "DatabaseError", "AdminShutdown")
    return kind in (*lost, "LockNotAvailable", "QueryCanceled", "DeadlockDetected")
