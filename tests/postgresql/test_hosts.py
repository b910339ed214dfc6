"""Two hosts, each `afterword serve` with a data folder of its own, on one database: they behave as one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.faults.harness import ORIGIN, Answer, Service

KEY = "k" * 40


@pytest.fixture
def start(tmp_path: Path, url: str) -> Iterator[Callable[..., list[Service]]]:
    """Return a function that starts two hosts and registers the site at one of them."""
    made: list[Service] = []

    def started(**settings: str) -> list[Service]:
        shared = {"DATABASE_URL": url, "SECRET_KEY": KEY} | settings
        made.extend(Service(tmp_path / name, workers=1, threads=4, **shared) for name in ("one", "two"))
        for each in made:
            each.folder.mkdir()
        made[0].register()
        for each in made:
            each.start()
        return made

    yield started
    for each in made:
        each.kill()


def posts(host: Service, page: str, body: str, key: str | None = None) -> Answer:
    """Post a comment at a host."""
    sent = {"page": page, "body": body, "author": {"name": "Ann"}}
    headers = {"Origin": ORIGIN, "Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    return host.ask("POST", "/api/v1/comments", json.dumps(sent).encode(), headers)


def bodies(host: Service, page: str) -> list[str]:
    """Return what a host shows."""
    shown = host.ask("GET", f"/api/v1/thread?page={quote(page, safe='')}")
    return [each["html"] for each in shown.content["comments"]]


@pytest.mark.slow
def test_they_never_show_what_the_other_has_changed(start: Callable[..., list[Service]]) -> None:
    one, two = start()
    page = f"{ORIGIN}/seen"
    for number in range(6):
        here, there = (one, two) if number % 2 else (two, one)
        assert posts(here, page, f"Number {number}.").status == 201
        assert len(bodies(there, page)) == number + 1 == len(bodies(here, page))


@pytest.mark.slow
def test_what_one_closes_the_other_refuses_at_once(start: Callable[..., list[Service]]) -> None:
    one, two = start()
    page = f"{ORIGIN}/closed"
    assert posts(two, page, "In time.").status == 201
    done = one.run("page", "close", page)
    assert done.returncode == 0, done.stderr
    assert posts(two, page, "Too late.").status == 403
    assert two.ask("GET", f"/api/v1/thread?page={quote(page, safe='')}").content["page"]["closed"] is True


@pytest.mark.slow
def test_one_limit_and_one_key_are_for_both(start: Callable[..., list[Service]]) -> None:
    hosts = start(LIMIT_POSTS="5/hour")
    same = f"{ORIGIN}/retried"
    with ThreadPoolExecutor(8) as pool:
        retried = list(pool.map(lambda n: posts(hosts[n % 2], same, "The same.", "r" * 20), range(10)))
    told = Counter(answer.status for answer in retried)
    assert told.keys() <= {201, 503}
    assert len({answer.content["comment"]["id"] for answer in retried if answer.status == 201}) == 1
    assert len(bodies(hosts[0], same)) == 1
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: posts(hosts[n % 2], f"{ORIGIN}/{n}", f"Number {n}."), range(20)))
    assert Counter(answer.status for answer in answers) == {201: 4, 429: 16}
