"""Reads JSON bodies strictly: size, depth, keys and numbers are bounded before anything looks at the content.

What Python's json lets through would end as a 500 further down: a lone surrogate no database takes, 100,000 brackets a
RecursionError, 5,000 digits a ValueError, NaN a NULL, NUL a string that PostgreSQL refuses.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from flask import Request
from marshmallow import ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from service.errors import Invalid, Malformed

MOST_BYTES = 64 * 1024
#: and what is taken by the one route that takes most: a spam filter that knows all it may
MOST_BYTES_ANYWHERE = 32 * 1024 * 1024
DEEPEST = 8
MOST_KEYS = 32
LARGEST = 2**53  # beyond it JSON readers disagree on whole numbers
_LONGEST_NUMBER = 25
_SURROGATE = re.compile("[\ud800-\udfff]")


class StrictParser(FlaskParser):
    """webargs' parser with our reading of JSON; unknown fields are judged by the schema alone."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {"json": None, "query": None}  # noqa: RUF012

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Raise what the schema refused as ours, without webargs' name of the place in front of the fields."""
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        fields = messages.get("json") or messages.get("query") or messages
        raise Invalid(fields if isinstance(fields, dict) else {"_schema": fields}) from error

    def load_json(self, req: Request, schema: Any) -> Any:
        """Return the body's content, or raise Malformed, UnsupportedMediaType or RequestEntityTooLarge."""
        if req.mimetype != "application/json":
            # Also keeps foreign pages out: any other type could be sent across origins without being asked first.
            raise UnsupportedMediaType("Send the comment as application/json.")
        raw = req.get_data(cache=False)
        if req.content_length is None and len(raw) >= (req.max_content_length or MOST_BYTES):
            raise RequestEntityTooLarge  # werkzeug cuts a body of unannounced length at the limit without a word
        return parse(raw)


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`, or raise Malformed with the reason."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None
    _check_depth(text)
    keys = 0

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal keys
        keys += len(found)
        if keys > MOST_KEYS:
            raise Malformed(f"The body has more than {MOST_KEYS} fields.")
        if len({name for name, _ in found}) != len(found):
            raise Malformed("The body names a field twice.")
        return dict(found)

    try:
        content = json.loads(text, object_pairs_hook=pairs, parse_constant=_no_constant, parse_int=_whole)
    except ValueError as error:
        raise Malformed(f"The body is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise Malformed("The body is not a JSON object.")
    _check_strings(content)
    return content


def _check_depth(text: str) -> None:
    # one pass over the text, before a recursive parser meets it; few brackets cannot nest deeply
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth, quoted, escaped = 0, False, False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Malformed(f"The body is nested more than {DEEPEST} levels deep.")
        elif character in "]}":
            depth -= 1


def _no_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON.")


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER or abs(int(digits)) > LARGEST:
        raise Malformed("The body holds a number beyond 2^53.")
    return int(digits)


def _check_strings(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise Malformed("The body holds a NUL character.")
        if _SURROGATE.search(value):
            raise Malformed("The body holds half of a surrogate pair.")
    elif isinstance(value, dict):
        for name, part in value.items():
            _check_strings(name)
            _check_strings(part)
    elif isinstance(value, list):
        for part in value:
            _check_strings(part)
