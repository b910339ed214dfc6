"""A server that is killed under load: nothing is lost, everybody is told to come back, and the service goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.accounting import settle_accounts
from tests.faults.clients import Ledger, Storm
from tests.faults.harness import Service, await_
from tests.faults.waits import is_idle, told, took
from tests.postgres import Server
from tests.quick import migrated

pytestmark = [pytest.mark.fault("F3"), pytest.mark.xdist_group("faults")]
CLIENTS, ROUNDS, LONG_ROUNDS = 8, 3, 10


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own."""
    made = Server()
    made.make()
    migrated(made.add("comments"), tmp_path / "template")
    yield made
    made.remove()


@pytest.fixture
def service(lonely: Server, tmp_path: Path) -> Iterator[Service]:
    """A service on that server, running, with the site `blog`."""
    made = Service(tmp_path / "service", workers=2, DATABASE_URL=lonely.url("comments"))
    made.folder.mkdir()
    made.register()
    made.start()
    yield made
    made.kill()


def _kill_one_at_work(server: Server) -> bool:
    with server.connect() as link:
        sql = "SELECT pid FROM pg_stat_activity WHERE datname = 'comments' ORDER BY state = 'active' DESC LIMIT 1"
        row = link.execute(sql).fetchone()
    if row is not None:
        os.kill(row[0], signal.SIGKILL)
    return row is not None


def _all_is_well(service: Service, ledger: Ledger, pid: int) -> None:
    assert ledger.counts().keys() <= {201, 503}, ledger.counts()
    paused = [answer for sent in ledger.sent for answer in sent.answers if answer.status == 503]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in paused)
    assert service.pid == pid
    assert service.is_running()
    settle_accounts(ledger)
    ledger.settle()
    assert settle_accounts(ledger) == len(ledger.sent)


@pytest.mark.slow
def test_a_killed_process_of_the_server_takes_nothing_with_it(lonely: Server, service: Service) -> None:
    ledger, pid = Ledger(service), service.pid
    with Storm(ledger, ledger.pages(4), CLIENTS) as storm:
        for _ in range(ROUNDS):
            storm.await_more(20)
            assert await_("a process to kill", lambda: _kill_one_at_work(lonely))
        storm.await_more(20)
    _all_is_well(service, ledger, pid)


@pytest.mark.parametrize(
    "rounds", [pytest.param(ROUNDS, marks=pytest.mark.slow), pytest.param(LONG_ROUNDS, marks=pytest.mark.long)]
)
def test_a_killed_server_takes_nothing_with_it_and_is_found_again(
    lonely: Server, service: Service, rounds: int
) -> None:
    idle, waits = is_idle(), []
    ledger, pid = Ledger(service), service.pid
    pages = ledger.pages(4)
    with Storm(ledger, pages, CLIENTS) as storm:
        for _ in range(rounds):
            storm.await_more(20)
            lonely.kill()
            before = ledger.counts()[503]
            await_("everybody to be told", lambda before=before: ledger.counts()[503] >= before + 10 * CLIENTS)
            assert service.ask("GET", "/readyz").status == 503
            assert service.read(f"{pages[0]}/unseen").status == 503
            lonely.start()
            waits.append(took(lambda: storm.await_more(1))[0])
        storm.await_more(20)
    service.await_ready()
    told("the first comment after the server's return", waits, 5, asserted=idle and rounds == LONG_ROUNDS, share=1)
    _all_is_well(service, ledger, pid)
