"""Daily hours: what a clock on the wall shows, also where it is put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.pages import hours
from service.pages.hours import Hours

BERLIN = "Europe/Berlin"


def moment(text: str) -> datetime:
    """Return a moment in UTC, 05-14 18:20 of 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def made(text: str, *weekdays: int, zone: str = BERLIN) -> Hours:
    """Return hours."""
    span = hours.parse(text)
    assert span is not None
    return Hours(*span, weekdays, zone)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("07:00-23:00", (420, 1380)),
        ("22:30-06:05", (1350, 365)),
        ("00:00-24:00", (0, 1440)),
        ("00:00-00:01", (0, 1)),
        ("7:00-23:00", None),
        ("07:00-24:01", None),
        ("24:00-07:00", None),
        ("07:60-08:00", None),
        ("07:00 - 23:00", None),
        ("07:00", None),
        ("07:00-07:00", None),
        ("07:00-23:00\n", None),
        ("٠٧:00-23:00", None),
        ("", None),
    ],
)
def test_hours_are_written_in_one_way(text: str, span: tuple[int, int] | None) -> None:
    assert hours.parse(text) == span


@pytest.mark.parametrize(
    ("written", "now", "is_open", "change"),
    [
        # summer: two hours ahead of UTC
        (made("07:00-23:00"), "05-14 04:59:59", False, "05-14 05:00"),
        (made("07:00-23:00"), "05-14 05:00", True, "05-14 21:00"),
        (made("07:00-23:00"), "05-14 20:59:59", True, "05-14 21:00"),
        (made("07:00-23:00"), "05-14 21:00", False, "05-15 05:00"),
        # winter: one
        (made("07:00-23:00"), "01-14 05:59", False, "01-14 06:00"),
        (made("07:00-23:00"), "01-14 22:00", False, "01-15 06:00"),
        # over midnight
        (made("22:00-02:00"), "05-14 19:59", False, "05-14 20:00"),
        (made("22:00-02:00"), "05-14 23:30", True, "05-15 00:00"),
        (made("22:00-02:00"), "05-15 00:00", False, "05-15 20:00"),
        # 14 May 2026 is a Thursday; what begins on one day may end on the next
        (made("22:00-02:00", 3), "05-14 23:59", True, "05-15 00:00"),
        (made("22:00-02:00", 3), "05-15 20:30", False, "05-21 20:00"),
        (made("07:00-23:00", 0), "05-14 12:00", False, "05-18 05:00"),
        # days without a break between them
        (made("00:00-24:00", 0, 1), "05-17 21:59", False, "05-17 22:00"),
        (made("00:00-24:00", 0, 1), "05-18 12:00", True, "05-19 22:00"),
        # put forward at 01:00 UTC on 29 March, from 02:00 to 03:00
        (made("07:00-23:00"), "03-28 22:30", False, "03-29 05:00"),
        (made("02:30-05:00"), "03-29 00:59", False, "03-29 01:00"),
        (made("02:30-05:00"), "03-29 01:00", True, "03-29 03:00"),
        (made("22:00-02:30"), "03-29 00:59", True, "03-29 01:00"),
        (made("22:00-02:30"), "03-29 01:00", False, "03-29 20:00"),
        (made("02:10-02:50"), "03-28 12:00", False, "03-30 00:10"),
        (made("02:10-02:50", 6), "03-28 12:00", False, "04-05 00:10"),
        (made("02:45-02:15"), "03-29 00:30", True, "03-30 00:15"),
        # put back at 01:00 UTC on 25 October, from 03:00 to 02:00: what is shown twice counts the first time
        (made("07:00-23:00"), "10-24 21:30", False, "10-25 06:00"),
        (made("02:30-05:00"), "10-25 00:29", False, "10-25 00:30"),
        (made("02:30-05:00"), "10-25 01:10", True, "10-25 04:00"),
        (made("22:00-02:30"), "10-25 00:29", True, "10-25 00:30"),
        (made("22:00-02:30"), "10-25 01:10", False, "10-25 21:00"),
        # half an hour beside the others, and ahead of the date line
        (made("07:00-23:00", zone="America/St_Johns"), "05-14 09:29", False, "05-14 09:30"),
        (made("07:00-23:00", zone="Pacific/Kiritimati"), "05-14 16:59", False, "05-14 17:00"),
    ],
)
def test_it_is_open_by_the_clock_on_the_wall(written: Hours, now: str, is_open: bool, change: str) -> None:
    assert hours.at(written, moment(now)) == (is_open, moment(change))


@pytest.mark.parametrize("text", ["07:00-23:00", "23:30-00:30", "01:59-03:01", "02:15-02:45", "00:00-23:59"])
@pytest.mark.parametrize("zone", [BERLIN, "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"])
def test_changes_follow_each_other_and_each_is_one(text: str, zone: str) -> None:
    written, now = made(text, zone=zone), moment("01-01 00:00")
    opened = 0
    while now < moment("12-31 00:00"):
        is_open, change = hours.at(written, now)
        opened += is_open
        assert now < change
        assert hours.at(written, change - timedelta(seconds=1))[0] == is_open
        assert hours.at(written, change)[0] != is_open
        now = change
    assert 360 <= opened <= 366, "once a day"


def test_away_from_the_two_nights_it_is_the_time_of_day() -> None:
    written = made("07:00-23:00")
    for hour in range(24 * 365):
        now = moment("01-01 00:00") + timedelta(hours=hour)
        assert hours.at(written, now)[0] == (7 <= now.astimezone(ZoneInfo(BERLIN)).hour < 23)


@pytest.mark.parametrize(
    ("name", "known"),
    [(BERLIN, True), ("UTC", True), ("Europe", False), ("Mars/Base", False), ("", False), ("../UTC", False),
     ("/etc/passwd", False), ("\0", False), ("x" * 300, False)],
)  # fmt: skip
def test_a_zone_is_one_of_the_iana_names(name: str, known: bool) -> None:
    assert hours.is_zone(name) == known
