"""JSON bodies, read strictly: whatever comes, an object or Malformed, never another error."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Malformed
from service.web.body import DEEPEST, LARGEST, MOST_BYTES, MOST_KEYS, parse
from tests import cost

SCALARS = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    SCALARS | TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(keys, value.values()))
    return sum(map(keys, value)) if isinstance(value, list) else 0


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_a_sound_object_comes_back_as_it_was(value: dict[str, Any]) -> None:
    for escaped in (True, False):
        raw = json.dumps(value, ensure_ascii=escaped).encode()
        if depth(value) <= DEEPEST and keys(value) <= MOST_KEYS:
            assert parse(raw) == value
        else:
            with pytest.raises(Malformed):
                parse(raw)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_other_bytes_make_another_error(raw: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(parse(raw), dict)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a": NaN}', "NaN is not JSON."),
        (b'{"a": -Infinity}', "-Infinity is not JSON."),
        (b"\xff", "The body is not UTF-8."),
        (b"[1]", "The body is not a JSON object."),
        (b'{"a": 9007199254740993}', "The body holds a number beyond 2^53."),
        (b'{"a": "\\u0000"}', "The body holds a NUL character."),
        (b'{"a": ["\\ud800"]}', "The body holds half of a surrogate pair."),
        (b'{"a": 1, "a": 1}', "The body names a field twice."),
    ],
)
def test_the_reason_is_said(raw: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(raw)
    assert caught.value.sentence() == reason


@pytest.mark.parametrize("levels", [DEEPEST, DEEPEST + 1])
@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
def test_depth_is_counted_over_objects_and_lists(levels: int, opening: str, closing: str) -> None:
    raw = f'{{"a":{opening * (levels - 1)}1{closing * (levels - 1)}}}'.encode()
    if levels <= DEEPEST:
        parse(raw)
    else:
        with pytest.raises(Malformed, match="nested"):
            parse(raw)


@pytest.mark.parametrize("text", ["[" * 20, '"' + "{" * 20, "\\" + "[" * 20, '\\"' + "[" * 20, "\\\\"])
def test_brackets_in_a_string_are_no_depth(text: str) -> None:
    assert parse(json.dumps({"a": text}).encode()) == {"a": text}


@pytest.mark.parametrize("number", [LARGEST, -LARGEST, 0])
def test_whole_numbers_are_taken_as_far_as_all_agree_on_them(number: int) -> None:
    assert parse(json.dumps({"a": number}).encode()) == {"a": number}


@pytest.mark.parametrize(
    "raw",
    [b"[" * MOST_BYTES, b'{"a":' * 10_000, b'"' * MOST_BYTES, b"\\" * MOST_BYTES, b'{"a":' + b"1" * 65_000 + b"}",
     b'{"a":0.' + b"1" * 65_000 + b"}", b'{"a":"' + b"\\u0041" * 10_000 + b'"}', b'{"a":[' + b"0," * 32_000 + b"0]}"],
    ids=lambda raw: ascii(raw[:8]),
)  # fmt: skip
def test_the_largest_body_is_read_in_no_time(raw: bytes) -> None:
    def read() -> None:
        with suppress(Malformed):
            parse(raw)

    assert cost.of(read, enough=20) <= 20
