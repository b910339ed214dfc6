"""Cursors: where the next part of a thread begins. Opaque to clients, typed and versioned for us.

A cursor names the last comment that was shown, never an offset: what is posted or removed meanwhile shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from service.models import LARGEST_INTEGER

_TOP = re.compile(r"1t(\d{1,15})")
_BEST = re.compile(r"1b(-?0x[01]\.[0-9a-f]{1,13}p(?:\+\d{1,3}|-\d{1,4})) (\d{1,15})")
_REPLY = re.compile(r"1r((?:[0-9a-z]{7}){0,50})")


@dataclass(frozen=True)
class Top:
    """At the top-level comment with this number; its `rank` only where that orders."""

    number: int
    rank: float | None = None


@dataclass(frozen=True)
class Reply:
    """At the reply with this path; an empty one stands before all replies."""

    path: str


Cursor = Top | Reply


def write(cursor: Cursor) -> str:
    """Return the cursor as clients carry it."""
    if isinstance(cursor, Reply):
        plain = f"1r{cursor.path}"
    elif cursor.rank is None:
        plain = f"1t{cursor.number}"
    else:
        plain = f"1b{cursor.rank.hex()} {cursor.number}"  # hexadecimal: no digit of a float is lost
    return base64.urlsafe_b64encode(plain.encode()).rstrip(b"=").decode("ascii")


def parse(value: str) -> Cursor | None:
    """Return what `value` says, None for what no version of ours wrote."""
    try:
        plain = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    if (match := _TOP.fullmatch(plain)) and int(match[1]) <= LARGEST_INTEGER:
        return Top(int(match[1]))
    if (match := _BEST.fullmatch(plain)) and int(match[2]) <= LARGEST_INTEGER:
        return Top(int(match[2]), float.fromhex(match[1]))
    if match := _REPLY.fullmatch(plain):
        return Reply(match[1])
    return None
