"""When a page is closed: tables of moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from service.pages import Page, Site
from service.pages.automatic import dump, load
from service.policy import Closing, next_change, state_at

NOW = datetime(2026, 5, 14, 18, 20, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
OPEN = Closing(closed=False)
MORNING = datetime(2026, 5, 15, 7, tzinfo=UTC)


def page(
    closed_at: datetime | None = None, reopens: datetime | None = None, reason: str | None = None, **more: Any
) -> Page:
    """Return a page of three comments, the last of which was written an hour ago, the first a day ago."""
    values = {"first_comment": NOW - DAY, "last_comment": NOW - HOUR} | more
    count = values.pop("count", 3)
    key, url = "blog.example.org/", "https://blog.example.org/"
    return Page(1, 1, key, url, "", 3, count, 2, closed_at, reason, reopens, **values)


def site(
    closed_at: datetime | None = None, reopens: datetime | None = None, reason: str | None = None, /, **rules: Any
) -> Site:
    """Return a site with these rules."""
    return Site(1, "blog", "drop", "required", 5, 15, "both", 1, dump(load(rules)), "{}", closed_at, reason, reopens)


@pytest.mark.parametrize(
    ("stored", "state", "change"),
    [
        (None, OPEN, None),
        (page(None), OPEN, None),
        (page(NOW), Closing(True, rule="hand"), None),
        (page(NOW - SECOND, reason="Enough."), Closing(True, "Enough.", rule="hand"), None),
        (page(NOW, NOW + SECOND, "A pause."), Closing(True, "A pause.", NOW + SECOND, "hand"), NOW + SECOND),
        (page(NOW - 2 * SECOND, NOW, "A pause."), OPEN, None),
        (page(NOW - 2 * SECOND, NOW - SECOND), OPEN, None),
    ],
)
def test_a_page_is_closed_until_it_reopens(stored: Page | None, state: Closing, change: datetime | None) -> None:
    assert state_at(site(), stored, NOW) == state
    assert next_change(site(), stored, NOW) == change


def test_the_state_changes_exactly_when_it_was_said_to() -> None:
    stored = page(NOW, NOW + HOUR)
    change = next_change(site(), stored, NOW)
    assert change is not None
    assert state_at(site(), stored, change - timedelta(microseconds=1)).closed
    assert not state_at(site(), stored, change).closed


@pytest.mark.parametrize(
    ("rules", "stored", "rule", "change"),
    [
        ({"days_after_first": 1}, page(), "days_after_first", None),
        ({"days_after_first": 2}, page(), None, NOW + DAY),
        ({"days_after_first": 2}, page(first_comment=NOW - 2 * DAY + SECOND), None, NOW + SECOND),
        ({"days_after_first": 2}, page(first_comment=NOW - 2 * DAY), "days_after_first", None),
        ({"days_after_first": 1}, page(first_comment=None, last_comment=None), None, None),
        ({"days_after_first": 1}, None, None, None),
        ({"days_after_last": 1}, page(), None, NOW + DAY - HOUR),
        ({"days_after_last": 1}, page(last_comment=NOW - DAY), "days_after_last", None),
        ({"days_after_first": 3, "days_after_last": 1}, page(), None, NOW + DAY - HOUR),
        ({"days_after_last": 3_650}, page(last_comment=datetime(9998, 1, 1, tzinfo=UTC)), None, None),
        ({"after_comments": 3}, page(), "after_comments", None),
        ({"after_comments": 4}, page(), None, None),
        ({"after_comments": 3, "days_after_last": 1}, page(), "after_comments", None),
        ({"days_after_first": 1, "days_after_last": 1}, page(first_comment=NOW - 2 * DAY), "days_after_first", None),
        (
            {"days_after_first": 9, "days_after_last": 1},
            page(NOW, NOW, last_comment=NOW - DAY),
            "days_after_last",
            None,
        ),
        ({"after_comments": 3}, page(count=4), "after_comments", None),
        ({"after_comments": 1}, None, None, None),
        ({"hours": "18:20-18:21"}, page(), None, NOW + 60 * SECOND),
        ({"hours": "18:19-18:20"}, page(), "hours", NOW + DAY - 60 * SECOND),
        ({"hours": "07:00-18:00"}, None, "hours", MORNING),
        ({"hours": "07:00-19:00"}, None, None, NOW + 40 * 60 * SECOND),
        ({"hours": "07:00-23:00", "days_after_last": 1}, page(last_comment=NOW - DAY + HOUR), None, NOW + HOUR),
        ({"hours": "07:00-23:00", "after_comments": 3}, page(), "after_comments", None),
    ],
)
def test_pages_close_by_the_sites_rules(
    rules: dict[str, Any], stored: Page | None, rule: str | None, change: datetime | None
) -> None:
    state = state_at(site(**rules), stored, NOW)
    assert (state.closed, state.rule) == (rule is not None, rule)
    assert next_change(site(**rules), stored, NOW) == change


@pytest.mark.parametrize(
    ("stored", "rule"),
    [
        (page(opened=True), None),
        (page(NOW - HOUR), "hand"),
        (page(NOW - HOUR, NOW + HOUR), "hand"),
        (page(NOW - HOUR, NOW - SECOND), "after_comments"),
        (page(), "after_comments"),
    ],
)
def test_what_was_done_by_hand_overrides_the_rules_until_its_time_is_over(stored: Page, rule: str | None) -> None:
    assert state_at(site(after_comments=1), stored, NOW).rule == rule


@pytest.mark.parametrize("stored", [None, page(), page(opened=True), page(NOW - HOUR, NOW + HOUR, "A pause.")])
def test_a_freeze_is_stronger_than_everything(stored: Page | None) -> None:
    frozen = site(NOW - HOUR, NOW + 2 * HOUR, "We are moving.", after_comments=100)
    assert state_at(frozen, stored, NOW) == Closing(True, "We are moving.", NOW + 2 * HOUR, "freeze")
    assert next_change(frozen, stored, NOW) == NOW + 2 * HOUR
    assert state_at(frozen, stored, NOW + 2 * HOUR) == OPEN


@pytest.mark.parametrize(
    ("there", "stored", "reopens"),
    [
        (site(NOW, NOW + HOUR), page(NOW, NOW + 2 * HOUR), NOW + 2 * HOUR),
        (site(NOW, NOW + HOUR), page(NOW), None),
        (site(NOW, NOW + HOUR), page(NOW, NOW + HOUR / 2), NOW + HOUR),
        (site(NOW, NOW + HOUR, hours="07:00-19:00"), page(), MORNING),
        (site(hours="07:00-19:00"), page(NOW, NOW + HOUR), MORNING),
        (site(hours="07:00-18:00"), page(), MORNING),
        (site(hours="07:00-18:00", days_after_first=2), page(), MORNING),
        (site(hours="07:00-18:00", days_after_first=2), page(first_comment=MORNING - 2 * DAY), None),
        (site(NOW, NOW + HOUR, hours="07:00-19:00"), page(opened=True), NOW + HOUR),
        (site(NOW, NOW + HOUR, after_comments=3), page(), None),
    ],
)
def test_a_page_says_when_it_really_opens_again(there: Site, stored: Page, reopens: datetime | None) -> None:
    state = state_at(there, stored, NOW)
    assert state.closed
    assert state.reopens == reopens
    if reopens is not None:
        assert not state_at(there, stored, reopens).closed


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"days_after_first": 1}, "Comments close a day after the first one."),
        ({"days_after_last": 14}, "Comments close 14 days after the last one."),
        ({"after_comments": 1}, "Comments close when there is one."),
        ({"after_comments": 3}, "Comments close when there are 3 of them."),
        ({"after_comments": 3, "reason": " Enough\nwas said. "}, "Enough was said."),
        ({"after_comments": 3, "reason": "Enough.", "reasons": {"after_comments": "Three!"}}, "Three!"),
        ({"after_comments": 3, "reasons": {"hours": "Good night."}}, "Comments close when there are 3 of them."),
        ({"hours": "07:00-18:00"}, "Comments are open from 07:00 to 18:00 (UTC)."),
        (
            {"hours": "22:30-01:00", "weekdays": ["sat", "fri"], "zone": "Europe/Berlin"},
            "Comments are open on Friday and Saturday from 22:30 to 01:00 (Europe/Berlin).",
        ),
    ],
)
def test_readers_are_told_why(rules: dict[str, Any], reason: str) -> None:
    stored = page(first_comment=NOW - 20 * DAY, last_comment=NOW - 20 * DAY)
    assert state_at(site(**rules), stored, NOW).reason == reason


_moments = some.none() | some.integers(-40 * 1440, 40 * 1440).map(lambda minutes: NOW + timedelta(minutes=minutes))
_numbers = some.none() | some.integers(1, 40)
_clocks = some.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
_hours = some.none() | some.tuples(_clocks, _clocks).filter(lambda pair: pair[0] != pair[1]).map("-".join)
_zones = some.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham", "Australia/Lord_Howe"])
_weekdays = some.sets(some.sampled_from(["mon", "wed", "sat", "sun"])).map(list)


@some.composite
def _sites(draw: some.DrawFn) -> Site:
    rules = {name: draw(_numbers) for name in ("days_after_first", "days_after_last", "after_comments")}
    hours = draw(_hours)
    if hours:
        rules |= {"hours": hours, "zone": draw(_zones), "weekdays": draw(_weekdays)}
    return site(draw(_moments), draw(_moments), **rules)


_pages = some.none() | some.builds(
    page,
    closed_at=_moments,
    reopens=_moments,
    opened=some.booleans(),
    count=some.integers(0, 50),
    first_comment=_moments,
    last_comment=_moments,
)
#: summer time begins on 29 March 2026 in Europe, and ends on 25 October
_nows = some.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)).map(lambda moment: moment.replace(tzinfo=UTC))


@settings(deadline=None, max_examples=200)
@given(_sites(), _pages, _nows, some.lists(some.floats(0, 1, exclude_max=True), min_size=1, max_size=8))
def test_the_state_holds_until_the_next_change(
    there: Site, stored: Page | None, now: datetime, at: list[float]
) -> None:
    state, change = state_at(there, stored, now), next_change(there, stored, now)
    assert change is None or change > now
    until = change or now + 500 * DAY
    for moment in [*(now + part * (until - now) for part in at), until - timedelta(microseconds=1)]:
        if now <= moment < until:
            assert state_at(there, stored, moment) == state
    if state.closed and state.reopens is not None:
        assert change is not None
        assert not state_at(there, stored, state.reopens).closed
