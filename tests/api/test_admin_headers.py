"""Headers of every page of the operators, by the URL map (6.3, A12)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service.people import invitations
from service.people.audit import COMMAND_LINE
from tests.api.desk import Desk
from tests.conftest import NOW, ORIGIN, PAGE, fill

EXPECTED = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def protected(answer: TestResponse) -> None:
    """Check the headers, and that the page needs nothing that they forbid."""
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
    assert len(answer.headers.getlist("Content-Security-Policy")) == 1
    for name in ("Server", "X-Powered-By", "X-XSS-Protection", "Access-Control-Allow-Origin"):
        assert name not in answer.headers
    if answer.mimetype == "text/html":
        assert "<script>" not in answer.text
        assert " style=" not in answer.text
        assert " onclick" not in answer.text
        # links lead to the pages of sites; nothing is loaded from there
        here = re.sub(r'<a [^>]*href="https://blog\.example\.org/[^"]*"', "<a", answer.text)
        for known in ("http://localhost/", "otpauth://", ORIGIN):
            here = here.replace(known, "")
        assert "//" not in here


@pytest.fixture
def desk(visitor: Desk) -> Desk:
    """The browser of the owner `ann`, who is not signed in yet."""
    return visitor


def addresses(app: Flask) -> list[str]:
    """Return every address that can be looked at."""
    link = invitations.for_password("ann", COMMAND_LINE, NOW)
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin") and "GET" in rule.methods]
    fill(1)
    paths = [re.sub(r"^/admin/(sites|rules)/<name>", r"/admin/\1/blog", rule.rule) for rule in rules]
    paths = [path.replace("<name>", "ann").replace("<token>", link) for path in paths]
    return [re.sub(r"<int[^>]*>", "1", path).replace("by-url", f"by-url?url={PAGE}") for path in paths]


@pytest.mark.parametrize("signed_in", [False, True])
def test_every_page_has_them(desk: Desk, app: Flask, signed_in: bool) -> None:
    paths = addresses(app)
    if signed_in:
        desk.signs_in()
    statuses = set()
    for path in paths:
        answer = desk.client.get(path)
        answer.get_data()  # to its end, where it is a stream
        statuses.add(answer.status_code)
        protected(answer)
        assert "Strict-Transport-Security" not in answer.headers
    assert {200, 303, 410} & statuses
    assert 500 not in statuses


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost"])
@pytest.mark.parametrize("public_url", ["", "https://comments.example.org"])
def test_no_redirect_leads_where_a_request_says(make_app: Callable[..., Flask], host: str, public_url: str) -> None:
    client = make_app(public_url=public_url).test_client()
    forged = {"Host": host, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    for path in ("/admin", "/admin/", "/admin/queue", "/admin/account?next=/evil"):
        answer = client.get(path, headers=forged)
        assert answer.status_code in (303, 308)
        assert answer.headers["Location"].startswith("/admin/")
        protected(answer)
    front = client.get("/", headers=forged)
    assert front.headers["Cache-Control"] == "no-store"
    assert ("evil.example" in front.text) == (not public_url and "evil" in host)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/admin/nothing", 404), ("POST", "/admin/sign-in", 403), ("PUT", "/admin/account", 405),
     ("GET", "/admin/go?to=//evil", 404), ("GET", "/admin/password/x", 410), ("POST", "/admin/nothing", 404)],
)  # fmt: skip
def test_faults_have_them_too_and_are_pages(desk: Desk, method: str, path: str, status: int) -> None:
    answer = desk.client.open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    protected(answer)


def test_the_address_without_its_slash_leads_to_the_pages(desk: Desk) -> None:
    answer = desk.client.get("/admin")
    assert answer.status_code in (301, 303, 308)
    assert answer.headers["Location"].endswith("/admin/")


def test_over_tls_browsers_are_told_to_stay_there(make_app: Callable[..., Flask]) -> None:
    app = make_app(public_url="https://comments.example.org")
    answer = app.test_client().get("/admin/sign-in")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in app.test_client().get("/healthz").headers


def test_other_pages_stay_as_they_are(desk: Desk) -> None:
    assert "script-src" not in desk.client.get("/").headers["Content-Security-Policy"]
