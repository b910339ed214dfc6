"""Fixtures with verbs: a service on a database of its own, sites, readers, operators."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import create_app, pages
from service.settings import Settings, load

ORIGIN = "https://blog.example.org"
PAGE = f"{ORIGIN}/clock"
NOW = datetime(2026, 5, 14, 18, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AFTERWORD_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a data folder of their own and no limits, which tests of limits set themselves."""
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / "data"))
    return replace(load(), limit_posts=(), limit_page_posts=(), limit_repeats=())


@pytest.fixture
def make_app(settings: Settings) -> Callable[..., Flask]:
    """Return a function that makes the application, with some settings changed."""

    def make(**changes: Any) -> Flask:
        app = create_app(replace(settings, **changes))
        app.config["TESTING"] = False  # errors are answered as they are in life
        return app

    return make


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application, with the site `blog` at ORIGIN, in its context."""
    made = make_app()
    with made.app_context():
        pages.add("blog", [ORIGIN], NOW)
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies, as browsers send none."""
    return app.test_client(use_cookies=False)


@dataclass
class Reader:
    """Somebody at a page of the site."""

    client: FlaskClient
    origin: str | None = ORIGIN
    key: str | None = None

    def posts(self, body: str = "A fine clock.", headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Post a comment and return the answer; a new reader key is kept, as the widget does."""
        sent = {"page": PAGE, "body": body, "author": {"name": "Ann"}} | fields
        answer = self.client.post("/api/v1/comments", json=sent, headers=self.headers() | (headers or {}))
        if answer.status_code in (201, 202):
            self.key = answer.json.get("reader_key", self.key)
        return answer

    def sees(self, page: str = PAGE, **query: Any) -> dict[str, Any]:
        """Return the thread as the API gives it."""
        answer = self.client.get("/api/v1/thread", query_string={"page": page} | query)
        assert answer.status_code == 200, answer.text
        seen: dict[str, Any] = answer.json
        return seen

    def headers(self) -> dict[str, str]:
        """Return the headers that a browser and the widget add."""
        said = {"Origin": self.origin} if self.origin else {}
        return said | ({"Authorization": f"Bearer {self.key}"} if self.key else {})


@pytest.fixture
def reader(client: FlaskClient) -> Reader:
    """A reader of the site."""
    return Reader(client)
