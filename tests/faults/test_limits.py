"""Limits are exact: over worker processes, over restarts, whatever the number of clients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.accounting import settle_accounts
from tests.faults.clients import Ledger, at_once
from tests.faults.harness import ORIGIN, Service

CLIENTS = 16


def _tried(ledger: Ledger, page: str, times: int) -> Counter[int]:
    """Send `times` comments from CLIENTS clients at once; returns how often each status was answered."""
    answers = at_once(CLIENTS, lambda number: [ledger.post(page).status for _ in range(number, times, CLIENTS)])
    return Counter(status for own in answers for status in own)


@pytest.mark.slow
def test_limits_are_exact_across_processes_and_a_restart(make_service: Callable[..., Service]) -> None:
    # hours, not minutes: a machine that is busy must not reach the end of the window
    service = make_service(workers=4, LIMIT_POSTS="25/hour", LIMIT_PAGE_POSTS="10/hour")
    service.start()
    assert len(service.worker_ids()) == 4
    ledger = Ledger(service)
    assert _tried(ledger, f"{ORIGIN}/one", 100) == {201: 10, 429: 90}, "the page's limit"
    assert _tried(ledger, f"{ORIGIN}/two", 50) == {201: 10, 429: 40}, "the page's limit is each page's own"
    assert _tried(ledger, f"{ORIGIN}/three", 50) == {201: 5, 429: 45}, "the address's limit"

    refusal = ledger.post(f"{ORIGIN}/four")
    assert refusal.status == 429
    assert 0 < int(refusal.headers["Retry-After"]) <= 3600

    service.kill()
    service.workers = 2
    service.start()
    assert _tried(ledger, f"{ORIGIN}/four", 30) == {429: 30}, "a restart forgives nothing"
    assert service.ask("GET", "/api/v1/thread?page=" + ORIGIN + "/four").content["page"]["count"] == 0
    assert settle_accounts(ledger) == 25
