"""Which version of a comment somebody has looked at, so that nobody decides on another one without knowing.

Written as the newest change of its text, then how it stood: "17-pending", "0-published-checked". Not a moment: of two
acts that waited for the lock, the one that began earlier may come second.
"""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields

from service.database import AnyRow

#: how a version is written
_WRITTEN = re.compile(r"(\d{1,16})-([a-z]{1,10}(?:-checked)?)", re.ASCII)


class Seen(fields.String):
    """A version as a client sends it back."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        given: str = super()._deserialize(value, attr, data, **kwargs)
        if not _WRITTEN.fullmatch(given):
            raise ValidationError('This is no version of a comment, such as "17-pending".')
        return given


def is_version(value: str) -> bool:
    """Tell whether this is a version as written here."""
    return _WRITTEN.fullmatch(value) is not None


def of(row: AnyRow) -> str:
    """Return the version of a comment in a row with its newest edit."""
    return f"{row.newest_edit or 0}-{row.state}{'-checked' if row.checked else ''}"


def newest_edit(version: str) -> int:
    """Return the newest change of the text that was seen, 0 for none."""
    return int(version.partition("-")[0])


def is_edited(row: AnyRow, seen: str) -> bool:
    """Tell whether the comment says something else than was seen."""
    return newest_edit(seen) != (row.newest_edit or 0)
