"""What durability rests on: pragmas on every connection, and the SQLite that is trusted with a write-ahead log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import Engine

from service import database
from tests.conftest import Reader

FULL = 2  # of PRAGMA synchronous
#: more than a pool keeps, so that some come from beyond it
CONNECTIONS = 14


def _pragmas(engine: Engine) -> list[dict[str, object]]:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with ExitStack() as open_together:
        connections = [open_together.enter_context(engine.connect()) for _ in range(CONNECTIONS)]
        found = [{name: each.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names} for each in connections]
        assert len({id(each.connection.driver_connection) for each in connections}) == CONNECTIONS
    return found


@pytest.mark.sqlite(reason="its own pragmas")
def test_every_connection_writes_through_to_the_disk_and_keeps_foreign_keys(app: Flask) -> None:
    wanted = {"journal_mode": "wal", "synchronous": FULL, "foreign_keys": 1, "busy_timeout": database.BUSY_TIMEOUT}
    if not database.wal_reset_safe(database.sqlite_version()):
        wanted["journal_mode"] = "delete"
    assert _pragmas(database.db.engine) == [wanted] * CONNECTIONS
    assert _pragmas(database.db.engine) == [wanted] * CONNECTIONS, "those taken from the pool again"


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 49, 2), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_a_write_ahead_log_is_for_versions_without_the_reset_fault(version: tuple[int, ...], safe: bool) -> None:
    assert database.wal_reset_safe(version) is safe


@pytest.mark.sqlite(reason="its own pragmas")
def test_a_version_with_the_reset_fault_keeps_the_rollback_journal(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database.engine, "sqlite_version", lambda: (3, 40, 1))
    with make_app().app_context():
        assert {found["journal_mode"] for found in _pragmas(database.db.engine)} == {"delete"}
        assert {found["synchronous"] for found in _pragmas(database.db.engine)} == {FULL}
    assert "rollback journal" in caplog.text


@pytest.mark.sqlite(reason="its own pragmas")
def test_a_database_with_a_log_goes_back_to_the_rollback_journal(
    app: Flask, reader: Reader, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader.posts().status_code == 201
    database.db.engine.dispose()  # as the service ends before another SQLite opens its files
    monkeypatch.setattr(database.engine, "sqlite_version", lambda: (3, 50, 6))
    older = make_app()
    with older.app_context():
        assert {found["journal_mode"] for found in _pragmas(database.db.engine)} == {"delete"}
    reader.client = older.test_client(use_cookies=False)
    assert reader.posts("Another fine clock.").status_code == 201
    assert reader.sees()["page"]["count"] == 2
