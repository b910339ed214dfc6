"""Who uses the data folder: the service and its commands share it, a restore has it alone.

The lock is the kernel's, on a file in the folder: it goes when its last holder dies, however that happens.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import Conflict
from service.settings import make

_LOCK = "service.lock"


def hold(folder: Path) -> int | None:
    """Share the folder from now on, and return what holds it: a file number, which a program that takes this one's
    place inherits. None where the folder cannot be written.

    Raises Conflict while the folder is being restored.
    """
    held = _opened(folder)
    if held is None:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise Conflict("The database is being restored. Try again when that is done.") from None
    os.set_inheritable(held, True)
    return held


@contextmanager
def shared(folder: Path) -> Iterator[None]:
    """Share the folder until the block ends. Raises Conflict while it is being restored."""
    held = hold(folder)
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have the folder alone until the block ends. Raises Conflict while the service or a command uses it."""
    held = _opened(folder)
    try:
        if held is None:
            raise Conflict(f"{folder} cannot be written.")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("The service is running, or one of its commands is. Stop it first.") from None
        yield
    finally:
        if held is not None:
            os.close(held)


def _opened(folder: Path) -> int | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return make(folder / _LOCK)
        except FileExistsError:
            return os.open(folder / _LOCK, os.O_RDWR)
    except OSError:
        return None  # on a disk that went read-only, what there is can still be read
