"""A comment that is sent several times is stored once."""

from __future__ import annotations

import random
import socket
from dataclasses import replace

import pytest

from tests.faults.accounting import settle_accounts, stored
from tests.faults.clients import Ledger, Sent, at_once
from tests.faults.harness import HOST, ORIGIN, Service


def _send_and_hang_up(service: Service, sent: Sent) -> None:
    """Send a comment as a reader who closes the tab at once: the answer meets nobody."""
    body, headers = sent.request()
    head = [f"POST /api/v1/comments HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((HOST, service.port)) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)


@pytest.mark.fault("F11")
def test_what_is_sent_several_times_and_cut_off_is_stored_once(
    service: Service, ledger: Ledger, chance: random.Random
) -> None:
    pages = [f"{ORIGIN}/often/{number}" for number in range(4)]
    notes = [ledger.note(chance.choice(pages)) for _ in range(80)]
    sendings = [note for note in notes for _ in range(chance.randint(1, 5))]
    chance.shuffle(sendings)
    cut_off = [chance.random() < 0.2 for _ in sendings]

    def send(number: int) -> None:
        for place in range(number, len(sendings), 12):
            if cut_off[place]:
                _send_and_hang_up(service, sendings[place])
            else:
                ledger.send(sendings[place])

    at_once(12, send)
    assert ledger.counts().keys() == {201}
    for note in notes:
        ledger.send(note)
    assert settle_accounts(ledger) == len(notes)


@pytest.mark.fault("F12")
def test_one_key_sent_fifty_times_at_once_is_one_comment(service: Service, ledger: Ledger) -> None:
    note = ledger.note(f"{ORIGIN}/once")
    answers = at_once(50, lambda _: ledger.send(note))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.content["comment"]["id"] for answer in answers}) == 1
    assert len({answer.content["reader_key"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert settle_accounts(ledger) == 1


@pytest.mark.fault("F12")
def test_a_key_that_was_used_for_another_comment_is_refused(service: Service, ledger: Ledger) -> None:
    note = ledger.note(f"{ORIGIN}/another")
    assert ledger.send(note).status == 201
    for other in (replace(note, body="Quite another text."), replace(note, page=f"{ORIGIN}/elsewhere")):
        body, headers = other.request()
        answer = service.ask("POST", "/api/v1/comments", body, headers)
        assert answer.status == 422
        assert "Idempotency-Key" in answer.content["errors"]
    assert settle_accounts(ledger) == 1
    assert not [row for row in stored(service) if row["url"] == f"{ORIGIN}/elsewhere"]
