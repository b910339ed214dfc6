"""Clients that are slow, idle, many or wrong hold up nobody else."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.accounting import connect, settle_accounts, stored
from tests.faults.clients import Ledger
from tests.faults.harness import HOST, ORIGIN, Service, await_

PAGE = f"{ORIGIN}/slow"
HEAD = b"POST /api/v1/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
#: the service's own bound of a body, in bytes
MOST = 64 * 1024


def _connect(service: Service) -> socket.socket:
    return socket.create_connection((HOST, service.port), timeout=60)


@contextlib.contextmanager
def _open(service: Service, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Hold so many connections open, on each of which `sent` was said and nothing more."""
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(_connect(service)) for _ in range(count)]
        for connection in connections:
            connection.sendall(sent)
        yield connections


def _said(service: Service, sent: bytes) -> bytes:
    """Send bytes as they are, and return all that comes back until the connection ends."""
    with _connect(service) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        return _rest(connection)


def _rest(connection: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(65536, socket.MSG_PEEK) == b"" or connection.recv(65536) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.fault("F8")
@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /api/v1/thr", HEAD + b"Content-Length: 1000\r\n\r\n", HEAD + b'Content-Length: 1000\r\n\r\n{"page"'],
    ids=["nothing", "half a line", "a head", "half a body"],
)
def test_requests_that_do_not_go_on_hold_no_thread(service: Service, ledger: Ledger, begun: bytes) -> None:
    page = f"{ORIGIN}/held/{len(begun)}"
    with _open(service, 300, begun):  # ten times the threads that there are
        assert [ledger.post(page).status for _ in range(3)] == [201] * 3
        assert service.read(page).status == 200
        assert service.ask("GET", "/healthz").status == 200
    settle_accounts(ledger)


@pytest.mark.fault("F8")
@pytest.mark.long
def test_requests_that_do_not_go_on_are_closed(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=1)
    service.start()
    with (
        _open(service, 100, b"GET /api/v1/thr") as heads,
        _open(service, 100, HEAD + b'Content-Length: 1000\r\n\r\n{"page"') as bodies,
        _open(service, 100, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") as idle,
    ):
        for kind in (heads, bodies, idle):
            await_("the end of all of them", lambda kind=kind: all(map(_is_closed, kind)))
    said = _said_slowly(service)
    assert b"408" in said
    _is_for_every_page(said)


def _is_for_every_page(said: bytes) -> None:
    # the widget of any site has to read what is in the way
    for name in (b"access-control-allow-origin: *", b"x-content-type-options: nosniff", b"cache-control: no-store"):
        assert name in said.lower(), said


def _said_slowly(service: Service) -> bytes:
    with _connect(service) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{")
        return _rest(connection)


def test_connections_that_lie_idle_do_not_hold_up_the_end(service: Service) -> None:
    with _open(service, 20, b""), _open(service, 20, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"):
        service.tell_to_stop()
        assert service.await_end() == 0
    assert "Forcing close" not in service.log()


@pytest.mark.fault("F9")
@pytest.mark.long
def test_ten_thousand_idle_connections_cost_little(make_service: Callable[..., Service]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 12_000:
        pytest.skip("needs 12,000 open files in a process")
    resource.setrlimit(resource.RLIMIT_NOFILE, (12_000, hard))
    try:
        service = make_service(workers=2)
        service.start()
        ledger = Ledger(service)
        assert ledger.post(PAGE).status == 201
        before = _memory(service)
        with _open(service, 10_000, b""):
            assert [ledger.post(PAGE).status for _ in range(5)] == [201] * 5
            assert service.read(PAGE).status == 200
            grown = _memory(service) - before
        assert grown < 200 * 1024 * 1024, f"{grown / 1024**2:.0f} MiB"
        settle_accounts(ledger)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _memory(service: Service) -> int:
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in service.worker_ids()]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
@pytest.mark.sqlite(reason="one lock for all writers; elsewhere a writer gives up its waiting sooner")
def test_who_comes_when_all_threads_are_taken_and_many_wait_is_told_to_come_back(
    make_service: Callable[..., Service],
) -> None:
    service = make_service(workers=1, threads=1)
    service.start()
    ledger = Ledger(service)
    notes = [ledger.note(PAGE) for _ in range(60)]
    with ThreadPoolExecutor(len(notes)) as clients, contextlib.closing(connect(service)) as holder:
        holder.execute("BEGIN IMMEDIATE")  # nobody can write until some were turned away
        answers = [clients.submit(ledger.send, note) for note in notes]
        await_("somebody who is turned away", lambda: ledger.counts()[503])
        holder.execute("ROLLBACK")
    assert {answer.result().status for answer in answers} == {201, 503}
    turned_away = [answer for sent in ledger.sent for answer in sent.answers if answer.status == 503]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in turned_away)
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in turned_away} <= {"*", ORIGIN}
    settle_accounts(ledger)
    ledger.settle()
    assert settle_accounts(ledger) == len(notes)


def _comment(body: str = "A fine clock.") -> bytes:
    return json.dumps({"page": PAGE, "body": body, "author": {"name": "Ann"}}).encode()


def _whole(head: bytes, body: bytes) -> bytes:
    return HEAD + b"Origin: " + ORIGIN.encode() + b"\r\nConnection: close\r\n" + head + b"\r\n\r\n" + body


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_a_body_that_comes_in_chunks_is_taken(service: Service) -> None:
    body = _comment("In chunks.")
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:10], body[10:])) + b"0\r\n\r\n"
    assert _status(_said(service, _whole(b"Transfer-Encoding: chunked", chunked))) == 201
    assert [row["body"] for row in stored(service) if row["body"] == "In chunks."] == ["In chunks."]


@pytest.mark.fault("F15")
@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (b"Content-Length: %d" % (MOST + 1), b" " * (MOST + 1), {413}),
        (b"Content-Length: 1000000000", b" " * 1_000_000, {413}),
        (b"Transfer-Encoding: chunked", b"".join([b"10000\r\n" + b" " * 65_536 + b"\r\n"] * 300), {413}),
        (b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", {400}),
        (b"Content-Length: 5\r\nContent-Length: 6", b"hello", {400}),
        (b"Content-Length: -1", b"", {400}),
        (b"Transfer-Encoding: gzip, chunked", b"0\r\n\r\n", {400, 501}),
        (b"Content-Encoding: gzip\r\nContent-Length: 4", b"\x1f\x8b\x08\x00", {400, 415}),
        (b"X: " + b"y" * 9_000, b"", {400, 431}),
        (b"\r\n".join(b"X-%d: y" % number for number in range(200)), b"", {400, 431}),
        (b"X : y", b"", {400}),
    ],
    ids=lambda value: repr(value)[:50] if isinstance(value, bytes) else None,
)
def test_a_body_or_head_that_is_wrong_is_refused(service: Service, head: bytes, body: bytes, status: set[int]) -> None:
    assert _status(_said(service, _whole(head, body))) in status
    assert service.ask("GET", "/healthz").status == 200


@pytest.mark.fault("F15")
def test_a_body_that_ends_too_early_is_not_stored(service: Service) -> None:
    body = _comment("Cut off.")
    answer = _said(service, _whole(b"Content-Length: %d" % (len(body) + 10), body))
    assert _status(answer) not in (201, 202)
    assert not [row for row in stored(service) if row["body"] == "Cut off."]


@pytest.mark.fault("F15")
@pytest.mark.parametrize(
    "line",
    [
        b"GET /api/v1/thread?page=\xff\xfe HTTP/1.1",
        b"GET /api/v1/thread?page=%FF%00 HTTP/1.1",
        b"GET /\xc3\xa9/%C3%A9/%FF HTTP/1.1",
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1",
        b"GET http://other.example/healthz HTTP/1.1",
        b"NONSENSE / HTTP/1.1",
        b"GET / HTTP/9.9",
    ],
)
def test_a_line_that_is_wrong_is_no_fault_of_the_service(service: Service, line: bytes) -> None:
    assert _status(_said(service, line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")) < 500
    assert service.ask("GET", "/healthz").status == 200


def test_two_requests_in_one_go_are_both_answered(service: Service) -> None:
    line = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    assert _said(service, line + b"\r\n" + line + b"Connection: close\r\n\r\n").count(b'{"status":"ok"}') == 2


def test_an_address_in_a_name_with_underscores_is_not_believed(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=1, TRUSTED_PROXIES=HOST, LIMIT_POSTS="2/minute")
    service.start()
    statuses = []
    for number in range(4):
        body = _comment(f"Number {number}.")
        head = b"X_Forwarded_For: 203.0.113.%d\r\nContent-Length: %d" % (number, len(body))
        statuses.append(_status(_said(service, _whole(head, body))))
    assert statuses == [201, 201, 429, 429]


@pytest.mark.fault("F15")
def test_what_is_announced_larger_than_anything_is_refused_before_it_comes(service: Service) -> None:
    with _connect(service) as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n")
        said = connection.recv(65536)
    assert said.startswith(b"HTTP/1.1 413 "), said
    _is_for_every_page(said)


@pytest.mark.fault("F16")
def test_a_length_of_thousands_of_digits_is_refused_and_no_mistake_of_ours(service: Service) -> None:
    before = service.log().count("Traceback")
    assert _said(service, HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert service.log().count("Traceback") == before


def test_nothing_says_what_serves(service: Service) -> None:
    for asked in (b"GET /healthz", b"GET /embed.js", b"GET /readyz", b"GET /nothing"):
        said = _said(service, asked + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"\r\nserver:" not in said.lower(), said
