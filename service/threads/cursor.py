"""Cursors: where the next part of a thread begins. Opaque to clients, typed and versioned for us.

A cursor names the last comment that was shown, never an offset: what is posted or removed meanwhile shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

_TOP = re.compile(r"1t(\d{1,15})")
_REPLY = re.compile(r"1r((?:[0-9a-z]{7}){1,50})")


@dataclass(frozen=True)
class Top:
    """Behind the top-level comment with this number."""

    number: int


@dataclass(frozen=True)
class Reply:
    """Behind the reply with this path."""

    path: str


Cursor = Top | Reply


def write(cursor: Cursor) -> str:
    """Return the cursor as clients carry it."""
    plain = f"1t{cursor.number}" if isinstance(cursor, Top) else f"1r{cursor.path}"
    return base64.urlsafe_b64encode(plain.encode()).rstrip(b"=").decode("ascii")


def parse(value: str) -> Cursor | None:
    """Return what `value` says, None for what no version of ours wrote."""
    try:
        plain = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    if match := _TOP.fullmatch(plain):
        return Top(int(match[1]))
    if match := _REPLY.fullmatch(plain):
        return Reply(match[1])
    return None
