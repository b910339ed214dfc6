"""Daily hours in a time zone: open from seven to eleven in the evening. Pure.

Hours are what a clock on the wall shows. Where summer time begins or ends, an opening or closing that is shown twice
counts the first time, so that nothing opens and closes twice in a night, and one that is left out falls on the moment
at which the clock jumps over it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WRITTEN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_DAY = 24 * 60
_MINUTE = timedelta(minutes=1)
#: days that are looked at: one that has begun the day before, and two weeks, since summer time may swallow an opening
_DAYS = range(-2, 16)


@dataclass(frozen=True)
class Hours:
    """Open from `opens` to `closes`, minutes of the day; beyond midnight where `closes` is the smaller.

    `weekdays` are those on which it opens, 0 for Monday; none for every day. `zone` is an IANA time zone.
    """

    opens: int
    closes: int
    weekdays: tuple[int, ...] = ()
    zone: str = "UTC"

    @property
    def text(self) -> str:
        """The hours as they are written: 07:00-23:00."""
        return f"{_clock(self.opens)}-{_clock(self.closes)}"

    @property
    def sentence(self) -> str:
        """The hours for readers."""
        days = f" on {_listed([_NAMES[day] for day in self.weekdays])}" if self.weekdays else ""
        return f"Comments are open{days} from {_clock(self.opens)} to {_clock(self.closes)} ({self.zone})."


def parse(text: str) -> tuple[int, int] | None:
    """Return the minutes of the day at which it opens and closes, None for what is not written like 07:00-23:00."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    return None if opens == closes or closes > _DAY else (opens, closes)


def is_zone(name: str) -> bool:
    """Tell whether there is such a time zone."""
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # no name of a file, an unknown one, a folder like Europe
        return False
    return bool(name)


def at(hours: Hours, now: datetime) -> tuple[bool, datetime]:
    """Return whether it is open at `now`, and when that changes."""
    return _at(hours, now.replace(second=0, microsecond=0))


@lru_cache(maxsize=512)  # pure, and the same for all pages of a site: nothing changes within a minute
def _at(hours: Hours, now: datetime) -> tuple[bool, datetime]:
    zone = ZoneInfo(hours.zone)
    today = now.astimezone(zone).date()
    until: datetime | None = None
    for days in _DAYS:
        day = today + timedelta(days=days)
        if hours.weekdays and day.weekday() not in hours.weekdays:
            continue
        start = _moment(zone, day, hours.opens)
        end = _moment(zone, day, hours.closes if hours.closes > hours.opens else hours.closes + _DAY)
        if end <= max(now, start):
            continue
        if start > (until or now):
            return (True, until) if until else (False, start)
        until = end  # open now; and on, where the next day's hours begin as this one's end
    assert until is not None, "two weeks without an opening"
    return True, until


def _moment(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """Return when the clock on the wall first shows the time, or jumps over it."""
    wall = datetime.combine(day, time()) + minutes * _MINUTE
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first
    # left out: by the offset after the jump it would be before it, by the offset before the jump after it
    between = range((first - second) // _MINUTE + 1)
    return second + _MINUTE * bisect_left(
        between, True, key=lambda minute: (second + minute * _MINUTE).astimezone(zone).replace(tzinfo=None) >= wall
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
