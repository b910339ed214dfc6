"""The long ones of slow, idle and endless clients: how long others wait meanwhile, and what it costs in memory."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.accounting import settle_accounts
from tests.faults.clients import Ledger
from tests.faults.harness import HOST, ORIGIN, Service, await_
from tests.faults.waits import is_idle, told, took

pytestmark = pytest.mark.long

PAGE = f"{ORIGIN}/many"
HEAD = b"POST /api/v1/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SLOW, IDLE, POSTS = 500, 10_000, 200
#: seconds between two bytes of one client
PAUSE = 1.0
MIB = 1024 * 1024


@contextlib.contextmanager
def _connections(service: Service, count: int, sent: bytes = b"") -> Iterator[list[socket.socket]]:
    """Hold so many connections straight to the service, on each of which that was sent, and what came back read."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 2_000:
        pytest.skip(f"needs {count + 2_000:,} open files in a process")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 2_000), hard))
    try:
        with contextlib.ExitStack() as held:
            made = []
            for _ in range(count):
                made.append(held.enter_context(socket.create_connection((HOST, service.port), 60)))
                made[-1].sendall(sent)
                assert not sent or made[-1].recv(1000).startswith(b"HTTP/1.1 200 ")
            yield made
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def _trickling(connections: list[socket.socket], sent: bytes) -> Iterator[dict[socket.socket, float]]:
    """Send byte by byte on all of them; yields when each of those that the service ended was found to be so."""
    over, begun = threading.Event(), time.monotonic()
    ended: dict[socket.socket, float] = {}

    def trickle() -> None:
        for place in range(len(sent)):
            for each in [each for each in connections if each not in ended]:
                try:
                    each.sendall(sent[place : place + 1])
                except OSError:
                    ended[each] = time.monotonic() - begun
            if over.wait(PAUSE):
                return

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield ended
    finally:
        over.set()
        thread.join(60)


def _waits_of_posts(ledger: Ledger, count: int = POSTS) -> list[float]:
    waits = []
    for _ in range(count):
        seconds, answer = took(lambda: ledger.post(PAGE))
        assert answer.status == 201, answer
        waits.append(seconds)
    return waits


def _memory(service: Service) -> int:
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in service.worker_ids()]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def _started(make_service: Callable[..., Service], workers: int = 2) -> tuple[Service, Ledger]:
    service = make_service(workers=workers)
    service.start()
    await_("all workers", lambda: service.log().count("ASGI server listening") == service.workers)
    ledger = Ledger(service)
    _waits_of_posts(ledger, 20)
    return service, ledger


@pytest.mark.fault("F8")
@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"x" * 300),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b" " * 900),
    ],
    ids=["head", "body"],
)
def test_others_do_not_wait_for_those_who_send_byte_by_byte(
    make_service: Callable[..., Service], at_once: bytes, slowly: bytes
) -> None:
    idle = is_idle()
    service, ledger = _started(make_service, workers=1)
    with _connections(service, SLOW) as connections:
        for each in connections:
            each.sendall(at_once)
        with _trickling(connections, slowly) as ended:
            told(f"a post beside {SLOW} slow clients", _waits_of_posts(ledger), 1, asserted=idle)
            await_("the end of all of them", lambda: len(ended) == len(connections))
        told("the end of a slow client", list(ended.values()), 30 + 2 * PAUSE, asserted=idle, share=1)
    settle_accounts(ledger)


@pytest.mark.fault("F9")
def test_others_do_not_wait_for_ten_thousand_who_asked_once_and_lie_idle(make_service: Callable[..., Service]) -> None:
    idle = is_idle()
    service, ledger = _started(make_service)
    before = _memory(service)
    with _connections(service, IDLE, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"):
        seen, grown = _held(service), _memory(service) - before
        told(f"a post beside {IDLE} clients who asked once", _waits_of_posts(ledger), 2, asserted=idle)
    print(f"{seen} of them were still held open; {grown / MIB:.0f} MiB more")
    assert grown < 200 * MIB
    settle_accounts(ledger)


def _held(service: Service) -> int:
    found = 0
    for link in [link for pid in service.worker_ids() for link in Path(f"/proc/{pid}/fd").iterdir()]:
        with contextlib.suppress(OSError):  # closed by now
            found += "socket:" in os.readlink(link)
    return found


#: what is wrong: the head, what comes after it again and again, how often
ENDLESS = {
    "one byte more": (b"Content-Length: 65537", b" " * 65_537, 1),
    "1 GB, announced": (b"Content-Length: 1000000000", b" " * 1_000_000, 1_000),
    "1 GB, in chunks": (b"Transfer-Encoding: chunked", b"f4240\r\n" + b" " * 1_000_000 + b"\r\n", 1_000),
    "two lengths": (b"Content-Length: 5\r\nContent-Length: 6", b"hello", 1),
    "length and chunks": (b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", 1),
    "no length": (b"Content-Length: -1", b"", 1),
    "packed": (b"Content-Encoding: gzip\r\nContent-Length: 4", b"\x1f\x8b\x08\x00", 1),
    "a long head": (b"X: " + b"y" * 9_000, b"", 1),
    "a thousand lines": (b"\r\n".join(b"X-%d: y" % number for number in range(1_000)), b"", 1),
}


def _status_while_sending(service: Service, head: bytes, part: bytes, times: int) -> int:
    with socket.create_connection((HOST, service.port), 60) as connection:

        def send() -> None:
            with contextlib.suppress(OSError):
                connection.sendall(HEAD + b"Origin: " + ORIGIN.encode() + b"\r\n" + head + b"\r\n\r\n")
                for _ in range(times):
                    connection.sendall(part)

        sender = threading.Thread(target=send)
        sender.start()
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            answer = connection.recv(65_536)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        sender.join(60)
    return int(answer.split(b" ", 2)[1]) if answer else 0


@pytest.mark.fault("F15")
def test_what_is_wrong_or_endless_is_refused_within_a_second_and_kept_nowhere(
    make_service: Callable[..., Service],
) -> None:
    idle = is_idle()
    service, ledger = _started(make_service)
    for wrong in ENDLESS.values():  # once each: what is made on first use is no growth
        _status_while_sending(service, *wrong)
    before = _memory(service)
    for name, wrong in ENDLESS.items():
        answers = [took(lambda wrong=wrong: _status_while_sending(service, *wrong)) for _ in range(20)]
        assert {status for _, status in answers} <= {400, 413, 415, 431}, (name, answers)
        told(f"refused: {name}", [seconds for seconds, _ in answers], 1, asserted=idle, share=1)
    grown = _memory(service) - before
    print(f"{grown / MIB:.1f} MiB more")
    assert grown < 20 * MIB
    assert ledger.post(PAGE).status == 201
    settle_accounts(ledger)
