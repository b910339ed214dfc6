"""What a piece of work costs, measured so that a busy or slow machine changes nothing: as a multiple of known work."""

import time
from collections.abc import Callable

ATTEMPTS = 4


def of(work: Callable[[], object], *, enough: float) -> float:
    """Return what `work` costs, as a multiple of `unit`, the cheapest of a few attempts.

    Processor time of this thread alone, against the unit measured just before: what else the machine does, and what
    other threads of the process do, does not count. The first attempt below `enough` ends the measuring, so that only
    work that is truly dear is done more than once.
    """
    cheapest = float("inf")
    for _ in range(ATTEMPTS):
        known = _seconds(unit)
        cheapest = min(cheapest, _seconds(work) / known)
        if cheapest < enough:
            break
    return cheapest


def unit() -> None:
    """Do the work that others are compared with: about 10 ms of plain Python on a small server."""
    total = 0
    for number in range(200_000):
        total += number & 7


def _seconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start
