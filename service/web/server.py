"""What `afterword serve` has gunicorn do besides serving: a configuration file, read by the master process.

It holds for any kind of worker. The master never imports the application, so that a reload brings in new code: what is
needed of that is imported in the worker, where it is there already.
"""

from __future__ import annotations

import fcntl
import gc
import mmap
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from service import logs, settings
from service.worker import ENDS

_SETTINGS = settings.load()
#: seconds until which a worker's first heartbeat is due; from then on the server's timeout counts
_BEGINS_WITHIN = 15.0
#: what of the counts is added up; how things stand is not
_ADDED = ("counter", "histogram")


class logger_class(Logger):  # type: ignore[misc]  # gunicorn is untyped, and the setting's name is this
    """gunicorn's lines, in the form of all others, and none of its own for requests: ours tell nothing personal."""

    def setup(self, cfg: Any) -> None:
        """Take the handlers that the settings ask for in place of gunicorn's own."""
        super().setup(cfg)
        logs.set_up(_SETTINGS.log_format, _SETTINGS.log_level, access_lines=_SETTINGS.access_log)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Tell nothing."""


def when_ready(server: Any) -> None:
    """Let the service say that it goes before it goes."""
    # One byte that all processes see: whether the service was told to stop. It stays with the master, which outlives a
    # reload of this file.
    server.told_to_stop = mmap.mmap(-1, 1)
    end = server.handle_term

    def handle_term() -> None:
        before = server.told_to_stop[0]
        server.told_to_stop[0] = 1
        if before or not _SETTINGS.drain_seconds:
            end()  # which raises
        # told once more by the clock, or by whoever does not want to wait
        signal.signal(signal.SIGALRM, lambda *_: server.SIG_QUEUE.put_nowait(signal.SIGTERM))
        signal.alarm(_SETTINGS.drain_seconds)

    server.handle_term = handle_term
    os.register_at_fork(after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS))


def pre_fork(server: Any, worker: Any) -> None:
    """Give a new worker a time to begin in: one that stands still before its first heartbeat is never replaced.

    And let it miss nothing: until it listens itself, it would take what ends it for the master's.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    worker.tmp.notify()
    due = worker.tmp.last_update() + _BEGINS_WITHIN
    os.utime(worker.tmp.fileno(), (due, due))


def post_fork(server: Any, worker: Any) -> None:
    """Hand a new worker what the master keeps."""
    worker.told_to_stop = server.told_to_stop
    gc.disable()  # as long as the application is loaded: hardly anything of it is thrown away


def post_worker_init(worker: Any) -> None:
    """Tell the application in a worker where it is, and start what is done by the clock."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)  # a worker of gunicorn's own listens by now
    from service.web import health, scrape, upkeep

    worker.upkeep = upkeep.Upkeep(_SETTINGS)
    worker.upkeep.start()
    health.Ending.told = lambda: bool(worker.told_to_stop[0])
    scrape.Folder.path = _counts(worker.cfg)
    # What is there now stays: it need not be walked through again and again for what could be thrown away.
    gc.collect()
    gc.freeze()
    gc.enable()


def worker_exit(server: Any, worker: Any) -> None:
    """Let the thread in a worker that ends begin nothing any more."""
    if hasattr(worker, "upkeep"):
        worker.upkeep.stop()


def child_exit(server: Any, worker: Any) -> None:
    """Put the counts of a worker that ended with those of others that did: one file for all of them."""
    folder = _counts(server.cfg)
    if folder is None or not folder.is_dir():
        return
    try:
        _add_up(folder, worker.pid)
    except Exception:
        # such as a file that its worker was killed over: no count is worth what the master serves
        server.log.exception("the counts of worker %d are lost", worker.pid)


def _add_up(folder: Path, pid: int) -> None:
    # not before: as it is imported it looks whether there is such a folder
    from prometheus_client.mmap_dict import MmapedDict

    with open(folder / "sum.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # nobody reads while they are in both files
        for path in folder.glob(f"*_{pid}.db"):
            kind = path.name.partition("_")[0]
            try:
                if kind in _ADDED:
                    ended = list(MmapedDict.read_all_values_from_file(str(path)))  # type: ignore[no-untyped-call]
                    total = MmapedDict(str(folder / f"{kind}_ended.db"))  # type: ignore[no-untyped-call]
                    for key, value, _, _ in ended:
                        total.write_value(key, total.read_value(key)[0] + value, 0.0)  # type: ignore[no-untyped-call]
                    total.close()  # type: ignore[no-untyped-call]
            finally:
                path.unlink()


def on_exit(server: Any) -> None:
    """Take the counts away: they end with the service."""
    folder = _counts(server.cfg)
    if folder is not None and os.getpid() == server.pid:
        shutil.rmtree(folder, ignore_errors=True)


def _counts(config: Any) -> Path | None:
    named = config.env.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(named) if named else None
