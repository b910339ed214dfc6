"""Text that is no text, through a real service: refused where it is sent; what is taken comes back as it is stored."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from service.text import clean_body, clean_line, to_html
from tests.faults.accounting import query
from tests.faults.clients import Ledger, at_once
from tests.faults.harness import HOST, ORIGIN, Answer, Service
from tests.security import vectors

#: as they stand in a body: what is no UTF-8, no character, no JSON, or more than any reader of JSON should take
NO_TEXT = (
    b'"\xff"', b'"\xc3"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"a\x00b"', b'"\x1f"',
    b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\\x41"', b"'a'", b"NaN", b"-Infinity", b"1e999",
    b"9" * 5_000, b"-" + b"9" * 5_000, b"[" * 60_000, b"[" * 100_000, b'{"a":' * 12_000,
)  # fmt: skip
#: as they stand in an address, a header or a form, and whether a form that has them is damaged
NO_WORDS = {
    "%FF": True, "%00": True, "a%00b": True, "%C0%80": True, "%ED%A0%80": True, "%F4%90%80%80": True,
    "%EF%BF%BF": False, "%E2%80%AE": False, "%zz": False, "%": False, "9" * 5_000: False,
}  # fmt: skip
FIELDS = (
    "page", "id", "title", "parent", "body", "author", "author.name", "author.email", "author.website", "form.token",
)  # fmt: skip
#: kept to the letter
WHOLE = (
    "Zażółć gęślą jaźń", "שלום עולם", "नमस्ते", "字字", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "a < b && c > d",
    "NULL", "1e400", "__proto__", "' OR 1=1 --",
)  # fmt: skip
CLIENTS = 8
#: where each text is put in the long one
FIELDS_SENT = ("body", "name", "email", "website", "title", "id", "page")


def _send(service: Service, method: str, path: str, raw: bytes, key: str = "") -> Answer:
    headers = {"Content-Type": "application/json", "Origin": ORIGIN}
    return service.ask(method, path, raw, headers | ({"Authorization": f"Bearer {key}"} if key else {}))


def _with(fields: dict[str, Any], name: str, token: bytes) -> bytes:
    """Return a body as it may be, but for one field, which is that token."""
    outer, _, inner = name.partition(".")
    put: Any = {inner: "@@"} if inner else "@@"
    return json.dumps(fields | {outer: put}).encode().replace(b'"@@"', token)


@pytest.mark.slow
@pytest.mark.fault("F16")
def test_what_is_no_text_is_refused_in_every_field(service: Service, ledger: Ledger) -> None:
    page = f"{ORIGIN}/no-text"
    first = ledger.post(page).content
    own, key = f"/api/v1/comments/{first['comment']['id']}", first["reader_key"]
    post = {"page": page, "body": "Hello.", "author": {"name": "Ann"}}
    ways: list[tuple[str, str, dict[str, Any], tuple[str, ...]]] = [
        ("POST", "/api/v1/comments", post, FIELDS),
        ("PATCH", own, {"body": "Hello."}, ("body",)),
        ("PUT", f"{own}/vote", {"value": 1}, ("value",)),
        ("POST", f"{own}/report", {"reason": "Rude."}, ("reason",)),
        ("POST", "/api/v1/preview", {"body": "Hello."}, ("body",)),
    ]
    wrong = [
        (method, path, name, token[:20], answer)
        for method, path, fields, names in ways
        for name in names
        for token in NO_TEXT
        if (answer := _send(service, method, path, _with(fields, name, token), key)).status not in (400, 413, 422)
    ]
    assert wrong == []
    kept = query(service, "SELECT body FROM comments JOIN pages ON pages.id = page_id WHERE url LIKE ?", f"{page}%")
    assert [row["body"] for row in kept] == [ledger.sent[0].body]
    assert service.ask("GET", "/readyz").status == 200


@pytest.mark.fault("F16")
@pytest.mark.parametrize(("word", "damaged"), NO_WORDS.items(), ids=[word[:12] for word in NO_WORDS])
def test_what_is_no_text_elsewhere_is_no_fault_of_the_service(service: Service, word: str, damaged: bool) -> None:
    page = quote(f"{ORIGIN}/no-words", safe="")
    reads = [
        f"/api/v1/thread?page={word}", f"/api/v1/thread?page={page}{word}", f"/api/v1/thread?page={page}&id={word}",
        f"/api/v1/thread?page={page}&after={word}", f"/api/v1/thread?page={page}&parent={word}",
        f"/api/v1/counts?page={page}{word}", f"/thread?page={page}{word}", f"/feeds/page.atom?page={page}{word}",
        f"/feeds/site.atom?site={word}", f"/api/v1/comments/{word}", f"/{word}",
    ]  # fmt: skip
    asked = {path: service.ask("GET", path).status for path in reads}
    assert {path: status for path, status in asked.items() if not 200 <= status < 500} == {}

    opened = service.ask("GET", f"/thread?page={page}").content
    token = re.search(r'name="token" value="([^"]+)"', opened)[1]
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{HOST}:{service.port}"}
    form = f"token={token}&page={page}&body={word}&name={word}".encode()
    status = service.ask("POST", "/thread", form, headers).status
    assert status == 400 if damaged else status in (303, 422)


def _normal(text: str, field: str) -> str | None:
    clean = clean_body if field == "body" else clean_line
    try:
        return clean(text)
    except ValueError:
        return None


def _told(service: Service, page: str, text: str, field: str) -> tuple[str, Answer]:
    """Post a comment that has the text in that field."""
    fields: dict[str, Any] = {"page": page, "body": "Hello.", "author": {"name": "Ann"}}
    fields["author" if field == "name" else field] = {"name": text} if field == "name" else text
    return text, _send(service, "POST", "/api/v1/comments", json.dumps(fields).encode())


def _comes_back(service: Service, texts: list[str], page: str) -> None:
    """Fail unless each is refused, or taken and shown as it is stored; and what is stored is stored like that again."""
    wanted = [(text[:64] if field == "name" else text, field) for field in ("body", "name") for text in texts]

    def post(number: int) -> list[tuple[str, str, Answer]]:
        return [(field, *_told(service, page, text, field)) for text, field in wanted[number::CLIENTS]]

    told = [each for own in at_once(CLIENTS, post) for each in own]
    assert {answer.status for _, _, answer in told} <= {201, 202, 400, 422}
    assert {_normal(text, field) for field, text, answer in told if answer.status == 400} <= {None}
    found = query(service, "SELECT comments.* FROM comments JOIN pages ON pages.id = page_id WHERE url = ?", page)
    rows = {row["id"]: row for row in found}
    taken = 0
    for field, text, answer in told:
        if answer.status >= 400:
            continue
        taken += 1
        shown = answer.content["comment"]
        row = rows.pop(shown["id"])
        assert row[field] == _normal(text, field), (field, text)
        assert _normal(row[field], field) == row[field]
        assert (shown["html"], shown["author"]["name"]) == (row["html"], row["name"])
        assert row["html"] == to_html(row["body"]).html
        if text in WHOLE:
            assert row[field] == text
    assert rows == {}, "more is stored than was told"
    assert taken > len(wanted) / 2
    seen = {comment["id"]: comment for comment in service.read(page).content["comments"]}
    for row in found:
        if row["id"] in seen and row["state"] == "published":
            assert (seen[row["id"]]["html"], seen[row["id"]]["author"]["name"]) == (row["html"], row["name"])


@pytest.mark.fault("F16")
def test_every_text_that_is_taken_comes_back_as_it_is_stored(service: Service) -> None:
    assert all(unicodedata.is_normalized("NFC", text) for text in WHOLE)
    _comes_back(service, [*vectors.TEXTS, *WHOLE], f"{ORIGIN}/texts")


@pytest.mark.long
@pytest.mark.fault("F16")
@pytest.mark.parametrize("which", ["ours", "public"])
def test_so_does_all_that_is_hostile(make_service: Callable[..., Service], which: str) -> None:
    service = make_service(workers=2)
    service.start()
    texts = vectors.everything() if which == "ours" else list(dict.fromkeys(vectors.public()))
    _comes_back(service, texts, f"{ORIGIN}/hostile")


def _everywhere(text: str, number: int, page: str) -> dict[str, dict[str, Any]]:
    """Return comments that have the text each in another field; `number` makes of each a page of its own."""
    one = {"body": f"Hello {number}.", "author": {"name": "Ann"}}
    return {
        "body": one | {"page": page, "body": text},
        "name": one | {"page": page, "author": {"name": text}},
        "email": one | {"page": page, "author": {"name": "Ann", "email": text}},
        "website": one | {"page": page, "author": {"name": "Ann", "website": text}},
        "title": one | {"page": f"{page}/title/{number}", "title": text},
        "id": one | {"page": f"{page}/id/{number}", "id": text},
        "page": one | {"page": f"{page}/address/{text}"},
    }


def _stored_as(text: str, field: str, answer: Answer, row: Any) -> list[str]:
    """Return what is wrong with how a text was stored that was taken."""
    shown = answer.content["comment"]
    kept, told = {
        "body": (row["html"], shown["html"]),
        "name": (row["name"], shown["author"]["name"]),
        "website": (row["website"] or None, shown["author"]["website"]),
    }.get(field, ("", ""))
    wrong = [f"{field} {text!r} is stored as {kept!r}, told as {told!r}"] if kept != told else []
    if field in ("body", "name", "title") and row[field] != _normal(text, field):
        wrong.append(f"{field} {text!r} is stored as {row[field]!r}")
    return wrong


@pytest.mark.long
@pytest.mark.fault("F16")
def test_no_text_in_any_field_is_a_fault_and_what_is_taken_is_kept(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    service.start()
    texts = list(dict.fromkeys([*vectors.collection("naughty-strings"), *WHOLE]))
    page = f"{ORIGIN}/everywhere"
    sent = [
        (field, text, content)
        for number, text in enumerate(texts)
        for field, content in _everywhere(text, number, page).items()
    ]

    def post(number: int) -> list[tuple[str, str, Any, Answer]]:
        return [
            (*each, _send(service, "POST", "/api/v1/comments", json.dumps(each[2]).encode()))
            for each in sent[number::CLIENTS]
        ]

    told = [each for own in at_once(CLIENTS, post) for each in own]
    statuses = {field: Counter(answer.status for name, *_, answer in told if name == field) for field in FIELDS_SENT}
    print("\n".join(f"{field}: {dict(counts)}" for field, counts in statuses.items()))
    assert {answer.status for *_, answer in told} <= {201, 202, 400, 422}
    found = query(service, "SELECT comments.*, pages.title, pages.url FROM comments JOIN pages ON pages.id = page_id")
    rows = {row["id"]: row for row in found}
    taken = [(field, text, content, answer) for field, text, content, answer in told if answer.status < 400]
    wrong = [
        fault
        for field, text, _, answer in taken
        for fault in _stored_as(text, field, answer, rows[answer.content["comment"]["id"]])
    ]
    assert wrong == []
    assert len(rows) == len(taken), "more is stored than was told"
    for field, text, content, answer in taken:
        if field in ("id", "page"):
            asked = "&".join(f"{name}={quote(content[name], safe='')}" for name in ("page", "id") if name in content)
            seen = service.ask("GET", f"/api/v1/thread?{asked}")
            assert seen.status == 200, (field, text)
            ids = {each["id"] for each in seen.content["comments"]}
            assert answer.status == 202 or answer.content["comment"]["id"] in ids or seen.content["next"], (field, text)
