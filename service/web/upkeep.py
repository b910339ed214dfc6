"""What has to be done by the clock: erasing what is due, clearing away what is out of date, backups.

One worker of all does it, in a thread of its own, so that there is no further process to run and no cron job: whoever
gets the lock on a file in the data folder. When it ends, another one goes on within a minute.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from flask import Flask

from service import comments, database
from service.errors import AfterwordError
from service.settings import Settings
from service.transfer import backup
from service.web import metrics, state

#: seconds between two looks at what is due
_PAUSE = 60.0
#: how often what is out of date is cleared away; and how long nothing more is tried after a failure
_HOURLY = timedelta(hours=1)
_LOCK = "upkeep.lock"

_log = logging.getLogger(__name__)


class Upkeep(threading.Thread):
    """The thread that does it, in a worker. It has a database connection of its own, and begins with a look at once."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="upkeep", daemon=True)
        self._settings = settings
        self._over = threading.Event()
        self._lock: int | None = None
        #: when each was done, and when it is due again
        self._done: dict[str, tuple[datetime, datetime]] = {}

    def stop(self) -> None:
        """Begin nothing any more."""
        self._over.set()

    def run(self) -> None:
        """Look again and again at what is due, if no other worker does."""
        app = Flask("afterword")
        database.open_database(app, self._settings)
        with app.app_context():
            while not self._over.is_set():
                if self.takes_it_on():
                    self.look(state.now())
                    # SQLite shares what it knows of a file within a process: opened while that could not be written,
                    # a connection would keep all others of this worker from writing
                    database.close_database()
                self._over.wait(_PAUSE)
        self.give_up()

    def look(self, now: datetime) -> None:
        """Do what is due. What fails is logged, and tried again in an hour."""
        self._do("erasing", now, lambda: comments.erase_due(now))
        self._do("clearing away", now, lambda: comments.tidy(now, self._settings), _HOURLY)
        if backup.is_due(self._settings, now):
            self._do("the backup", now, lambda: self._back_up(now))

    def _back_up(self, now: datetime) -> None:
        try:
            made = backup.take_due(self._settings, now)
        except AfterwordError:
            metrics.backed_up(False)
            raise
        if made is not None:
            metrics.backed_up(True)
            _log.info("took a backup: %s, %d bytes", made.path.name, made.bytes)

    def _do(self, what: str, now: datetime, act: Callable[[], object], pause: timedelta = timedelta(0)) -> None:
        done, due = self._done.get(what, (now, now))
        if done <= now < due:  # before it was done: the clock was ahead then, and what it said is void
            return
        self._done[what] = now, now + pause
        try:
            act()
        except AfterwordError as error:
            _log.error("%s failed: %s", what, error.sentence())
            self._done[what] = now, now + _HOURLY
        except Exception:
            # a mistake of ours must not end what else is due
            _log.exception("%s failed", what)
            self._done[what] = now, now + _HOURLY

    def give_up(self) -> None:
        """Let another worker do it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def takes_it_on(self) -> bool:
        """Tell whether it is this worker that does it, from now on if no other one does."""
        if self._lock is not None:
            return True
        with suppress(OSError):  # taken, or a folder that cannot be written
            opened = os.open(self._settings.data_dir / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(opened)
            else:
                self._lock = opened  # given back by the kernel if this process is killed
        return self._lock is not None
