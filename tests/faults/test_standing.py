"""What stands still, or goes on for long: a worker that does not move, a reader of one moment, a service at work."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.accounting import connect, query, settle_accounts
from tests.faults.clients import Ledger, Storm
from tests.faults.harness import Service, await_

pytestmark = pytest.mark.long
MIB = 1024 * 1024
#: connections to a server of databases that each worker keeps open, once it had them
POOLED = 10


def _await_all(service: Service) -> None:
    """Wait until every worker serves: of one that still begins, gunicorn does not tell whether it stands still."""
    await_("all workers at work", lambda: service.log().count("ASGI server listening") >= service.workers)


@pytest.mark.fault("F26")
def test_a_worker_that_stands_still_is_replaced_and_loses_nothing(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    service.start()
    _await_all(service)
    ledger = Ledger(service)
    with Storm(ledger, ledger.pages(4), clients=8, pause=0.2) as storm:
        storm.await_more(20)
        before = set(service.worker_ids())
        halted = min(before)
        os.kill(halted, signal.SIGSTOP)
        await_("a worker in its place", lambda: halted not in service.worker_ids() and len(service.worker_ids()) == 2)
        storm.await_more(20)
    assert ledger.counts().keys() <= {0, 201}
    settle_accounts(ledger)
    ledger.settle()
    settle_accounts(ledger)


@pytest.mark.fault("F26")
def test_nor_is_one_waited_for_that_never_begins(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    service.start()
    _await_all(service)
    before = set(service.worker_ids())
    os.kill(min(before), signal.SIGKILL)
    await_("a worker that begins", lambda: set(service.worker_ids()) - before)
    (begins,) = set(service.worker_ids()) - before
    os.kill(begins, signal.SIGSTOP)
    assert service.log().count("ASGI server listening") == 2, "it had begun already: a proof of nothing"
    await_("another in its place", lambda: begins not in service.worker_ids() and len(service.worker_ids()) == 2)
    await_("it to serve", lambda: service.log().count("ASGI server listening") == 3)


@pytest.mark.fault("F23")
@pytest.mark.sqlite(reason="its write-ahead log; a server clears away by itself what nobody looks at any more")
def test_the_log_grows_within_bounds_while_somebody_looks_at_one_moment(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    service.start()
    ledger = Ledger(service)
    log = service.data / "afterword.db-wal"
    with Storm(ledger, ledger.pages(4), clients=8) as storm:
        storm.await_more(20)
        with contextlib.closing(connect(service)) as reader:
            reader.execute("BEGIN")
            (seen,) = reader.execute("SELECT count(*) FROM comments").fetchone()
            for _ in range(30):  # each with a patience of its own
                storm.await_more(50)
            assert reader.execute("SELECT count(*) FROM comments").fetchone()[0] == seen
            assert log.stat().st_size < 256 * MIB
            assert _left_in_the_log(service) > 0, "nobody held it up: a proof of nothing"
            reader.execute("ROLLBACK")
        storm.await_more(50)
    await_("the log to be brought into the database", lambda: _left_in_the_log(service) == 0)
    assert log.stat().st_size <= 64 * MIB
    assert ledger.counts().keys() == {201}
    assert settle_accounts(ledger) == ledger.counts()[201]


def _left_in_the_log(service: Service) -> int:
    (busy, pages, done) = tuple(query(service, "PRAGMA wal_checkpoint(PASSIVE)")[0])
    return int(pages - done + busy)


@pytest.mark.fault("F27")
def test_a_service_at_work_for_long_neither_grows_nor_keeps_files_open(
    make_service: Callable[..., Service], request: pytest.FixtureRequest
) -> None:
    service = make_service(workers=2, CACHE_MB="1")
    service.start()
    _await_all(service)
    ledger = Ledger(service)
    half = request.config.getoption("--soak") * 30
    with Storm(ledger, ledger.pages(8), clients=4, pause=0.8):
        taken = []
        for part in (half / 2, half / 2, half):  # what a service takes as it begins does not count
            end = time.monotonic() + part
            while time.monotonic() < end:
                for page in ledger.pages(8):
                    assert service.read(page).status == 200
                    time.sleep(0.05)
            taken.append(_taken(service))
    (_, (warm, files), (memory, files_after)) = taken
    print(f"{warm / MIB:.1f} MiB, then {memory / MIB:.1f}; {files} files, then {files_after}")
    assert memory - warm < max(8 * MIB, half / 3600 * MIB)
    # as many as there are connections under way, and to a server of databases at the most
    assert files_after <= files + 8 + (service.workers * POOLED if service.database else 0)
    assert ledger.counts().keys() == {201}
    assert settle_accounts(ledger) == ledger.counts()[201]


def _taken(service: Service) -> tuple[int, int]:
    """Return the memory, in bytes, and the open files of all workers."""
    memory = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in service.worker_ids()]
    files = [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in service.worker_ids()]
    return sum(memory) * os.sysconf("SC_PAGE_SIZE"), sum(files)
