"""Every route by the URL map has the headers of its kind, exactly; a route of no kind fails (G5, A12, 6.1 to 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.programs import Arranged, arrange
from tests.api.test_admin_headers import EXPECTED as OPERATORS
from tests.conftest import ORIGIN, PAGE

ALL = {"X-Content-Type-Options": "nosniff"}
DATA = ALL | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
}
SHARED = DATA | {"Cross-Origin-Resource-Policy": "cross-origin"}
PRIVATE = DATA | {"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store"}
SCRIPT = ALL | {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
PAGES = ALL | {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
#: where a route begins, the longest first: what it must say, whatever it answers to whatever method
KINDS: dict[str, dict[str, str]] = {
    "/api/v1/admin/": PRIVATE,
    "/api/": SHARED,
    "/admin": OPERATORS,
    "/openapi.json": SHARED,
    "/healthz": SHARED,
    "/readyz": SHARED,
    "/metrics": DATA,
    "/problems/": PAGES,
    "/thread": PAGES,
    "/static/": ALL,
    "/locales/": ALL | {"Access-Control-Allow-Origin": "*"},
    "/count.js": SCRIPT,
    "/embed.js": SCRIPT,
    "/more.js": SCRIPT,
    "/": PAGES,
}
NEVER = ("Server", "X-Powered-By", "X-XSS-Protection", "Expect-CT", "Access-Control-Allow-Credentials")


def kind_of(rule: str) -> dict[str, str] | None:
    """Return the headers of a route; None for one that belongs to no kind."""
    if rule == "/":
        return KINDS["/"]
    return next((said for start, said in KINDS.items() if start != "/" and rule.startswith(start)), None)


@pytest.fixture(scope="module")
def arranged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arranged]:
    """One application for all routes."""
    with arrange(tmp_path_factory.mktemp("headers")) as made:
        yield made


def test_every_route_is_of_a_kind(app: Flask) -> None:
    assert [rule.rule for rule in app.url_map.iter_rules() if kind_of(rule.rule) is None] == []
    assert kind_of("/new") is None


def addressed(rule: str) -> str:
    """Return an address of a rule."""
    path = re.sub(r"<any\(([^)]*)\):\w+>", lambda found: found[1].split(",")[0].strip("'\" "), rule)
    path = (
        path.replace("/problems/<code>", "/problems/invalid")
        .replace("<code>", "de")
        .replace("<path:filename>", "front.css")
    )
    return re.sub(
        r"<(?:int[^>]*):\w+>", "1", re.sub(r"<string[^>]*>|<name>|<token>|<filename>|<operator>", "blog", path)
    )


def asked(client: FlaskClient, made: Arranged, method: str, rule: str, key: str) -> list[str]:
    """Return which headers of an answer are not as they should be."""
    expected = kind_of(rule) or {}
    headers = {"Origin": ORIGIN} | ({"Authorization": f"Bearer {made.keys[key]}"} if key else {})
    query = {"page": PAGE} if rule.startswith(("/api/v1/thread", "/api/v1/counts", "/thread")) else {}
    answer = client.open(addressed(rule), method=method, headers=headers, query_string=query, buffered=True)
    if answer.status_code >= 400 and answer.mimetype == "application/problem+json" and expected is not PRIVATE:
        expected = SHARED  # a fault is data, whatever was asked for
    wrong = [name for name, value in expected.items() if answer.headers.get(name) != value]
    wrong += [name for name in NEVER if name in answer.headers]
    if method not in ("GET", "HEAD", "OPTIONS") and answer.headers.get("Cache-Control") != "no-store":
        wrong.append("Cache-Control of a write")
    if key and answer.headers.get("Cache-Control") != "no-store" and rule.startswith("/api/"):
        wrong.append("Cache-Control of what is asked for with a key")
    return [f"{method} {rule} {answer.status_code}: {name} is {answer.headers.get(name)}" for name in wrong]


@pytest.mark.parametrize("key", ["", "owner"])
def test_every_answer_of_every_route_says_what_its_kind_says(arranged: Arranged, key: str) -> None:
    app = arranged.restored.app
    wrong: list[str] = []
    with arranged.restored.after():
        for rule in app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                wrong += asked(app.test_client(use_cookies=False), arranged, method, rule.rule, key)
    assert wrong == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example", ORIGIN.upper(), ""])
def test_no_origin_is_reflected(arranged: Arranged, origin: str) -> None:
    client = arranged.restored.app.test_client(use_cookies=False)
    for method, path in (("POST", "/api/v1/comments"), ("OPTIONS", "/api/v1/comments"), ("POST", "/api/v1/preview")):
        said = client.open(path, method=method, headers={"Origin": origin} if origin else {}).headers
        assert "Access-Control-Allow-Origin" not in said
        assert method == "OPTIONS" or "Origin" in said["Vary"]


FORGED = (
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "X-Original-URL", "X-Rewrite-URL",
    "X-HTTP-Method-Override", "X-Host",
)  # fmt: skip


@pytest.mark.parametrize("header", FORGED)
def test_no_header_of_a_proxy_changes_what_is_answered(arranged: Arranged, header: str) -> None:
    client = arranged.restored.app.test_client(use_cookies=False)
    for path in (
        "/",
        f"/thread?page={PAGE}",
        f"/api/v1/thread?page={PAGE}",
        "/admin/sign-in",
        "/embed.js",
        "/openapi.json",
    ):
        plain, forged = (client.get(path, headers=sent, buffered=True) for sent in ({}, {header: "evil.example"}))
        tokens = re.compile(r'value="[^"]{20,}"')
        assert tokens.sub("", forged.text) == tokens.sub("", plain.text)
        assert "evil.example" not in str(forged.headers)
