"""What a running service says of itself with every answer: the loop's, the quick path's and the application's."""

from __future__ import annotations

import json
import re
import socket

import pytest

from tests.faults.clients import Ledger
from tests.faults.harness import HOST, ORIGIN, Service
from tests.security.test_headers_of_routes import NEVER, SHARED, kind_of

PAGE = f"{ORIGIN}/answers"
TYPE = {"Content-Type": "application/json", "Origin": ORIGIN}
POST = json.dumps({"page": PAGE, "body": "A fine clock.", "author": {"name": "Ann"}}).encode()
THREAD = f"/api/v1/thread?page={PAGE}"
#: method, path, body, further headers, status; None where it is a fault, which is data whatever was asked for
ASKED = [
    ("GET", THREAD, None, {}, 200),
    ("GET", THREAD, None, {}, 200),  # once more: it is at hand now
    ("GET", THREAD, None, {"Authorization": "Bearer " + "A" * 43}, 200),
    ("HEAD", THREAD, None, {}, 200),
    ("GET", f"/api/v1/counts?page={PAGE}", None, {}, 200),
    ("GET", "/api/v1/thread", None, {}, 422),
    ("GET", "/api/v1/thread?page=https://elsewhere.example/", None, {}, 404),
    ("POST", "/api/v1/comments", POST, TYPE, 201),
    ("POST", "/api/v1/comments", POST, TYPE | {"Origin": "https://evil.example"}, 403),
    ("POST", "/api/v1/comments", POST.ljust(65_537), TYPE, 413),
    ("POST", "/api/v1/comments", b"{", TYPE, 400),
    ("OPTIONS", "/api/v1/comments", None, {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}, 200),
    ("DELETE", "/api/v1/thread", None, {}, 405),
    ("GET", "/nowhere", None, {}, 404),
    ("GET", "/api/v1/nowhere", None, {}, 404),
    ("GET", "/", None, {}, 200),
    ("GET", f"/thread?page={PAGE}", None, {}, 200),
    ("GET", "/embed.js", None, {}, 200),
    ("GET", "/embed.js", None, {"Accept-Encoding": "br"}, 200),
    ("GET", "/more.js", None, {}, 200),
    ("GET", "/locales/de.json", None, {}, 200),
    ("GET", "/static/front.css", None, {}, 200),
    ("GET", "/openapi.json", None, {}, 200),
    ("GET", "/healthz", None, {}, 200),
    ("GET", "/readyz", None, {}, 200),
    ("GET", "/metrics", None, {}, 200),
    ("GET", "/admin/sign-in", None, {}, 200),
    ("GET", "/admin/queue", None, {}, 303),
    ("GET", "/admin/nowhere", None, {}, 404),
    ("GET", "/api/v1/admin/queue", None, {}, 401),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    ASKED,
    ids=[f"{each[0]} {each[1][:24]} {each[4]}" for each in ASKED],
)
def test_every_answer_of_a_running_service_has_the_headers_of_its_kind(
    service: Service, method: str, path: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    answer = service.ask(method, path, body, headers)
    assert answer.status == status, answer
    rule = path.partition("?")[0]
    is_fault = answer.headers.get_content_type() == "application/problem+json" and "/admin" not in rule
    expected = SHARED if is_fault else kind_of(rule) or {}
    assert {name: answer.headers[name] for name in expected} == expected
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert [name for name in NEVER if name in answer.headers and name != "Server"] == []
    assert not re.search(r"\d|gunicorn|uvicorn|werkzeug|python", answer.headers.get("Server", ""), re.IGNORECASE)
    doubled = [name for name in set(answer.headers) if len(answer.headers.get_all(name, [])) > 1]
    assert doubled == [name for name in doubled if name in ("Vary", "Set-Cookie")]


def test_what_is_unchanged_says_so_with_the_same_headers(service: Service, ledger: Ledger) -> None:
    assert ledger.post(PAGE).status == 201
    for path in (THREAD, "/embed.js"):
        first = service.ask("GET", path)
        again = service.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status, again.status) == (200, 304)
        for name in ("X-Content-Type-Options", "ETag", "Cache-Control", "Access-Control-Allow-Origin"):
            assert again.headers[name] == first.headers[name] is not None


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x=1", "a\nX-Injected: 1", "%0d%0aX-Injected:%201"])
def test_no_answer_repeats_a_line_of_the_request(service: Service, value: str) -> None:
    with socket.create_connection((HOST, service.port), timeout=60) as connection:
        lines = f"GET /api/v1/thread?page={ORIGIN}/%0d%0aX-Injected:1 HTTP/1.1\r\nHost: x\r\nOrigin: {value}\r\n"
        connection.sendall(f"{lines}X-Request-Id: {value}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nx-injected" not in head
    assert b"\r\nset-cookie" not in head
