"""What a request may hold: its size, its form, the types and the lengths of its fields (R-LIM, A3)."""

from __future__ import annotations

import json
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests import cost
from tests.conftest import ORIGIN, PAGE, Reader, stored

SENT: dict[str, Any] = {"page": PAGE, "body": "Hello.", "author": {"name": "Ann"}}


def send(reader: Reader, raw: bytes | str, content_type: str | None = "application/json") -> TestResponse:
    """Send a body as it is."""
    return reader.client.post("/api/v1/comments", data=raw, content_type=content_type, headers=reader.headers())


def nothing_is_stored() -> bool:
    return not any(stored(table) for table in ("comments", "pages", "readers", "retries", "spent"))


# --- the envelope


def test_64_kib_are_taken_and_a_byte_more_is_not(reader: Reader) -> None:
    raw = json.dumps(SENT).encode()
    assert send(reader, raw.ljust(65_536)).status_code == 201
    answer = send(reader, raw.ljust(65_537))
    assert (answer.status_code, answer.json["type"]) == (413, "/problems/too-large")
    assert len(stored("comments")) == 1


def test_a_body_that_does_not_say_its_length_is_bounded_too(stranger: Reader) -> None:
    raw = json.dumps(SENT).encode().ljust(65_537)
    answer = stranger.client.post(
        "/api/v1/comments",
        input_stream=BytesIO(raw),
        content_type="application/json",
        headers=stranger.headers() | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json",
     "application/json-patch+json", "application/problem+json", "application/vnd.api+json", "json"],
)  # fmt: skip
def test_only_json_is_taken(stranger: Reader, content_type: str | None) -> None:
    # any other type could be sent from a foreign page without a preflight (A5)
    answer = send(stranger, json.dumps(SENT), content_type)
    assert (answer.status_code, answer.json["type"]) == (415, "/problems/not-json")
    assert nothing_is_stored()


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;x"])
def test_json_is_known_in_every_spelling(reader: Reader, content_type: str) -> None:
    assert send(reader, json.dumps(SENT), content_type).status_code == 201


@pytest.mark.parametrize(
    "raw",
    [
        b"", b" ", b"{", b"}", b"{}x", b"[]", b'"text"', b"1", b"null", b"true", b"{'page': 1}", b'{"page": }',
        b'{"a": 1,}', b'{"a": 01}', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": "\x01"}',
        b'\xef\xbb\xbf{"a": 1}', b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', b'{"a": "\xc0\x80"}',
        '{"a": "é"}'.encode("latin-1"), '{"a": 1}'.encode("utf-16"), '{"a": 1}'.encode("utf-32"),
        b'{"a": "\\ud800"}', b'{"a": "\\udc00\\ud800"}', b'{"\\ud800": 1}', b'{"a": "\\u0000"}', b'{"\\u0000": 1}',
        b'{"a": 1, "a": 1}', b'{"a": {"b": 1, "b": 2}}', b'{"a": 1, "\\u0061": 2}',
        b"[" * 60_000, b'{"a":' * 9 + b"1" + b"}" * 9, b'{"a": ' + b"[" * 8 + b"]" * 8 + b"}",
        b'{"a": ' + b"9" * 5_000 + b"}", b'{"a": 9007199254740993}', b'{"a": -9007199254740993}',
        json.dumps(dict.fromkeys(map(str, range(33)))).encode(),
        json.dumps({"a": dict.fromkeys(map(str, range(32)))}).encode(),
    ],
    ids=lambda raw: repr(raw[:24]),
)  # fmt: skip
def test_what_is_no_sound_json_object_is_refused_as_malformed(stranger: Reader, raw: bytes) -> None:
    answer = send(stranger, raw)
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/malformed")
    assert nothing_is_stored()


@pytest.mark.parametrize(
    "extra",
    [
        {"x": [[[[[[[0]]]]]]]},  # eight levels with the object around it
        dict.fromkeys(map(str, range(28))),  # 32 keys with page, body, author and its name
        {"x": 2**53},
        {"x": -(2**53)},
        {"x": '[[[[[[[[[["{{{{{{{{{{\\'},  # brackets in a string are no depth
        {"x": "\U0001f600"},  # a whole surrogate pair, as JSON escapes it
    ],
    ids=["depth", "keys", "2^53", "-2^53", "brackets", "pair"],
)
def test_json_at_the_edge_of_what_is_taken_is_judged_by_its_fields(stranger: Reader, extra: dict[str, Any]) -> None:
    answer = send(stranger, json.dumps(SENT | extra))
    assert answer.status_code == 422
    assert answer.json["errors"] == {field: ["Unknown field."] for field in extra}


# --- types

FIELDS = ("page", "id", "title", "parent", "body", "author", "author.name", "author.email", "author.website")
TOKENS = (
    "null", "0", "-1", "7", "1.0", "1.5", "1e400", "-1e400", "NaN", "Infinity", "1" + "0" * 30, "1" + "0" * 5_000,
    "true", "false", "[]", '["x"]', "{}", '{"$ne": null}', '"\\ud800"', '"x\\udfff"', '"\\u0000"', '"a\\u0000b"',
)  # fmt: skip
OPTIONAL = {("id", "null"), ("parent", "null")}


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token[:12])
def test_no_field_takes_a_value_of_another_type(reader: Reader, token: str) -> None:
    wrong = {}
    for field in FIELDS:
        sent = json.loads(json.dumps(SENT))
        place, name = (sent["author"], field.partition(".")[2]) if "." in field else (sent, field)
        place[name] = "@@"
        status = send(reader, json.dumps(sent).replace('"@@"', token)).status_code
        if (field, token) not in OPTIONAL and status not in (400, 422):
            wrong[field] = status
    assert wrong == {}
    if token != "null":
        assert nothing_is_stored()


# --- lengths


def _email(longest: int) -> str:
    rest = longest - len("@.org") - 64 - 64 - 64
    return f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * rest}.org"


def _key(longest: int) -> str:
    return f"{ORIGIN}/{'k' * (longest - len('blog.example.org/'))}"


EDGES = [
    ("body", "x" * 10_000, "x" * 10_001),
    ("body", "\U0001f600" * 10_000, "\U0001f600" * 10_001),  # 40,000 bytes
    ("body", "e\u0301" * 10_000, "e\u0301" * 10_001),  # counted in normal form C
    ("body", f"\r\n{'x' * 10_000} \r\n", f"{'x' * 10_000}\n."),
    ("body", " ".join(["https://example.org"] * 50), " ".join(["https://example.org"] * 51)),
    ("title", "t" * 300, "t" * 301),
    ("title", f"  {'t' * 300}  ", f"t {'t' * 299}"),
    ("id", "i" * 500, "i" * 501),
    ("page", f"{PAGE}#".ljust(2_048, "x"), f"{PAGE}#".ljust(2_049, "x")),
    ("page", _key(512), _key(513)),
    ("parent", None, 2**53),
    ("author.name", "é" * 64, "é" * 65),
    ("author.name", "e\u0301" * 64, "e\u0301" * 65),
    ("author.email", _email(254), _email(255)),
    ("author.website", "https://example.org/".ljust(2_048, "w"), "https://example.org/".ljust(2_049, "w")),
]


@pytest.mark.parametrize(("field", "longest", "beyond"), EDGES, ids=[f"{edge[0]}-{n}" for n, edge in enumerate(EDGES)])
def test_a_field_is_taken_up_to_its_limit_and_no_further(reader: Reader, field: str, longest: Any, beyond: Any) -> None:
    def sent(value: Any) -> dict[str, Any]:
        name, _, inner = field.partition(".")
        return SENT | {name: SENT["author"] | {inner: value} if inner else value}

    answer = send(reader, json.dumps(sent(beyond), ensure_ascii=False))
    assert answer.status_code == 422, answer.text
    assert list(answer.json["errors"]) == [field.partition(".")[0]]
    assert nothing_is_stored()
    assert send(reader, json.dumps(sent(longest), ensure_ascii=False)).status_code in (201, 202)


def test_every_body_that_is_taken_is_taken_quickly(reader: Reader) -> None:
    # the limits bound what one request can cost; X12: half a second of the processor's time on a small server
    for body in ("> " * 10 + "x " * 4_900, "*a" * 5_000, "`" * 9_999 + "x", "[a](" * 2_500, "<" * 10_000):
        assert cost.of(partial(reader.posts, body), enough=100) <= 100, body[:10]
