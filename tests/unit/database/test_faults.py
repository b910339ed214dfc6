"""What the database says went wrong is told in our words, also when its driver says it without SQLAlchemy around it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import ProgrammingError

from service import database, pages
from service.database import engine as engines
from service.database.faults import translated
from service.errors import AfterwordError, Malformed, Unavailable
from service.people.audit import COMMAND_LINE
from tests.conftest import NOW, ORIGIN, PAGE, Reader

ENGINE = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (psycopg.errors.LockNotAvailable, Unavailable),
        (psycopg.errors.QueryCanceled, Unavailable),
        (psycopg.errors.AdminShutdown, Unavailable),
        (psycopg.errors.DeadlockDetected, Unavailable),
        (psycopg.errors.TooManyConnections, Unavailable),
        (psycopg.OperationalError, Unavailable),
        (psycopg.errors.UniqueViolation, Unavailable),
        (psycopg.errors.UndefinedTable, Unavailable),
        (psycopg.errors.NumericValueOutOfRange, Malformed),
    ],
)
def test_a_bare_drivers_errors_are_ours(error: type[psycopg.Error], ours: type[AfterwordError]) -> None:
    with pytest.raises(ours), translated(ENGINE):
        raise error("said the server")


def test_a_mistake_of_ours_stays_one() -> None:
    with pytest.raises(ProgrammingError, match="said the server"), translated(ENGINE):
        raise psycopg.errors.SyntaxError("said the server")


def test_who_finds_no_place_in_the_pool_is_told_to_come_again(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = engines.engine_options
    few = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    monkeypatch.setattr(engines, "engine_options", lambda address: options(address) | few)
    app = make_app()
    with app.app_context():
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        reader = Reader(app.test_client(use_cookies=False))
        assert reader.posts().status_code == 201
        with database.read():
            thread = reader.client.get("/api/v1/thread", query_string={"page": PAGE, "sort": "newest"})
        database.close_database()
    assert (thread.status_code, thread.headers["Retry-After"]) == (503, "5")
