"""When a page is closed: a table of moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.pages import Page
from service.policy import Closing, next_change, state_at

NOW = datetime(2026, 5, 14, 18, 20, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OPEN = Closing(closed=False)


def page(closed_at: datetime | None, reopens: datetime | None = None, reason: str | None = None) -> Page:
    return Page(1, 1, "blog.example.org/", "https://blog.example.org/", "", 3, 2, 2, closed_at, reason, reopens)


@pytest.mark.parametrize(
    ("stored", "state", "change"),
    [
        (None, OPEN, None),
        (page(None), OPEN, None),
        (page(NOW), Closing(True), None),
        (page(NOW - SECOND, reason="Enough."), Closing(True, "Enough."), None),
        (page(NOW, NOW + SECOND, "A pause."), Closing(True, "A pause.", NOW + SECOND), NOW + SECOND),
        (page(NOW - 2 * SECOND, NOW, "A pause."), OPEN, None),
        (page(NOW - 2 * SECOND, NOW - SECOND), OPEN, None),
    ],
)
def test_a_page_is_closed_until_it_reopens(stored: Page | None, state: Closing, change: datetime | None) -> None:
    assert state_at(stored, NOW) == state
    assert next_change(stored, NOW) == change


def test_the_state_changes_exactly_when_it_was_said_to() -> None:
    stored = page(NOW, NOW + timedelta(hours=1))
    change = next_change(stored, NOW)
    assert change is not None
    assert state_at(stored, change - timedelta(microseconds=1)).closed
    assert not state_at(stored, change).closed
