"""What the tables share: the base class and the column type for moments in time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator

from service.database import Model

__all__ = ["LARGEST_ID", "LARGEST_INTEGER", "LongId", "Model", "Moment", "ascii_text"]

#: largest id that may be asked for: what every reader of JSON holds exactly (RFC 8259, 6)
LARGEST_ID = 2**53 - 1
#: and in tables that never outgrow it, and of a page's numbers: what PostgreSQL's INTEGER holds
LARGEST_INTEGER = 2**31 - 1

#: ids of tables that may outgrow 2^31 rows; SQLite counts in 64 bits anyway, but only under the name INTEGER
LongId = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """A moment in time, always aware and always UTC in Python; SQLite, which knows no zones, stores it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC; raises ValueError for a naive time, whose zone nobody could know."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the stored time with its zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def ascii_text(length: int) -> String:
    """Return a string type that sorts by code point on every engine, as SQLite does by itself."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
