"""What a setting's words mean: from the text in the environment to its value.

Each function raises ValueError with the rest of a sentence that begins with the setting's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

#: seconds that a limit may look back: an address is known under its names of today and of yesterday, and nothing is
#: kept longer for a limit
LONGEST_WINDOW = 86_400
#: days that anything of an address may be kept
LONGEST_KEPT = 365

#: who may have to give a second factor
NEEDED = ("optional", "owners", "everybody")
#: what makes comments' HTML safe
SANITISERS = ("bleach", "nh3")
#: what AFTERWORD_METRICS says where it is no token
NO_TOKENS = ("off", "local")
_LONGEST_DAYS = 36_500
#: longest time that a service may take to say that it goes
_LONGEST_DRAIN = 600
_SHORTEST_TOKEN = 16
_SPANS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_OFTEN = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
_BACKUPS = re.compile(r"(hourly|daily|weekly) *, *keep +(\d{1,4})(?: *, *in +(/.+))?")
_LIMIT = re.compile(r"(\d{1,6})/(?:(\d{1,4}) ?)?(second|minute|hour|day)s?")
#: Ways to write which database it is, and the driver that is meant: others are not asked for in the same way.
_DRIVERS = {"sqlite": "sqlite", "sqlite+pysqlite": "sqlite"}
_DRIVERS |= dict.fromkeys(("postgresql", "postgresql+psycopg"), "postgresql+psycopg")
#: what to write instead of an address that names another one
_WRITTEN = {"sqlite": "sqlite:////folder/file"} | dict.fromkeys(
    ("postgresql", "postgres"), "postgresql+psycopg://user@host/name"
)

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Limit:
    """At most `count` within any `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True)
class Backups:
    """Backups by the clock: how often, how many of them are kept, and where, if not in the data folder."""

    every: timedelta
    keep: int
    folder: Path | None = None


def _backups(raw: str) -> Backups | None:
    if raw.strip() == "off":
        return None
    match = _BACKUPS.fullmatch(raw.strip())
    if match is None or int(match[2]) == 0:
        raise ValueError('must be off, or like "daily, keep 14"; hourly, daily or weekly, and "in /folder" behind it')
    return Backups(_OFTEN[match[1]], int(match[2]), _folder(match[3]) if match[3] else None)


def _whole(raw: str) -> int:
    if not raw.strip().isdecimal():
        raise ValueError("must be a whole number")
    return int(raw)


def _switch(raw: str) -> bool:
    if raw.strip() not in ("on", "off"):
        raise ValueError("must be on or off")
    return raw.strip() == "on"


def _days(raw: str) -> int:
    days = _whole(raw)
    if days > LONGEST_KEPT:
        raise ValueError(f"must be {LONGEST_KEPT} at most")
    return days


def _drain(raw: str) -> int:
    seconds = _whole(raw)
    if seconds > _LONGEST_DRAIN:
        raise ValueError(f"must be {_LONGEST_DRAIN} at most")
    return seconds


def _metrics(raw: str) -> str:
    value = raw.strip()
    if value not in NO_TOKENS and (len(value) < _SHORTEST_TOKEN or not value.isascii() or " " in value):
        raise ValueError(f"must be off, local, or a token of at least {_SHORTEST_TOKEN} characters")
    return value


def _days_or_ever(raw: str) -> int | None:
    if raw.strip() == "ever":
        return None
    if not raw.strip().isdecimal() or int(raw) > _LONGEST_DAYS:
        raise ValueError(f"must be a number of days, {_LONGEST_DAYS} at most, or ever")
    return int(raw)


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.strip() not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return raw.strip()

    return parse


def _folder(raw: str) -> Path:
    if not raw.strip():
        raise ValueError("must name a folder")
    return Path(raw).expanduser().resolve()


def _database(raw: str) -> str:
    if not raw:
        return ""
    try:
        url = make_url(raw)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):  # the latter for a port
        raise ValueError("is no database address; one looks like postgresql+psycopg://user@host/name") from None
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise ValueError(f"names {backend}; SQLite and PostgreSQL are supported")
    written, _, rest = raw.partition(":")
    if written.lower() not in _DRIVERS:
        raise ValueError(f"names {written}, which is not known here; write {_WRITTEN[backend]}")
    if backend == "postgresql" and find_spec("psycopg") is None:
        raise ValueError("needs a driver that is not installed: install afterword with its extra postgres")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("names no file; one looks like sqlite:////var/lib/afterword/afterword.db")
    return f"{_DRIVERS[written.lower()]}:{rest}"


def _address(raw: str) -> str:
    if not raw:
        return ""
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://comments.example.org")
    return raw.rstrip("/")


def _networks(raw: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in raw.split(",") if part.strip())
    except ValueError:
        raise ValueError("must list addresses or networks such as 127.0.0.1 or 10.0.0.0/8") from None


def _limits(raw: str) -> tuple[Limit, ...]:
    if raw.strip() == "off":
        return ()
    found = []
    for part in raw.split(","):
        match = _LIMIT.fullmatch(part.strip())
        if match is None or int(match[1]) == 0:
            raise ValueError(f'cannot read "{part.strip()}"; write limits like 5/minute, 1/10 minutes, or off')
        limit = Limit(int(match[1]), int(match[2] or 1) * _SPANS[match[3]])
        if not 1 <= limit.seconds <= LONGEST_WINDOW:
            raise ValueError(f'"{part.strip()}" looks back too far; a day at most')
        found.append(limit)
    return tuple(found)


PARSERS: dict[str, Callable[[str], Any]] = {
    "str": str.strip,
    "int": _whole,
    "switch": _switch,
    "days": _days,
    "factor": _one_of(NEEDED),
    "sanitiser": _one_of(SANITISERS),
    "folder": _folder,
    "database": _database,
    "address": _address,
    "networks": _networks,
    "limits": _limits,
    "backups": _backups,
    "days_or_ever": _days_or_ever,
    "drain": _drain,
    "metrics": _metrics,
    "log_format": _one_of(("auto", "json", "plain")),
    "log_level": _one_of(("debug", "info", "warning", "error")),
}
