"""What the operators' API answers, as JSON: dataclasses as objects, moments as in the threads."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, jsonify

from service import threads


def answer(value: Any, status: int = 200) -> Response:
    """Return an answer that holds a value."""
    response = jsonify(plain(value))
    response.status_code = status
    return response


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, datetime):
        return threads.moment(value)
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value
