"""Many writers at once: none is turned away, nothing is counted wrong."""

from __future__ import annotations

from tests.faults.accounting import settle_accounts
from tests.faults.clients import Ledger, at_once
from tests.faults.harness import ORIGIN, Service

WRITERS, EACH = 32, 8


def test_32_writers_at_once_lose_nothing_and_meet_no_error(service: Service, ledger: Ledger) -> None:
    page = f"{ORIGIN}/many"
    first = ledger.post(page).content["comment"]["id"]

    def write(_: int) -> None:
        for turn in range(EACH):
            ledger.post(page, parent=first if turn % 2 else None)
            if turn % 4 == 0:
                assert service.read(page).status == 200

    at_once(WRITERS, write)
    # a server ends a wait that takes too long: who is told so comes again
    assert ledger.counts().keys() <= ({201, 503} if service.database else {201})
    ledger.settle()
    assert settle_accounts(ledger) == WRITERS * EACH + 1
    shown = service.read(page).content
    assert shown["page"]["count"] == WRITERS * EACH + 1
    assert shown["comments"][0]["replies"] == WRITERS * EACH // 2
