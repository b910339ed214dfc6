"""A service at the same origin as its site: browsers name no Origin when a page reads from its own host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service import pages
from service.people.audit import COMMAND_LINE
from tests.conftest import NOW, ORIGIN, PAGE, Reader

AT_HOME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def make_reader(make_app: Callable[..., Flask]) -> Callable[[str], Reader]:
    """Return a function that makes a reader, with a comment, of a service with this public address."""

    def make(public_url: str) -> Reader:
        app = make_app(public_url=public_url)
        with app.app_context():
            pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        reader = Reader(app.test_client(use_cookies=False))
        assert reader.posts().status_code == 201
        return replace(reader, origin=None)

    return make


def asks(reader: Reader, method: str, headers: dict[str, str], path: str = f"/reader?page={PAGE}") -> TestResponse:
    """Send a request that names no Origin unless `headers` do."""
    return reader.client.open(f"/api/v1{path}", method=method, headers=reader.headers() | headers)


@pytest.mark.parametrize("public_url", [ORIGIN, f"{ORIGIN}/comments", ""])
def test_a_page_at_the_same_origin_reads_its_readers_own(make_reader: Callable[[str], Reader], public_url: str) -> None:
    reader = make_reader(public_url)
    assert len(asks(reader, "GET", AT_HOME).json["comments"]) == 1
    assert asks(reader, "HEAD", AT_HOME).status_code == 200
    assert asks(reader, "DELETE", AT_HOME | {"Origin": ORIGIN}).json == {"erased": 1}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin, same-origin"},
        AT_HOME | {"Origin": "null"},
        AT_HOME | {"Origin": ""},
        AT_HOME | {"Origin": "https://evil.example"},
    ],
)
def test_nobody_else_does(make_reader: Callable[[str], Reader], headers: dict[str, str]) -> None:
    assert asks(make_reader(ORIGIN), "GET", headers).status_code == 403


def test_a_page_at_our_host_is_none_of_a_site_elsewhere(make_reader: Callable[[str], Reader]) -> None:
    assert asks(make_reader("https://comments.example.org"), "GET", AT_HOME).status_code == 403


@pytest.mark.parametrize(("method", "path"), [("DELETE", f"/reader?page={PAGE}"), ("DELETE", "/comments/1")])
def test_nothing_is_written_without_an_origin(make_reader: Callable[[str], Reader], method: str, path: str) -> None:
    assert asks(make_reader(ORIGIN), method, AT_HOME, path).status_code == 403
