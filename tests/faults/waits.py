"""How long somebody waited: always told, and held against what is promised where the machine has cores to spare."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def is_idle() -> bool:
    """Tell whether nobody else keeps this machine busy; to be asked before a test does."""
    return os.getloadavg()[0] < (os.cpu_count() or 1) / 2


def took(act: Callable[[], T]) -> tuple[float, T]:
    """Return how many seconds something takes, and its result."""
    begun = time.monotonic()
    result = act()
    return time.monotonic() - begun, result


def told(what: str, waits: Sequence[float], most: float, *, asserted: bool, share: float = 0.99) -> None:
    """Print how long that share of all waited; fails where it is longer than `most` and that is `asserted`."""
    assert waits, f"{what}: nobody waited"
    ordered = sorted(waits)
    at = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    said = (
        f"{what}: {len(ordered)} times; half within {ordered[len(ordered) // 2]:.3f} s, {share:.0%} within {at:.3f} s"
    )
    print(f"{said}; promised: {most} s{'' if asserted else ', not asserted on a busy machine'}")
    assert at < most or not asserted, said
