"""The folder in which the workers of one `afterword serve` keep their counts for /metrics."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "afterword-counts-"
_LOCK = "serving.lock"


def made_fresh() -> Path:
    """Return a new folder in memory, where there is such, held by this process and by what takes its place.

    Folders of services that were killed are cleared away.
    """
    above = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(tempfile.gettempdir())
    for left in above.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody else's
            _clear(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=above))
    held = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_SH)
    os.set_inheritable(held, True)  # freed by the kernel when the last process ends that has it
    return folder


def _clear(folder: Path) -> None:
    with open(folder / _LOCK, "rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(folder)
