"""Processes that die without a word take nothing with them that was acknowledged."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.accounting import query, settle_accounts
from tests.faults.clients import Ledger, Storm
from tests.faults.harness import ORIGIN, Service, await_
from tests.faults.waits import is_idle, told, took

CLIENTS = 8
#: of the long ones
MANY_CLIENTS, KILLS, CRASHES = 32, 30, 20


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


@pytest.mark.long
@pytest.mark.fault("F1")
def test_thirty_killed_workers_are_replaced_before_long(
    make_service: Callable[..., Service], chance: random.Random
) -> None:
    idle = is_idle()
    service = make_service(workers=4)
    service.start()
    ledger = Ledger(service)
    serving, waits = "ASGI server listening", []
    with Storm(ledger, ledger.pages(8), MANY_CLIENTS, pause=0.2) as storm:
        for _ in range(KILLS):
            await_("all to serve", lambda: service.log().count(serving) - len(waits) >= service.workers)
            storm.await_more(chance.randint(10, 40))
            waits.append(
                took(
                    lambda: (
                        _kill_a_worker(service, chance),
                        await_("it to serve", lambda: service.log().count(serving) - len(waits) > service.workers),
                    )
                )[0]
            )
        storm.await_more(20)
    told("a new worker served", waits, 2, asserted=idle)
    assert ledger.counts()[0] <= KILLS * service.threads, "more was cut off than the workers had in hand"
    assert ledger.counts().keys() <= {0, 201}
    settle_accounts(ledger)
    ledger.settle()
    settle_accounts(ledger)


@pytest.mark.long
@pytest.mark.fault("F2")
def test_twenty_crashes_in_a_row_lose_nothing(make_service: Callable[..., Service], chance: random.Random) -> None:
    idle = is_idle()
    service = make_service(workers=2)
    service.start()
    ledger, waits = Ledger(service), []
    with Storm(ledger, ledger.pages(4), CLIENTS, pause=0.05) as storm:
        for _ in range(CRASHES):
            storm.await_more(chance.randint(10, 60))
            service.kill()
            waits.append(took(service.start)[0])
        storm.await_more(20)
    told("ready after a crash", waits, 5, asserted=idle)
    assert ledger.counts().keys() <= {0, 201}
    settle_accounts(ledger)
    ledger.settle()
    settle_accounts(ledger)


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


GONE = "https://gone.example"


def _post(service: Service, origin: str) -> dict[str, Any]:
    sent = json.dumps({"page": f"{origin}/page", "body": "Hello.", "author": {"name": "Ann"}}).encode()
    answer = service.ask("POST", "/api/v1/comments", sent, {"Content-Type": "application/json", "Origin": origin})
    assert answer.status == 201, answer
    return dict(answer.content)


@pytest.mark.slow
@pytest.mark.fault("F2")
def test_no_number_is_given_out_again_after_deletions_and_a_crash(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    used: dict[str, set[int]] = {table: set() for table in ("comments", "pages", "readers", "sites")}
    for _ in range(2):
        assert service.run("site", "add", "gone", GONE).returncode == 0
        service.start()
        posted = [_post(service, origin) for origin in [ORIGIN] * 3 + [GONE] * 3]
        new = {posting["comment"]["id"] for posting in posted}
        assert len(new) == len(posted)
        there = {table: {row["id"] for row in query(service, f"SELECT id FROM {table}")} for table in used}
        # those of the page that stays are the only ones of before; all that came since is of the newest numbers
        assert new.isdisjoint(used["comments"])
        for table, ids in there.items():
            assert max(ids) > max(used[table], default=0), table
            used[table] |= ids
        forgotten = {"Authorization": f"Bearer {posted[0]['reader_key']}", "Origin": ORIGIN}
        assert service.ask("DELETE", f"/api/v1/reader?page={ORIGIN}/page", headers=forgotten).content["erased"] == 1
        service.kill()
        assert service.run("site", "remove", "gone", "--yes").returncode == 0
        left = {row["id"] for row in query(service, "SELECT id FROM comments")}
        assert max(left) < max(used["comments"]), "nothing that could be given out again is gone"
