"""When a page is closed. Pure: the answer depends on the page and on the time that is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.pages import Page


@dataclass(frozen=True)
class Closing:
    """Whether a page is closed, why, and when it opens again by itself."""

    closed: bool
    reason: str | None = None
    reopens: datetime | None = None


OPEN = Closing(closed=False)


def state_at(page: Page | None, now: datetime) -> Closing:
    """Return the closing state at `now`; a page that does not exist yet is open."""
    if page is None or page.closed_at is None or (page.reopens is not None and page.reopens <= now):
        return OPEN
    return Closing(True, page.closed_reason, page.reopens)


def next_change(page: Page | None, now: datetime) -> datetime | None:
    """Return when the state changes by the clock alone, None if never: no answer may be cached beyond it."""
    if page is None or page.closed_at is None or page.reopens is None or page.reopens <= now:
        return None
    return page.reopens
