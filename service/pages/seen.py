"""What somebody had before their eyes when they began to change it: a change that came between is known by it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from service.errors import Overtaken

#: entries told of a list that somebody has changed
_TOLD = 10


def mark(values: Mapping[str, Any]) -> str:
    """Return a mark of values as they stand now, to be handed back with a change: a short digest of each."""
    return ".".join(_digest(name, value) for name, value in values.items())


def check(seen: str | None, values: Mapping[str, Any]) -> None:
    """Raise Overtaken when the values are others than those that a mark was made of; without one, nothing is asked."""
    known = seen.split(".") if seen else []
    others = {name: _short(value) for name, value in values.items() if _digest(name, value) not in known}
    if seen and others:
        raise Overtaken(others)


def _short(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(_short, value[:_TOLD])) + (", …" if len(value) > _TOLD else "")
    return "" if value is None else str(value)


def _digest(name: str, value: Any) -> str:
    return hashlib.sha256(json.dumps([name, value], default=str).encode()).hexdigest()[:12]
