"""Is the process alive, and can it do its work?"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from flask import Blueprint, Response, jsonify

from service import database
from service.errors import AfterwordError
from service.settings import Settings
from service.transfer import backup
from service.web import state

#: free space below which a write may soon fail
_LEAST_BYTES = 100 * 1024 * 1024
_LEAST_SHARE = 0.05
#: a clock before this service was written is wrong, and every limit and every date with it
_BUILT = datetime(2026, 11, 1, tzinfo=UTC)
#: seconds an answer is kept, so that asking often costs nothing
_KEPT = 1.0

blueprint = Blueprint("health", __name__)
_lock = threading.Lock()
#: when was looked, for which application, and what was found
_last: tuple[float, Settings | None, list[str]] = (float("-inf"), None, [])


class Ending:
    """Whether the whole service was told to stop; where nobody tells this process so, it never is."""

    told: Callable[[], bool] = staticmethod(lambda: False)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer that the process lives; asks nothing else."""
    return _never_kept(jsonify(status="ok"))


@blueprint.get("/readyz")
def readyz() -> Response:
    """Answer whether comments can be read and written now, with the reasons if not."""
    faults = _faults(state.settings(), state.now())
    late = backup.overdue(state.settings(), state.now())
    # no reason to send readers elsewhere, but somebody has to look
    notes = {"notes": [late]} if late else {}
    response = jsonify(status="unready" if faults else "ready", faults=faults, **notes)
    response.status_code = 503 if faults else 200
    return _never_kept(response)


def _faults(settings: Settings, now: datetime) -> list[str]:
    global _last
    if Ending.told():
        return ["The service is stopping."]  # at once, whatever was found a moment ago
    with _lock:
        if monotonic() - _last[0] > _KEPT or _last[1] is not settings:
            _last = (monotonic(), settings, _look(settings, now))
        return _last[2]


def _look(settings: Settings, now: datetime) -> list[str]:
    faults = []
    try:
        database.writable()
        if database.pending_migrations():
            faults.append("The database's schema is not up to date: run afterword migrate.")
    except AfterwordError as error:
        faults.append(error.sentence())
    if database.is_embedded() and not os.access(settings.data_dir, os.W_OK):
        faults.append("DATA_DIR cannot be written.")  # a disk turned read-only does not show in a lock alone
    try:
        disk = shutil.disk_usage(settings.data_dir)
        if disk.free < _LEAST_BYTES or disk.free < _LEAST_SHARE * disk.total:
            faults.append(f"Only {disk.free // 1024**2} MiB are free in DATA_DIR.")
    except OSError as error:
        faults.append(f"DATA_DIR cannot be read: {os.strerror(error.errno or 0)}.")
    if now < _BUILT:
        faults.append("The clock of this machine is wrong.")
    return faults


def _never_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
