"""Values of every wrong kind, in every field of every route: refused or taken, never a fault of ours (G6, A3, A4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import fields

from tests.api.programs import Arranged, arrange
from tests.conftest import ORIGIN, PAGE, Reader, stored
from tests.security import vectors

#: as they are written in a body: also what Python's json could never write
TOKENS = (
    "null", "true", "-1", "1.5", "9223372036854775808", "1" + "0" * 5_000, "1e400", "NaN", "-Infinity", "[]", '[null]',
    "{}", '{"$ne":null}', '{"a":1,"a":2}', '"\\ud800"', '"\\u0000"', '""', '" "', '"\\u202e\\u200b"',
    '"' + "x" * 65_000 + '"', "[" * 100_000, '{"a":' * 100_000, '"%s%n{0}\'\\"<>"', '"9999-12-31T23:59:59-14:00"',
    '"0001-01-01T00:00:00+14:00"',
)  # fmt: skip
#: in a query or a path
WORDS = (
    "", "0", "-1", "1.5", "9" * 30, "NaN", "\x00", "\xed\xa0\x80", "a\x00b", "'\"<>", "[]", "true", "\u202e", "٣",
    "x" * 3_000, "%", "../..", "9999-12-31", "-0", "1e3",
)  # fmt: skip
COLUMNS = (
    "id", "state", "created", "ip", "site", "site_id", "score", "is_admin", "operator", "shadow", "checked", "html",
    "reader_id", "pipeline", "number", "up", "erase_at", "rank", "path", "source", "address",
)  # fmt: skip


@pytest.fixture(scope="module")
def arranged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arranged]:
    """One application for all cases, with a comment, operators, bans."""
    with arrange(tmp_path_factory.mktemp("types")) as made:
        yield made


def operations(app: Flask) -> list[tuple[str, str, dict[str, fields.Field[Any]], dict[str, fields.Field[Any]]]]:
    """Return method, rule, fields of the body and of the query of every route of the API."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            said = getattr(app.view_functions[rule.endpoint], "_apidoc", {}).get("arguments", {}).get("parameters", [])
            known = {each["in"]: each["schema"] for each in said if "schema" in each}
            made = {place: (kind() if isinstance(kind, type) else kind).fields for place, kind in known.items()}
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                found.append((method, rule.rule, made.get("json", {}), made.get("query", {})))
    return found


def bodies(taken: dict[str, Any], token: str) -> Iterator[str]:
    """Yield bodies in which one field at a time, nested ones too, is that token; the others are as they may be."""
    for name, field in taken.items():
        yield json.dumps({"page": PAGE, "body": "x"} if "page" in taken else {})[:-1].rstrip("{ ") + (
            (", " if "page" in taken else "{") + f"{json.dumps(name)}: {token}}}"
        )
        if isinstance(field, fields.Nested):
            inner = field.schema.fields
            yield from (f"{{{json.dumps(name)}: {{{json.dumps(each)}: {token}}}}}" for each in inner)


def asks(made: Arranged, method: str, path: str, **sent: Any) -> int:
    """Send a request as the owner's program, or as a reader; return how it was answered."""
    key = made.keys["owner"] if path.startswith("/api/v1/admin") else "A" * 43
    headers = {"Origin": ORIGIN, "Authorization": f"Bearer {key}"}
    answer = made.restored.app.test_client(use_cookies=False).open(path, method=method, headers=headers, **sent)
    answer.get_data()
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code


def filled(rule: str, named: dict[str, Any]) -> str:
    """Return the address of a rule."""
    return re.sub(r"<[^<>]*:(\w+)>", lambda part: str(named[part[1]]), rule)


@pytest.mark.slow
def test_no_body_is_a_fault(arranged: Arranged) -> None:
    faults, asked = [], 0
    for method, rule, taken, _ in operations(arranged.restored.app):
        with arranged.restored.after(limit_acts=()):
            for token in TOKENS if taken else ():
                for body in bodies(taken, token):
                    status = asks(
                        arranged, method, filled(rule, arranged.named), data=body, content_type="application/json"
                    )
                    asked += 1
                    faults += [(method, rule, body[:200])] if status >= 500 else []
    assert faults == []
    assert asked > 1_000


@pytest.mark.slow
def test_no_query_is_a_fault(arranged: Arranged) -> None:
    faults = []
    for method, rule, _, taken in operations(arranged.restored.app):
        for name in taken:
            for word in WORDS:
                query = ({"page": PAGE} if "page" in taken else {}) | {name: word}
                with arranged.restored.after():
                    status = asks(arranged, method, filled(rule, arranged.named), query_string=query)
                faults += [(method, rule, query)] if status >= 500 else []
    assert faults == []


@pytest.mark.slow
def test_no_path_is_a_fault(arranged: Arranged) -> None:
    faults = []
    for method, rule, _, _ in operations(arranged.restored.app):
        for word in WORDS if "<" in rule else ():
            with arranged.restored.after():
                status = asks(arranged, method, re.sub(r"<[^<>]*>", lambda _: word or "%20", rule))  # noqa: B023
            faults += [(method, rule, word)] if status >= 500 else []
    assert faults == []


@pytest.mark.slow
def test_no_column_can_be_written_by_its_name(arranged: Arranged) -> None:
    with arranged.restored.after():
        for method, rule, taken, _ in operations(arranged.restored.app):
            for name in [each for each in COLUMNS if taken and each not in taken]:
                before = [dict(row) for row in stored("comments")]
                sent = {name: 1} | ({"page": PAGE, "body": "x"} if "page" in taken else {})
                status = asks(arranged, method, filled(rule, arranged.named), json=sent)
                assert status in (404, 409, 422), (method, rule, name)
                assert stored("comments") == before


def test_what_is_stored_comes_back_as_it_was(reader: Reader) -> None:
    for number, vector in enumerate(vectors.TEXTS):
        answer = reader.posts(f"{number} {vector}", author={"name": f"n{vector}"[:60]}, title=vector[:300])
        if answer.status_code in (201, 202):
            (kept,) = (row for row in stored("comments") if row["id"] == answer.json["comment"]["id"])
            once_more = reader.posts(kept["body"] + "\n.", author={"name": kept["name"]}).json["comment"]
            (again,) = (row for row in stored("comments") if row["id"] == once_more["id"])
            assert (again["body"], again["name"]) == (kept["body"] + "\n.", kept["name"])
            assert once_more["author"]["name"] == kept["name"]
