"""`/metrics`: everything that is counted, and how things stand at the moment of asking."""

from __future__ import annotations

import fcntl
import hmac
import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from service import comments, database
from service.errors import AfterwordError, NotFound, NotSignedIn
from service.transfer import backup
from service.web import metrics, state

#: the file that is locked by whoever reads all counts, or puts those of an ended worker with the others
LOCK = "sum.lock"
#: headers by which a proxy tells that it asks for somebody else
_PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")

blueprint = Blueprint("scrape", __name__)


class Folder:
    """Where all worker processes keep their counts, if they have one in common."""

    path: Path | None = None


@blueprint.get("/metrics")
def numbers() -> Response:
    """Answer with all numbers, to whom AFTERWORD_METRICS lets have them."""
    _admit(state.settings().metrics)
    registry = CollectorRegistry()
    registry.register(_Standing())
    with _counts_of_all(registry) as counted:
        text = generate_latest(registry) + generate_latest(counted)
    return Response(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _admit(setting: str) -> None:
    if setting == "off" or (setting == "local" and not _is_local()):
        raise NotFound("page")
    if setting != "local":
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {setting}".encode()):
            raise NotSignedIn


def _is_local() -> bool:
    # whoever asks from this machine, for itself: a web server in front, on the same machine, passes on strangers
    if any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


@contextmanager
def _counts_of_all(registry: CollectorRegistry) -> Iterator[CollectorRegistry]:
    if Folder.path is None:
        yield metrics.REGISTRY
        return
    counted = CollectorRegistry()
    MultiProcessCollector(counted, str(Folder.path))  # type: ignore[no-untyped-call]
    # not while the counts of a worker that ended are in two files, or in none
    holder = os.open(Folder.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(holder, fcntl.LOCK_SH)
        yield counted
    finally:
        os.close(holder)


@cache
def _version() -> str:
    return version("afterword")


class _Standing(Collector):
    """How things stand: looked up when somebody asks, not counted."""

    def collect(self) -> Iterable[Metric]:
        """Yield what the database and the folders say now; of a database that is away, nothing."""
        said = {"version": _version(), "python": platform.python_version()}
        said["database"] = database.db.engine.dialect.name
        yield InfoMetricFamily("afterword_build", "What runs here.", said)
        settings = state.settings()
        if settings.backups is not None and (last := backup.last(settings)) is not None:
            said_of = "When the last good backup was taken by the clock, in seconds of Unix time."
            yield GaugeMetricFamily("afterword_backup_last_success_timestamp_seconds", said_of, last.timestamp())
        try:
            waiting = comments.waiting(None)
        except AfterwordError:
            return
        family = GaugeMetricFamily(
            "afterword_queue", "Comments that operators have to look at, a thousand at most.", labels=("state",)
        )
        for name in ("pending", "reported", "spam"):
            family.add_metric((name,), waiting[name].number)
        yield family
