"""Backups taken while comments come in: whole, of one moment, and nothing is lost that was told before they began."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.accounting import query, settle_accounts
from tests.faults.clients import Ledger, Storm
from tests.faults.harness import ORIGIN, Service, await_
from tests.faults.waits import took


def _done(service: Service, *arguments: str) -> str:
    done = service.run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.fault("F22")
def test_what_was_told_before_a_backup_began_is_in_it(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    service.start()
    ledger = Ledger(service)
    copies = []
    with Storm(ledger, ledger.pages(3), clients=4, pause=0.05) as storm:
        for turn in range(2):
            storm.await_more(20)
            before = {sent.key for sent in ledger.sent if sent.acknowledged}
            copy = service.folder / f"copy{turn}.db"
            seconds, said = took(lambda copy=copy: _done(service, "backup", str(copy), "--json"))
            told = json.loads(said)
            print(f"a backup of {told['content']['comments']} comments under load: {seconds:.2f} s")
            copies.append((before, copy, told["content"]["comments"]))
        assert service.run("restore", str(copy), "--replace").returncode == 1  # not while it runs
    service.tell_to_stop()
    assert service.await_end() == 0
    assert settle_accounts(ledger) == ledger.counts()[201]

    for before, copy, count in copies:
        seconds, said = took(lambda copy=copy: _done(service, "restore", str(copy), "--replace", "--json"))
        told = json.loads(said)
        print(f"its restoration: {seconds:.2f} s")
        assert told["content"]["comments"] == count
        kept = {row["key"] for row in query(service, "SELECT key FROM retries")}
        assert before <= kept
        assert kept <= {sent.key for sent in ledger.sent}
        # page counts, numbers and versions are those of its moment, too
        past = Ledger(service, "past")
        past.sent = [sent for sent in ledger.sent if sent.key in kept]
        assert settle_accounts(past) == len(kept)

    # and what was told since, sent once more by clients that still have it, comes back under the same keys
    service.start()
    lost = [sent for sent in ledger.sent if sent.acknowledged and sent.key not in kept]
    assert all(ledger.service.ask("POST", "/api/v1/comments", *sent.request()).status == 201 for sent in lost)


@pytest.mark.slow
@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_the_clock_takes_backups_and_keeps_as_many_as_it_should(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2, BACKUPS="daily, keep 2")
    folder = service.data / "backups"
    folder.mkdir()
    (folder / "afterword-20200101T000000Z.db").write_bytes(b"an old one")
    (folder / "afterword-20200102T000000Z.db").write_bytes(b"another")
    (folder / "mine.db").write_bytes(b"nobody else's")
    (folder / ".afterword-20200103T000000Z.db.1.part").write_bytes(b"of a process that was killed")
    service.start()
    made = await_("a backup", lambda: _newest(folder))
    await_("the rest to be cleared away", lambda: len(list(folder.iterdir())) == 3)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["afterword-20200102T000000Z.db", made.name, "mine.db"]
    assert made.stat().st_mode & 0o777 == 0o600
    assert "notes" not in service.ask("GET", "/readyz").content
    assert "afterword_backup_last_success_timestamp_seconds" in service.ask("GET", "/metrics").content
    assert "2 backups in" in _done(service, "doctor")
    service.tell_to_stop()
    assert service.await_end() == 0
    _done(service, "restore", str(made), "--replace")


def _newest(folder: Path) -> Path | None:
    return next((path for path in folder.iterdir() if path.name > "afterword-2020013" and path.suffix == ".db"
                 and path.name != "mine.db"), None)  # fmt: skip


@pytest.mark.slow
def test_a_backup_that_cannot_be_taken_is_told_and_hinders_nobody(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=1, BACKUPS="hourly, keep 2, in /proc/nowhere")
    service.start()
    await_("the failure in the log", lambda: "the backup failed" in service.log())
    answer = service.ask("GET", "/readyz")
    assert (answer.status, answer.content["notes"]) == (200, ["There is no backup in /proc/nowhere yet."])
    assert 'afterword_backups_total{result="failed"} 1.0' in service.ask("GET", "/metrics").content
    assert Ledger(service).post(f"{ORIGIN}/backup").status == 201
    assert "Backups cannot be written to /proc/nowhere" in service.run("doctor").stdout


@pytest.mark.slow
def test_what_is_due_is_erased_without_a_write_and_by_one_worker_alone(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=3)
    service.start()
    holders = await_("one to take it on", lambda: _holders(service, service.data / "upkeep.lock"))
    assert len(holders) == 1
    assert holders <= set(service.worker_ids())


def _holders(service: Service, lock: Path) -> set[int]:
    # those whose lock the kernel knows; the number of the file stands behind the device's
    number = str(lock.stat().st_ino) if lock.exists() else "none"
    lines = [line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()]
    return {int(words[4]) for words in lines if words[1] == "FLOCK" and words[5].endswith(f":{number}")}
