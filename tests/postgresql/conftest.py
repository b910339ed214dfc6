"""What is only of PostgreSQL, or needs one beside SQLite: these tests have servers of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from service import create_app, database, pages
from service.people.audit import COMMAND_LINE
from service.settings import Settings, load
from tests.conftest import NOW, ORIGIN
from tests.postgres import Server
from tests.quick import migrated

_numbers = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for many tests, with the database `template`, which is migrated."""
    made = Server()
    made.make()
    migrated(made.add("template"), tmp_path_factory.mktemp("template"))
    yield made
    made.remove()


@pytest.fixture
def new_url(server: Server) -> str:
    """The address of a database that is not migrated."""
    return server.add(f"new_{next(_numbers)}")


@pytest.fixture
def url(server: Server) -> str:
    """The address of a migrated database of this test's own."""
    return server.add(f"own_{next(_numbers)}", "template")


@pytest.fixture
def pg_settings(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with that database and without limits; in the environment too, for commands."""
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", url)
    return replace(load(), limit_posts=(), limit_page_posts=(), limit_repeats=())


@pytest.fixture
def make_host(pg_settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Return a function that makes an application on that database, some settings changed: one more host."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        app = create_app(replace(pg_settings, **changes))
        app.config["TESTING"] = False  # errors are answered as they are in life
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            database.close_database()


@pytest.fixture
def host(make_host: Callable[..., Flask]) -> Iterator[Flask]:
    """One of these, with the site `blog` at ORIGIN, in its context."""
    app = make_host()
    with app.app_context():
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        yield app
