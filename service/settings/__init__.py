"""Every setting: name, default, check, help; read once from the environment (prefix `AFTERWORD_`).

A setting marked secret may also come from a file named by the same variable with `_FILE` behind it, as container
platforms hand secrets over. Nothing else in the service reads the environment.
"""

from __future__ import annotations

import os
from dataclasses import Field, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from service.errors import Misconfigured
from service.settings.owner import hand_over, make
from service.settings.parse import LONGEST_KEPT, LONGEST_WINDOW, NEEDED, NO_TOKENS, PARSERS, Backups, Limit, Network
from service.settings.secret import PREFIX, SHORTEST_SECRET, kept_secret

__all__ = [
    "LONGEST_KEPT",
    "LONGEST_WINDOW",
    "NEEDED",
    "PREFIX",
    "SHORTEST_SECRET",
    "Backups",
    "Limit",
    "Network",
    "Reading",
    "Settings",
    "bundled",
    "database_address",
    "describe",
    "environment",
    "hand_over",
    "load",
    "make",
    "unknown",
]

_DATABASES = ("database_url", "read_database_url")


def _setting(parser: str, default: str, text: str, *, secret: bool = False) -> Any:
    return field(metadata={"parser": parser, "default": default, "help": text, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """What the environment said, checked. Field names are the variables' names in lower case."""

    data_dir: Path = _setting("folder", "./data", "Folder that holds everything the service keeps.")
    database_url: str = _setting(
        "database", "", "SQLAlchemy address of the database; empty: SQLite in DATA_DIR.", secret=True
    )
    read_database_url: str = _setting(
        "database", "", "Address of a PostgreSQL replica, from which public reads come; empty: none.", secret=True
    )
    secret_key: str = _setting(
        "str", "", "Signs what the service hands out; empty: made once and kept in DATA_DIR/secret.key.", secret=True
    )
    public_url: str = _setting("address", "", "Address under which browsers reach the service, for the tag to paste.")
    trusted_proxies: tuple[Network, ...] = _setting(
        "networks", "", "Addresses or networks of reverse proxies whose X-Forwarded-For is believed, comma-separated."
    )
    limit_posts: tuple[Limit, ...] = _setting(
        "limits", "5/minute,30/hour", "Comments from one address (an IPv6 /64 counts as one); or off."
    )
    limit_page_posts: tuple[Limit, ...] = _setting("limits", "60/minute", "Comments on one page; or off.")
    limit_acts: tuple[Limit, ...] = _setting(
        "limits", "60/minute,600/hour", "Edits, votes, reports and previews from one address; or off."
    )
    limit_repeats: tuple[Limit, ...] = _setting(
        "limits", "1/10 minutes", "How often the same text may appear on the same page; or off."
    )
    address_days: int = _setting(
        "days", "30", "Days that a comment's truncated address (/24, IPv6 /48) is kept for operators; 0: never."
    )
    email_days: int | None = _setting(
        "days_or_ever", "ever", "Days that a comment's e-mail address is kept; ever: with the comment; 0: never."
    )
    removed_days: int | None = _setting(
        "days_or_ever",
        "90",
        "Days after which the text and the name go of what is spam or was deleted by an operator; or ever.",
    )
    second_factor: str = _setting(
        "factor",
        "optional",
        "Who must have a second factor at the operators' pages: optional, owners or everybody.",
    )
    quick_reads: bool = _setting(
        "switch",
        "on",
        "Whether afterword serve answers cached threads in front of Flask, by gunicorn's asgi worker; off: by gthread.",
    )
    sanitiser: str = _setting(
        "sanitiser", "bleach", "What makes comments' HTML safe: bleach, and nh3 behind it, or nh3 alone."
    )
    metrics: str = _setting(
        "metrics",
        "local",
        "Who may read /metrics: local (this machine, by no proxy), whoever sends this token as a bearer, or off.",
        secret=True,
    )
    log_format: str = _setting("log_format", "auto", "Form of the log: json, plain, or auto (plain on a terminal).")
    log_level: str = _setting("log_level", "info", "Least grave lines of the log: debug, info, warning or error.")
    access_log: bool = _setting("switch", "on", "A line in the log for each request: on or off.")
    drain_seconds: int = _setting(
        "drain",
        "0",
        "Seconds in which a service that is told to stop answers as before, while /readyz says that it goes.",
    )
    backups: Backups | None = _setting(
        "backups",
        "off",
        "Backups by the clock: off, or hourly, daily or weekly with how many are kept, as in: daily, keep 14. "
        "They go to DATA_DIR/backups, or: daily, keep 14, in /folder.",
    )
    cache_mb: int = _setting("int", "64", "Memory for ready threads in each worker process, in MiB.")
    demo_url: str = _setting("address", "", "Address of the demonstration pages, shown on the front page.")


@dataclass(frozen=True)
class Reading:
    """One setting as `afterword doctor` shows it; `source` is default, environment, file or generated."""

    name: str
    shown: str
    source: str
    text: str
    fault: str | None


def bundled(name: str) -> Path:
    """Return where a built part lies: `widget` (the scripts) or `migrations`.

    An installed wheel carries both inside the package, a checkout beside it.
    """
    inside = Path(__file__).parents[1] / "bundle" / name
    if inside.is_dir():
        return inside
    return Path(__file__).parents[2] / {"widget": "widget/dist", "migrations": "migrations"}[name]


def load() -> Settings:
    """Read all settings from the environment.

    Raises Misconfigured with a sentence for each fault. Creates the data folder and, where none is set, its secret key.
    """
    values, readings = _read()
    faults = [f"{reading.name}: {reading.fault}" for reading in readings if reading.fault]
    if faults:
        raise Misconfigured(faults)
    settings = Settings(**values)
    if settings.secret_key:
        return settings
    return Settings(**values | {"secret_key": kept_secret(settings.data_dir)})


def database_address(raw: str) -> str:
    """Return the address of a database, checked as DATABASE_URL is. Raises Misconfigured."""
    try:
        found = PARSERS["database"](raw)
    except ValueError as error:
        raise Misconfigured([f"The address {error}."]) from None
    if not found:
        raise Misconfigured(["The address names no database."])
    return str(found)


def unknown() -> list[str]:
    """Return a sentence for each variable in the environment that looks like a setting and is none."""
    names = [PREFIX + option.name.upper() for option in fields(Settings)]
    names += [PREFIX + option.name.upper() + "_FILE" for option in fields(Settings) if option.metadata["secret"]]
    found = []
    for name in sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name not in names):
        near = get_close_matches(name.upper(), names, 1, 0.8)
        found.append(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "."))
    return found


def environment(**more: str) -> dict[str, str]:
    """Return the environment for a program that takes this one's place, with some variables more."""
    return {**os.environ, **more}


def describe() -> list[Reading]:
    """Return every setting with its value (secrets masked), its source and its fault, for a person to read."""
    return _read()[1]


def _read() -> tuple[dict[str, Any], list[Reading]]:
    values: dict[str, Any] = {}
    readings = []
    for option in fields(Settings):
        raw, source, fault = _raw(option)
        if fault is None:
            try:
                values[option.name] = PARSERS[option.metadata["parser"]](raw)
            except ValueError as error:
                fault = str(error)
        readings.append(
            Reading(PREFIX + option.name.upper(), _shown(option, raw), source, option.metadata["help"], fault)
        )
    if "data_dir" in values:
        if not values.get("database_url"):
            values["database_url"] = _default_database(values["data_dir"])
        values.setdefault("secret_key", "")
    return values, [_weighed(reading, values) for reading in readings]


def _default_database(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'afterword.db'}"


def _weighed(reading: Reading, values: dict[str, Any]) -> Reading:
    # what one value alone cannot tell
    secret = values.get("secret_key", "")
    if reading.name == PREFIX + "SECRET_KEY":
        if secret and len(secret) < SHORTEST_SECRET:
            fault = f"must have at least {SHORTEST_SECRET} characters; unset it to have one made"
            return Reading(reading.name, reading.shown, reading.source, reading.text, fault)
        if not secret:
            return Reading(reading.name, "(kept in DATA_DIR)", "generated", reading.text, reading.fault)
    if reading.name == PREFIX + "READ_DATABASE_URL" and values.get("read_database_url"):
        kinds = [make_url(values.get(name) or "x://").get_backend_name() for name in _DATABASES]
        if "sqlite" in kinds:
            return replace(reading, fault="names a replica, which only PostgreSQL has; DATABASE_URL must be one too")
    if reading.name == PREFIX + "DATABASE_URL" and reading.source == "default" and not reading.fault:
        return Reading(reading.name, values.get("database_url", ""), "default", reading.text, None)
    return reading


def _raw(option: Field[Any]) -> tuple[str, str, str | None]:
    name = PREFIX + option.name.upper()
    if name in os.environ:
        return os.environ[name], "environment", None
    held_in = os.environ.get(name + "_FILE")
    if option.metadata["secret"] and held_in:
        try:
            return Path(held_in).read_text(encoding="utf-8").strip(), f"file {held_in}", None
        except (OSError, UnicodeDecodeError) as error:
            return "", f"file {held_in}", f"cannot be read: {getattr(error, 'strerror', 'it is not UTF-8')}"
    return option.metadata["default"], "default", None


def _shown(option: Field[Any], raw: str) -> str:
    if not raw:
        return ""
    if option.metadata["parser"] == "database":
        try:
            return make_url(raw).render_as_string(hide_password=True)
        except (ArgumentError, ValueError):
            return "********"
    # a word that everybody may read, in the place of a token
    if option.metadata["parser"] == "metrics" and raw.strip() in NO_TOKENS:
        return raw
    return "********" if option.metadata["secret"] else raw
