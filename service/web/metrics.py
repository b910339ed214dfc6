"""What is counted, for Prometheus: requests, comments, the cache, the database. No label of it grows without bound.

Where PROMETHEUS_MULTIPROC_DIR names a folder, as `afterword serve` has it, the counts of all worker processes are one;
elsewhere each process has its own. Nothing personal is counted, and no page is named.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache as remembered

from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from service.comments import Posted
from service.errors import AfterwordError, PageClosed, Refused, TooMany, TooManyAttempts

#: what is counted in this process
REGISTRY = CollectorRegistry()
#: a cached read takes a tenth of the first, a write some fsyncs, and what takes longer than the last has failed
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_REQUESTS = Counter(
    "afterword_requests", "Requests answered.", ("route", "method", "status"), registry=REGISTRY
)  # fmt: skip
_DURATIONS = Histogram(
    "afterword_request_seconds", "Time from a request to its answer.", ("route",), buckets=_SECONDS, registry=REGISTRY
)
_COMMENTS = Counter(
    "afterword_comments",
    "Comments sent, by what came of them (published, held, spam, refused) and the rule that said so.",
    ("verdict", "rule"),
    registry=REGISTRY,
)
_CACHE = Counter(
    "afterword_cache", "Reads of threads, from the cache (hit) or made (miss).", ("result",), registry=REGISTRY
)
_FAULTS = Counter(
    "afterword_database_errors",
    "Statements that failed: busy (the lock was taken; asked for again), full, readonly, constraint, other.",
    ("kind",),
    registry=REGISTRY,
)
_CLOSED = Counter("afterword_closed_refusals", "Writes refused because a page is closed.", registry=REGISTRY)
_LIMITED = Counter("afterword_limited", "Requests refused by a limit.", ("limit",), registry=REGISTRY)
_BACKUPS = Counter("afterword_backups", "Backups by the clock, taken or failed.", ("result",), registry=REGISTRY)
_SIGN_INS = Counter("afterword_signin_failures", "Attempts of operators to sign in that failed.", registry=REGISTRY)

_VERDICTS = {"published": "published", "pending": "held", "spam": "spam"}
_KINDS = (
    ("busy", ("locked", "busy", "lock timeout")),
    ("full", ("full", "No space left")),
    ("readonly", ("readonly", "read-only")),
    ("constraint", ("constraint",)),
)


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request by its route's template, its method and the class of its status, and how long it took."""
    seen = _children(route, method if method in METHODS else "other", status // 100)
    seen[0]()
    seen[1](seconds)


@remembered
def _children(route: str, method: str, status: int) -> tuple[Callable[[], None], Callable[[float], None]]:
    # looked up once: finding a label's child costs more than counting
    return _REQUESTS.labels(route, method, f"{status}xx").inc, _DURATIONS.labels(route).observe


def cache(hit: bool) -> None:
    """Count a read that was answered from the cache, or one that had to be made."""
    (_HIT if hit else _MISS)()


_HIT, _MISS = _CACHE.labels("hit").inc, _CACHE.labels("miss").inc


def judged(posted: Posted) -> None:
    """Count a comment that was taken, unless it was before."""
    if not posted.replayed:
        _COMMENTS.labels(_VERDICTS.get(posted.state, "held"), posted.rule or "none").inc()


def refused(error: AfterwordError) -> None:
    """Count what was refused, where it is of a kind that is counted."""
    if isinstance(error, Refused):
        _COMMENTS.labels("refused", error.rule).inc()
    elif isinstance(error, PageClosed):
        _CLOSED.inc()
    elif isinstance(error, TooMany):
        _LIMITED.labels("attempts to sign in" if isinstance(error, TooManyAttempts) else error.what).inc()


def sign_in_failed() -> None:
    """Count an attempt to sign in that failed."""
    _SIGN_INS.inc()


def backed_up(well: bool) -> None:
    """Count a backup by the clock, or one that failed."""
    _BACKUPS.labels("taken" if well else "failed").inc()


def watch(engine: Engine) -> None:
    """Count the errors of a database from now on, those among them that a second attempt made good."""

    @event.listens_for(engine, "handle_error")
    def _on_error(context: ExceptionContext) -> None:
        said = str(context.original_exception)
        kind = next((kind for kind, words in _KINDS if any(word in said for word in words)), "other")
        _FAULTS.labels(kind).inc()
