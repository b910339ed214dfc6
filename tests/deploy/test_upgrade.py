"""A new release goes in under load: workers are replaced one after another, and nobody behind the proxy notices."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.conftest import Front
from tests.deploy.proxy import Proxy
from tests.faults.accounting import settle_accounts
from tests.faults.clients import Ledger, Storm
from tests.faults.harness import Answer, Service, await_

ROUNDS = 3
#: a busy machine starts workers slowly; how long the proxy waits for them is not what is tested
PATIENT = {f"proxy_read_timeout {each}s;": "proxy_read_timeout 120s;" for each in (15, 16, 17, 35)}


class Through(Service):
    """The service as clients reach it: every request goes through the proxy."""

    def __init__(self, service: Service, proxy: Proxy) -> None:
        super().__init__(service.folder, **service.settings)  # type: ignore[arg-type]
        self._proxy = proxy

    def ask(self, method: str, path: str, body: bytes | None = None, headers: object = None) -> Answer:
        """Send a request to the proxy, which is never away: a refused connection is a failed request here."""
        answer = self._proxy.ask(method, path, body, headers)  # type: ignore[arg-type]
        return Answer(answer.status, answer.content, answer.headers)


class Readers:
    """Clients that read one page after another, most of them for the first time, and count what they were told."""

    def __init__(self, through: Through, pages: list[str], clients: int) -> None:
        self.counts: Counter[int] = Counter()
        self._through, self._pages = through, pages
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(number,)) for number in range(clients)]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self, number: int) -> None:
        turn = 0
        while not self._over.wait(0.02):
            turn += 1
            page = f"{self._pages[turn % len(self._pages)]}?reader={number}&turn={turn}"
            self.counts[self._through.read(page).status] += 1


@pytest.mark.long
@pytest.mark.fault("F10")
def test_workers_are_replaced_under_load_without_one_failed_request(
    make_front: Callable[..., Front], tmp_path: Path
) -> None:
    front = make_front()
    proxy = Proxy(tmp_path / "straight", front.service.port, PATIENT)  # no relay: it would hide a refused connection
    proxy.start()
    try:
        through = Through(front.service, proxy)
        ledger = Ledger(through)
        pages = ledger.pages(4)
        with Storm(ledger, pages, clients=4, pause=0.05) as storm, Readers(through, pages, clients=4) as readers:
            for _ in range(ROUNDS):
                old = set(front.service.worker_ids())
                os.kill(front.service.pid, signal.SIGHUP)
                storm.await_more(10)
                await_("new workers", lambda old=old: not old & set(front.service.worker_ids()))
                await_("two of them", lambda: len(front.service.worker_ids()) == front.service.workers)
            storm.await_more(10)
        assert set(readers.counts) == {200}, readers.counts
        assert set(ledger.counts()) == {201}, ledger.counts()
        assert settle_accounts(ledger) == ledger.counts()[201]
    finally:
        proxy.stop()
