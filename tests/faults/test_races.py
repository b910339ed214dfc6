"""Readers who change and delete, operators who decide, all at once: what remains is what somebody did."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.faults.accounting import query
from tests.faults.clients import Ledger, at_once
from tests.faults.harness import ORIGIN, Answer, Service

ROUNDS, LONG_ROUNDS = 12, 1_000
DECISIONS = ("approve", "hold", "spam", "delete")


def _token(service: Service) -> str:
    assert service.run("operator", "add", "mia", "--site", "blog").returncode == 0
    return service.run("operator", "token", "mia", "--name", "race", "--scope", "moderate").stdout.strip()


def _ask(service: Service, method: str, path: str, key: str, content: object = None) -> Answer:
    headers = {"Content-Type": "application/json", "Origin": ORIGIN, "Authorization": f"Bearer {key}"}
    return service.ask(method, f"/api/v1{path}", None if content is None else json.dumps(content).encode(), headers)


@pytest.mark.fault("F14")
@pytest.mark.parametrize(
    "rounds", [pytest.param(ROUNDS, marks=pytest.mark.slow), pytest.param(LONG_ROUNDS, marks=pytest.mark.long)]
)
def test_edits_deletions_and_decisions_that_race_leave_what_the_log_tells(
    make_service: Callable[..., Service], rounds: int
) -> None:
    service = make_service(workers=2, LIMIT_ACTS="off")
    token = _token(service)
    service.start()
    ledger = Ledger(service)
    page = f"{ORIGIN}/race"
    told: set[tuple[str, int]] = set()
    erased = set()
    for number in range(rounds):
        posted = ledger.post(page).content
        comment, key = posted["comment"]["id"], posted["reader_key"]
        own, by_hand = f"/comments/{comment}", {"ids": [comment]}
        acts: list[Callable[[], Answer]] = [
            lambda own=own, key=key: _ask(service, "PATCH", own, key, {"body": "Changed."}),
            lambda own=own, key=key: _ask(service, "POST", f"{own}/restore", key),
            *(
                lambda what=what, by_hand=by_hand: _ask(
                    service, "POST", "/admin/decisions", token, by_hand | {"decision": what}
                )
                for what in DECISIONS
            ),
        ]
        if number % 2:
            acts[0] = lambda own=own, key=key: _ask(service, "DELETE", own, key)
        answers = at_once(len(acts), lambda place, acts=acts: acts[place]())
        assert {answer.status for answer in answers} <= {200, 403, 404, 409, 422}, answers
        if number % 2 and answers[0].status == 200:
            erased.add(comment)
        told |= {
            (answer.content["batch"], changed)
            for answer in answers[2:]
            if answer.status == 200
            for changed in answer.content["changed"]
        }
    log = query(service, "SELECT batch, comment_id, details FROM audit WHERE actor = 'mia' ORDER BY id")
    assert {(entry["batch"], entry["comment_id"]) for entry in log} == told
    assert len(log) == len(told)
    last = {entry["comment_id"]: json.loads(entry["details"])["after"]["state"] for entry in log}
    rows = query(service, "SELECT id, state FROM comments")
    assert len(rows) == rounds
    for row in rows:
        legal = {last.get(row["id"], "published")} | ({"deleted", "erased"} if row["id"] in erased else set())
        assert row["state"] in legal, (dict(row), last)
    (counted,) = query(service, "SELECT count FROM pages")
    assert counted["count"] == sum(row["state"] == "published" for row in rows)
    shown = service.ask("GET", f"/api/v1/thread?page={page}").content
    assert shown["page"]["count"] == counted["count"]
