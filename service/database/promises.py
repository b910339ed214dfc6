"""What PostgreSQL must promise, so that what was answered 201 is on its disk."""

from __future__ import annotations

from sqlalchemy import func, select

from service.database.engine import db
from service.database.faults import translated

#: how PostgreSQL must be set, and what is lost otherwise (https://www.postgresql.org/docs/current/runtime-config-wal.html)
_NEEDED = {
    "fsync": (("on",), "a crash of the machine can destroy the whole database"),
    "full_page_writes": (("on",), "a crash of the machine can leave pages that are half written"),
    "synchronous_commit": (
        ("on", "remote_write", "remote_apply"),
        "a crash loses comments of which their readers were told that they are stored",
    ),
}


def broken_promises() -> list[str]:
    """Return a sentence for each of PostgreSQL's settings with which acknowledged comments could be lost.

    Of SQLite there are none: its connections are set up here. Raises Unavailable when the database cannot be reached.
    """
    if db.engine.dialect.name != "postgresql":
        return []
    asked = select(*(func.current_setting(name).label(name) for name in _NEEDED))
    with translated(), db.engine.connect() as connection:
        found = connection.execute(asked).mappings().one()
    return [
        f"PostgreSQL's {name} is {found[name]}: {lost}. Set it to {wanted[0]}."
        for name, (wanted, lost) in _NEEDED.items()
        if found[name] not in wanted
    ]
