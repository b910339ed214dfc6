"""Processes that die without a word take nothing with them that was acknowledged."""

from __future__ import annotations

import contextlib
import os
import random
import signal

import pytest

from tests.faults.accounting import settle_accounts
from tests.faults.clients import Ledger, Storm
from tests.faults.harness import Service, await_

CLIENTS = 8


def _kill_a_worker(service: Service, chance: random.Random) -> None:
    before = set(service.worker_ids())
    victim = chance.choice(sorted(before))
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    await_("a worker in the place of the one killed", lambda: set(service.worker_ids()) - before)


@pytest.mark.fault("F1")
def test_killed_workers_are_replaced_and_lose_nothing(service: Service, ledger: Ledger, chance: random.Random) -> None:
    with Storm(ledger, ledger.pages(4), CLIENTS) as storm:
        for _ in range(3):
            storm.await_more(chance.randint(10, 40))
            _kill_a_worker(service, chance)
        storm.await_more(20)
    assert ledger.counts()[0] <= 3 * service.threads, "more was cut off than one worker had in hand"
    assert ledger.counts().keys() <= {0, 201}
    settle_accounts(ledger)
    ledger.settle()
    assert settle_accounts(ledger) == len([sent for sent in ledger.sent if sent.answers])


@pytest.mark.slow
@pytest.mark.fault("F2")
def test_a_crash_of_all_processes_loses_nothing(service: Service, ledger: Ledger, chance: random.Random) -> None:
    with Storm(ledger, ledger.pages(4), CLIENTS) as storm:
        storm.await_more(chance.randint(20, 60))
        service.kill()
        service.workers = 2  # enough from here on, and sooner there than four
        service.start()
        storm.await_more(20)
    assert ledger.counts().keys() <= {0, 201}
    settle_accounts(ledger)
    ledger.settle()
    assert settle_accounts(ledger) == len([sent for sent in ledger.sent if sent.answers])


@pytest.mark.slow
@pytest.mark.fault("F2")
def test_workers_whose_master_was_killed_end_and_leave_the_port_free(
    service: Service, ledger: Ledger, chance: random.Random
) -> None:
    with Storm(ledger, ledger.pages(4), CLIENTS) as storm:
        storm.await_more(chance.randint(10, 30))
        os.kill(service.pid, signal.SIGKILL)
        service.await_end()
        await_("the end of the workers", lambda: not service.processes())
    settle_accounts(ledger)
    service.start()
    ledger.settle()
    settle_accounts(ledger)
