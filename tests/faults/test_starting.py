"""Several processes that start at once on an empty folder do not get in each other's way."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

from service.settings import load
from tests.faults.accounting import query, settle_accounts
from tests.faults.clients import Ledger, at_once
from tests.faults.harness import ORIGIN, Service, await_


def _is_whole(service: Service) -> None:
    assert len(query(service, "SELECT version_num FROM alembic_version")) == 1
    assert [row[0] for row in query(service, "PRAGMA journal_mode")] == ["wal"]
    assert not [path.name for path in service.data.iterdir() if path.name.startswith(".secret")]


@pytest.mark.slow
@pytest.mark.fault("F20")
@pytest.mark.sqlite(reason="elsewhere nobody migrates on starting: see tests/postgresql/test_migrating.py")
def test_services_that_start_at_once_on_an_empty_folder_all_serve(make_service: Callable[..., Service]) -> None:
    services = [make_service(f"service{number}", registered=False, workers=1) for number in range(4)]
    for service in services:
        service.data = services[0].data
        service.start(ready="")
    for service in services:
        service.await_ready()
    _is_whole(services[0])

    services[0].register()
    ledger = Ledger(services[0])
    note = ledger.note(f"{ORIGIN}/first")
    for service in services:
        ledger.service = service
        # one secret: the key of a reader, who got no answer from the first, is the same from the others
        assert ledger.send(note).status == 201
    assert len({answer.content["reader_key"] for answer in note.answers}) == 1
    assert settle_accounts(ledger) == 1
    assert not any("rror" in service.log() for service in services), [service.log() for service in services]


def _waits_for_a_lock(pid: int) -> bool:
    return any("->" in line and str(pid) in line.split() for line in Path("/proc/locks").read_text().splitlines())


@pytest.mark.slow
@pytest.mark.fault("F20")
@pytest.mark.sqlite(reason="elsewhere nobody migrates on starting: see tests/postgresql/test_migrating.py")
def test_migrations_wait_for_one_that_is_running_and_all_end_well(make_service: Callable[..., Service]) -> None:
    service = make_service(registered=False)
    service.data.mkdir()
    with (service.data / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = [service.launch("migrate") for _ in range(2)]
        await_("both to wait", lambda: all(_waits_for_a_lock(process.pid) for process in running))
        assert not (service.data / "afterword.db").exists()
    assert [process.wait() for process in running] == [0, 0]
    _is_whole(service)


def test_all_who_make_the_secret_at_once_end_up_with_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for turn in range(30):
        monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / str(turn)))
        assert len({loaded.secret_key for loaded in at_once(8, lambda _: load())}) == 1
        assert [path.name for path in (tmp_path / str(turn)).iterdir()] == ["secret.key"]
