"""Errors: all of one form (RFC 9457), said for people and for programs, and telling nothing of our insides."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from service import database, errors, threads
from service.settings import Limit
from service.web.errors import STATUS
from tests.conftest import ORIGIN, PAGE, Operator, Reader

POST = "/api/v1/comments"


def is_problem(answer: TestResponse, status: int, code: str) -> bool:
    """Check the form of an error."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    problem = answer.json
    assert set(problem) - {"errors", "reason", "reopens", "request_id"} == {"type", "title", "status", "detail"}
    assert problem.get("request_id") == (answer.headers["X-Request-Id"] if status >= 500 else None)
    assert problem["type"] == f"/problems/{code}"
    assert problem["status"] == status
    assert problem["title"].strip()
    assert problem["detail"].strip()
    assert ("errors" in problem) == (status == 422)
    return True


def all_problems() -> list[type[errors.AfterwordError]]:
    """Return every exception of ours that a request can meet."""
    found: list[type[errors.AfterwordError]] = []
    waiting = [errors.AfterwordError]
    while waiting:
        found += (kinds := waiting.pop().__subclasses__())
        waiting += kinds
    return [kind for kind in found if kind is not errors.Misconfigured]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"json": {}}, 422, "invalid"),
        ({"json": {"page": "null", "body": "x", "author": {"name": "Ann"}}}, 422, "not-a-page"),
        ({"json": {"page": "https://elsewhere.example/", "body": "x"}}, 404, "unknown-site"),
        ({"json": []}, 400, "malformed"),
        ({"data": "{", "content_type": "application/json"}, 400, "malformed"),
        ({"data": b"\xff", "content_type": "application/json"}, 400, "malformed"),
        ({"data": "x"}, 415, "not-json"),
        ({}, 415, "not-json"),
        ({"data": "x" * 70_000, "content_type": "application/json"}, 413, "too-large"),
        ({"json": {"page": PAGE, "body": "x"}, "headers": {}}, 403, "origin-not-allowed"),
    ],
)
def test_what_is_wrong_with_a_comment_is_said(stranger: Reader, sent: dict[str, Any], status: int, code: str) -> None:
    assert is_problem(stranger.client.post(POST, **{"headers": {"Origin": ORIGIN}} | sent), status, code)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/thread", 422, "invalid"),
        ("/api/v1/thread?page=null", 422, "not-a-page"),
        ("/api/v1/thread?page=https://elsewhere.example/", 404, "unknown-site"),
        (f"/api/v1/thread?page={PAGE}&parent=7", 404, "not-found"),
        ("/api/v1/counts", 422, "invalid"),
        ("/api/v1/nothing", 404, "not-found"),
        ("/api/v1/thread/", 404, "not-found"),
        ("/api/v1", 404, "not-found"),
        ("/nothing", 404, "not-found"),
        ("/wp-login.php", 404, "not-found"),
        ("/problems/nothing", 404, "not-found"),
        ("/static/../secret.key", 404, "not-found"),
        ("/static/%2e%2e/%2e%2e/secret.key", 404, "not-found"),
        ("/static/front.html", 404, "not-found"),
        (f"/{'x' * 3_000}", 404, "not-found"),
        ("/%00", 404, "not-found"),
        ("/%ff%fe", 404, "not-found"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_request_is_said(stranger: Reader, path: str, status: int, code: str) -> None:
    assert is_problem(stranger.client.get(path), status, code)


def test_a_closed_page_a_limit_and_a_repeat_are_said(
    reader: Reader, operator: Operator, make_app: Callable[..., Flask]
) -> None:
    strict = Reader(make_app(limit_posts=(Limit(1, 60),), limit_repeats=(Limit(1, 600),)).test_client())
    strict.posts()
    assert is_problem(strict.posts(), 409, "duplicate")
    assert is_problem(strict.posts("Another."), 429, "too-many")
    operator.closes()
    assert is_problem(strict.posts("Another."), 403, "page-closed")


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", POST), ("TRACE", POST), ("POST", "/api/v1/thread"), ("DELETE", "/api/v1/thread"), ("PATCH", "/healthz"),
     ("POST", "/embed.js"), ("POST", "/")],
)  # fmt: skip
def test_a_method_that_is_not_taken_is_said_with_those_that_are(stranger: Reader, method: str, path: str) -> None:
    answer = stranger.client.open(path, method=method)
    assert is_problem(answer, 405, "method-not-allowed")
    allowed = set(answer.headers["Allow"].split(", "))
    assert method not in allowed
    assert "OPTIONS" in allowed
    assert ("POST" if path == POST else "GET") in allowed


class TestUnforeseen:
    """A mistake of ours is logged whole and told without anything of it."""

    @pytest.fixture(autouse=True)
    def _mistaken(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("the secret path /srv/secret")

        monkeypatch.setattr(threads, "read", fail)
        monkeypatch.setattr("service.comments.post", fail)

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_it_is_answered_500_without_a_trace(
        self, reader: Reader, caplog: pytest.LogCaptureFixture, method: str
    ) -> None:
        reads = method == "GET"
        answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE}) if reads else reader.posts()
        assert is_problem(answer, 500, "internal")
        assert not re.search(r"secret|Traceback|RuntimeError|File |\.py", answer.text)
        assert answer.headers["Access-Control-Allow-Origin"] == ("*" if method == "GET" else ORIGIN)
        assert "the secret path" in caplog.text


@pytest.mark.parametrize(
    ("said", "status", "code", "wait"),
    [
        ("database is locked", 503, "unavailable", "5"),
        ("disk I/O error", 503, "unavailable", "5"),
        ("attempt to write a readonly database", 503, "unavailable", "5"),
        ("database or disk is full", 507, "storage-full", "60"),
    ],
)
def test_a_database_that_fails_is_said_with_a_time_to_come_back(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, said: str, status: int, code: str, wait: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, type("OperationalError", (Exception,), {})(said))

    monkeypatch.setattr("service.comments.store.insert_comment", fail)
    answer = reader.posts()
    assert is_problem(answer, status, code)
    assert answer.headers["Retry-After"] == wait
    assert said not in answer.text
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pages").scalar() == 0


def test_every_refusal_of_ours_has_a_status() -> None:
    assert {kind for kind in all_problems() if not any(issubclass(kind, known) for known, _ in STATUS)} == set()


@pytest.mark.parametrize("first", range(len(STATUS)))
def test_no_status_hides_a_more_special_one(first: int) -> None:
    assert not any(issubclass(later, STATUS[first][0]) for later, _ in STATUS[first + 1 :])


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in all_problems()]
    assert len(codes) == len(set(codes))


CODES = sorted(
    {kind.code for kind in all_problems()} | {"method-not-allowed", "too-large", "not-json", "internal", "malformed"}
)


@pytest.mark.parametrize("code", CODES)
def test_the_type_of_every_problem_leads_to_a_page_about_it(stranger: Reader, code: str) -> None:
    answer = stranger.client.get(f"/problems/{code}")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert code in answer.text


def test_what_was_sent_is_not_told_back_as_markup(stranger: Reader) -> None:
    vector = "<script>alert(1)</script>"
    for answer in (
        stranger.client.get(f"/{vector}"),
        stranger.client.get("/api/v1/thread", query_string={"page": vector}),
        stranger.client.get("/api/v1/thread", query_string={"page": PAGE, vector: 1}),
        stranger.client.post(POST, json={vector: 1}),
        stranger.client.get(f"/problems/{vector}"),
    ):
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
