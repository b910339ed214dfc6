"""A service that is told to stop answers what it has begun, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from tests.faults.accounting import connect, settle_accounts
from tests.faults.clients import Ledger, Sent, Storm, at_once
from tests.faults.harness import HOST, Answer, Service, await_

RELOADS = 10


@contextlib.contextmanager
def _writers_waiting(service: Service) -> Iterator[None]:
    """Hold the database's write lock, so that no comment is answered before the block ends."""
    with contextlib.closing(connect(service)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def _begin(service: Service, sent: Sent) -> socket.socket:
    """Send a comment and return its connection once a worker has the request in hand."""
    body, headers = sent.request()
    lines = [f"POST /api/v1/comments HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\nExpect: 100-continue"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection = socket.create_connection((HOST, service.port), timeout=60)
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
    connection.sendall(body)
    return connection


def _answer(connection: socket.socket) -> Answer:
    with connection, contextlib.closing(http.client.HTTPResponse(connection, method="POST")) as response:
        response.begin()
        return Answer(response.status, json.loads(response.read()), response.headers)


def _is_deaf(service: Service) -> bool:
    # whoever still connects waits in the kernel's queue, and is turned away as the last worker ends
    with contextlib.suppress(OSError), socket.create_connection((HOST, service.port), timeout=0.2) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        return not connection.recv(1)
    return True


@pytest.mark.fault("F10")
@pytest.mark.sqlite(reason="one lock for all writers; elsewhere a writer gives up its waiting sooner")
def test_requests_under_way_are_answered_before_the_service_ends(service: Service, ledger: Ledger) -> None:
    notes = [ledger.note(page) for page in ledger.pages(8)]
    with _writers_waiting(service):
        begun = at_once(len(notes), lambda number: _begin(service, notes[number]))
        service.tell_to_stop()
        await_("the end of new connections", lambda: _is_deaf(service))
    for note, connection in zip(notes, begun, strict=True):
        ledger.told(note, _answer(connection))
    # all are answered; on a slow machine the lock may have been held for longer than a write waits for it
    assert sum(ledger.counts().values()) == len(notes)
    assert ledger.counts().keys() <= {201, 503}
    _ended_well(service)
    assert settle_accounts(ledger) == ledger.counts()[201]


@pytest.mark.fault("F10")
def test_a_service_told_to_stop_in_a_storm_stores_nothing_without_saying_so(service: Service, ledger: Ledger) -> None:
    with Storm(ledger, ledger.pages(2), clients=8) as storm:
        storm.await_more(30)
        service.tell_to_stop()
        _ended_well(service)
    assert ledger.counts().keys() <= {0, 201}
    assert settle_accounts(ledger) == ledger.counts()[201]


@pytest.mark.long
@pytest.mark.fault("F10")
def test_ten_reloads_under_load_fail_nobody(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    service.start()
    ledger, serving = Ledger(service), "ASGI server listening"
    with Storm(ledger, ledger.pages(4), clients=16, pause=0.1) as storm:
        for turn in range(1, RELOADS + 1):
            storm.await_more(30)
            before = set(service.worker_ids())
            os.kill(service.pid, signal.SIGHUP)
            await_("others to serve", lambda turn=turn: service.log().count(serving) >= service.workers * (turn + 1))
            await_("the former to end", lambda before=before: not before & set(service.worker_ids()))
        storm.await_more(30)
        service.tell_to_stop()
        _ended_well(service)
    # whoever finds nobody to talk to is not counted: nothing was sent
    print(f"{ledger.counts()[201]} posts over {RELOADS} reloads, each answered")
    assert ledger.counts().keys() == {201}
    assert settle_accounts(ledger) == ledger.counts()[201]


@pytest.mark.fault("F10")
@pytest.mark.parametrize("seconds", [0.0, 0.4, 0.8, 1.2, 1.6, 2.4])
def test_a_service_that_is_told_to_stop_while_it_starts_ends(
    make_service: Callable[..., Service], seconds: float
) -> None:
    service = make_service(workers=2)
    service.start(ready="")
    await_("a worker", service.worker_ids)
    time.sleep(seconds)  # from the first line that a worker runs to the first request that it answers
    service.tell_to_stop()
    _ended_well(service)
    # a worker that was killed could not say so
    assert service.log().count("Worker exiting") == service.log().count("Booting worker")


def _ended_well(service: Service) -> None:
    assert service.await_end() == 0
    await_("the end of all processes", lambda: not service.processes())
    # what a server does not wait for any longer on a busy machine is none
    # (the log is shared with tests that kill workers)
    left = ("canceling statement", "was sent SIG")
    lines = [line for line in service.log().splitlines() if not any(each in line for each in left)]
    assert not [line for line in lines if "rror" in line]
