"""Fixtures with verbs: a service on a database of its own, sites, readers, operators."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import event, text
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from service import cli, comments, create_app, database, pages
from service.people.audit import COMMAND_LINE
from service.settings import Settings, load
from tests import outbound
from tests.choice import pytest_addoption, pytest_collection_modifyitems, pytest_configure
from tests.postgres import Databases
from tests.quick import Moving, make_starts_quick

# how long an example takes tells of the machine, not of the code
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_configure"]

#: how Chromium is started: without its own conversations with the world, so that a test hears only what it is about
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ORIGIN = "https://blog.example.org"
PAGE = f"{ORIGIN}/clock"
OTHER_ORIGIN = "https://other.example"
NOW = datetime(2026, 5, 14, 18, 20, tzinfo=UTC)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases | None]:
    """Databases of PostgreSQL, None where tests run on SQLite."""
    if request.config.getoption("--database") == "sqlite":
        yield None
        return
    made = Databases()
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture(autouse=True, scope="session")
def _quick_starts(tmp_path_factory: pytest.TempPathFactory, databases: Databases | None) -> Iterator[None]:
    """Make a thousand tests cost less."""
    with pytest.MonkeyPatch.context() as patch:
        make_starts_quick(patch, tmp_path_factory.mktemp("template"), databases)
        yield


@pytest.fixture(autouse=True)
def _nobody_is_called() -> Iterator[None]:
    """Fail the test in whose time this process wanted to connect to another machine."""
    outbound.watch()
    outbound.left.clear()
    yield
    assert outbound.left == []


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AFTERWORD_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, databases: Databases | None) -> Iterator[Settings]:
    """Settings with a data folder of their own and no limits, which tests of limits set themselves."""
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / "data"))
    yield replace(load(), limit_posts=(), limit_page_posts=(), limit_repeats=())
    if databases is not None:
        databases.release(tmp_path / "data")


@pytest.fixture
def make_app(settings: Settings) -> Callable[..., Flask]:
    """Return a function that makes the application, with some settings changed."""

    def make(**changes: Any) -> Flask:
        app = create_app(replace(settings, **changes))
        app.config["TESTING"] = False  # errors are answered as they are in life
        return app

    return make


@pytest.fixture(scope="session")
def _moving(databases: Databases | None) -> Moving:
    return Moving(databases)


@pytest.fixture
def app(settings: Settings, _moving: Moving, databases: Databases | None) -> Iterator[Flask]:
    """The application, with the site `blog` at ORIGIN, in its context."""
    made = _moving.to(settings)
    made.config["TESTING"] = False  # errors are answered as they are in life
    with made.app_context():
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        yield made
    if databases is None:
        _moving.leaves()


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


_TABLES = ("comments", "pages", "readers", "retries", "spent")


def standing_app(folder: Path) -> Flask:
    """Return an application for many tests, with its data in a folder and without limits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERWORD_DATA_DIR", str(folder))
        app = create_app(replace(load(), limit_posts=(), limit_page_posts=(), limit_repeats=()))
    app.config["TESTING"] = False  # errors are answered as they are in life
    return app


@pytest.fixture(scope="session")
def _standing_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = standing_app(tmp_path_factory.mktemp("standing"))
    with app.app_context():
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    return app


@pytest.fixture
def stranger(_standing_app: Flask) -> Iterator[Reader]:
    """A reader at whom the service must keep nothing: of an application for all such tests, empty before and after."""
    with _standing_app.app_context():
        yield Reader(_standing_app.test_client(use_cookies=False))
        left = [table for table in _TABLES if stored(table)]
        with database.write() as connection:
            for table in left:
                connection.execute(text(f"DELETE FROM {table}"))
        assert left == [], "something was stored"


@pytest.fixture
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """A clock that stands at NOW until it is moved: `clock.shift(seconds)`, `clock.move_to(moment)`."""
    time_machine.move_to(NOW, tick=False)
    return time_machine


@dataclass
class Operator:
    """Whoever runs the service, at its command line."""

    runner: CliRunner = field(default_factory=CliRunner)

    def tries(self, *arguments: object, typed: str | None = None) -> Result:
        """Run a command, whatever comes of it; what is no clean ending is raised here."""
        given = [str(argument) for argument in arguments]
        return self.runner.invoke(cli.main, given, input=typed, catch_exceptions=False)

    def runs(self, *arguments: object) -> str:
        """Run a command that succeeds, and return what it printed."""
        result = self.tries(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def closes(self, page: str = PAGE, **options: object) -> None:
        """Close a page; options are the command's."""
        self.runs("page", "close", page, *(part for name, value in options.items() for part in (f"--{name}", value)))

    def opens(self, page: str = PAGE) -> None:
        """Open a page again."""
        self.runs("page", "open", page)

    def approves(self, *comment_ids: int) -> None:
        """Publish comments."""
        self.runs("comment", "approve", *comment_ids)

    def deletes(self, *comment_ids: int) -> None:
        """Delete comments."""
        self.runs("comment", "delete", *comment_ids)


@pytest.fixture
def operator(settings: Settings) -> Operator:
    """The operator of the service whose data folder `settings` names."""
    return Operator()


_source_ids = count()


def fill(
    number: int, parent: int | None = None, page: str = PAGE, body: str = "Hello.", *, chained: bool = False
) -> list[int]:
    """Store many published comments at once, as an import does, and return their ids. In the application's context.

    All of them answer `parent`, or, if `chained`, each the one before.
    """
    fields = {"page": page, "body": body, "author": {"name": "Ann", "email": "", "website": ""}}
    prepared = [comments.prepare("fill", str(next(_source_ids)), NOW, "published", fields) for _ in range(number)]
    ids: list[int] = []
    for start in range(0, number, 50):  # PostgreSQL is slow to change the same row, a root's, often in one transaction
        with comments.write(pages.locate_at_once(page), NOW, operator=True) as writing:
            for each in prepared[start : start + 50]:
                ids.append(comments.adopt(writing, each, ids[-1] if chained and ids else parent))
    return ids


def stored(table: str) -> list[dict[str, Any]]:
    """Return all rows of a table, as SQLite has them. To be called in the application's context."""
    with database.read() as connection:
        found = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()
        return [{name: _written(value) for name, value in row.items()} for row in found]


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements that the database is sent meanwhile, those that begin and end transactions left out."""
    sent: list[str] = []

    def note(statement: str) -> None:
        if statement.split(None, 1)[0] not in ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA"):
            sent.append(statement)

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **further: Any) -> Any:
            # without one the connection is only tried; and what every write begins with is left out
            if query and "pg_advisory_xact_lock" not in str(query):
                sent.append(str(query))
            return super().execute(query, *arguments, **further)

    def listen(connection: Any, *_: Any) -> None:
        if isinstance(connection, psycopg.Connection):
            connection.cursor_factory = Noting
        else:
            connection.set_trace_callback(note)

    def ignore(connection: Any, *_: Any) -> None:
        if isinstance(connection, psycopg.Connection):
            connection.cursor_factory = psycopg.Cursor
        else:
            connection.set_trace_callback(None)

    engines = database.db.engines.values()
    for engine in engines:
        event.listen(engine, "checkout", listen)
        event.listen(engine, "checkin", ignore)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "checkout", listen)
            event.remove(engine, "checkin", ignore)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, one for all tests of a process: Playwright runs once in each."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield launched
        launched.close()
