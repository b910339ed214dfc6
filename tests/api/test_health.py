"""/healthz says that the process lives, /readyz whether it can do its work, and if not why."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, event
from time_machine import TimeMachineFixture

from service import database
from service.web import health
from tests.conftest import Reader

Usage = namedtuple("Usage", ["total", "used", "free"])
MIB = 1024**2


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch, time_machine: TimeMachineFixture) -> None:
    monkeypatch.setattr(health, "_last", (float("-inf"), None, []))
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100_000 * MIB, 0, 100_000 * MIB))
    time_machine.move_to(datetime(2027, 3, 1, tzinfo=UTC), tick=False)


@pytest.fixture
def _readonly(client: FlaskClient) -> Iterator[None]:
    """A database that takes no writes any more."""

    def forbid(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON" if database.is_embedded() else "SET TRANSACTION READ ONLY")

    engine = database.db.engine
    event.listen(engine, "begin", forbid)
    yield
    event.remove(engine, "begin", forbid)
    engine.dispose()


def faults(client: FlaskClient) -> list[str]:
    """Return why the service is not ready."""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "unready"
    found: list[str] = answer.json["faults"]
    return found


def test_a_living_process_says_so(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json, answer.headers["Cache-Control"]) == (200, {"status": "ok"}, "no-store")


def test_a_service_that_can_work_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "faults": []})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("_readonly")
def test_a_database_that_cannot_be_written_is_told(client: FlaskClient) -> None:
    assert faults(client) == ["The comment service cannot reach its database just now. Please try again."]
    assert client.get("/healthz").status_code == 200


def test_threads_are_read_while_nothing_can_be_written(reader: Reader, request: pytest.FixtureRequest) -> None:
    reader.posts("First.")
    request.getfixturevalue("_readonly")
    assert reader.sees()["page"]["count"] == 1
    answer = reader.posts("Second.")
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
    assert answer.headers["Retry-After"] == "5"


def test_a_schema_that_is_behind_is_told(client: FlaskClient) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    assert faults(client) == ["The database's schema is not up to date: run afterword migrate."]


@pytest.mark.parametrize("free", [99 * MIB, 4_000 * MIB])
def test_a_disk_that_is_nearly_full_is_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    total = 1_000 * MIB if free < 100 * MIB else 100_000 * MIB  # too little in bytes, or for a disk of that size
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(total, total - free, free))
    assert faults(client) == [f"Only {free // MIB} MiB are free in DATA_DIR."]


def test_a_clock_that_is_wrong_is_told(client: FlaskClient, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(1970, 1, 1, tzinfo=UTC), tick=False)
    assert faults(client) == ["The clock of this machine is wrong."]


def test_all_faults_are_told_at_once(client: FlaskClient, time_machine: TimeMachineFixture) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    time_machine.move_to(datetime(1970, 1, 1, tzinfo=UTC), tick=False)
    assert len(faults(client)) == 2


def test_asking_often_costs_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    monkeypatch.setattr(health, "_look", lambda *_: looked.append(1) or [])
    monkeypatch.setattr(health, "monotonic", lambda: 100.0)
    assert [client.get("/readyz").status_code for _ in range(5)] == [200] * 5
    assert len(looked) == 1
    monkeypatch.setattr(health, "monotonic", lambda: 101.5)
    client.get("/readyz")
    assert len(looked) == 2
