"""Headers by the kind of the answer (security.md, 6.1 to 6.3)."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import PAGE, Reader

DATA = [f"/api/v1/thread?page={PAGE}", f"/api/v1/counts?page={PAGE}", "/openapi.json", "/healthz", "/readyz",
        "/api/v1/thread", f"/api/v1/reader?page={PAGE}", f"/api/v1/form?page={PAGE}",
        "/nothing", "/api/v1/nothing"]  # fmt: skip
PAGES = ["/", "/problems/invalid", "/thread", "/thread?page=null"]
#: a page with a form, which browsers send with their Origin only where the page may name itself to us
FORMS = [f"/thread?page={PAGE}"]
OTHERS = ["/embed.js", "/more.js", "/count.js", "/static/front.css", "/metrics"]


def policy(answer: TestResponse) -> dict[str, str]:
    """Return the directives of the Content-Security-Policy."""
    return {name: value for name, _, value in (part.strip().partition(" ") for part in
            answer.headers["Content-Security-Policy"].split(";"))}  # fmt: skip


@pytest.mark.parametrize("path", [*DATA, *PAGES, *FORMS, *OTHERS])
def test_every_answer_keeps_browsers_from_guessing(stranger: Reader, path: str) -> None:
    headers = stranger.client.get(path, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in headers
    for name in ("Set-Cookie", "Server", "X-Powered-By", "X-XSS-Protection", "Access-Control-Allow-Credentials"):
        assert name not in headers


@pytest.mark.parametrize("path", DATA)
def test_data_is_inert_should_it_be_shown_as_a_document(stranger: Reader, path: str) -> None:
    answer = stranger.client.get(path)
    assert answer.mimetype in ("application/json", "application/problem+json")
    assert policy(answer) == {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", [*PAGES, *FORMS])
def test_a_page_runs_no_script_and_is_framed_by_nobody(stranger: Reader, path: str) -> None:
    answer = stranger.client.get(path)
    assert answer.mimetype == "text/html"
    said = policy(answer)
    assert said["default-src"] == said["base-uri"] == said["frame-ancestors"] == "'none'"
    assert "script-src" not in said
    assert not any("unsafe" in value or "*" in value for value in said.values())
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == ("same-origin" if path in FORMS else "no-referrer")
    assert answer.headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"
    assert re.findall("<script[^>]*>", answer.text) == ['<script type="application/ld+json">'] * (path in FORMS)
    assert " style=" not in answer.text


def test_the_script_can_be_used_by_every_page(stranger: Reader) -> None:
    answer = stranger.client.get("/embed.js")
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["ETag"]
    assert len(answer.data) > 1_000


def test_an_unchanged_script_is_still_a_script(stranger: Reader) -> None:
    first = stranger.client.get("/embed.js")
    again = stranger.client.get("/embed.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    for name in ("Cross-Origin-Resource-Policy", "Cache-Control", "Access-Control-Allow-Origin", "Referrer-Policy"):
        assert again.headers[name] == first.headers[name]


def test_writing_sets_no_cookie_and_is_kept_by_nobody(app: Flask, reader: Reader) -> None:
    with app.test_client() as browser:  # one that keeps cookies
        reader.client = browser
        answer = reader.posts()
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content_type == "application/json"
        assert "sandbox" in policy(answer)
        assert reader.sees()["page"]["count"] == 1
        assert browser._cookies == {}


def test_all_routes_are_looked_at_here(app: Flask) -> None:
    known = {path.partition("?")[0] for path in [*DATA, *PAGES, *FORMS, *OTHERS]}
    plain = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.arguments
        and "GET" in (rule.methods or ())
        and not rule.rule.startswith(("/admin", "/api/v1/admin"))
    }  # those have a file of their own
    assert plain <= known
