"""What a real service tells of itself: counts of all its workers, a line for each request, and that it is going."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.people.address import truncated
from tests.faults.clients import Ledger, at_once
from tests.faults.harness import ORIGIN, Service, await_

PAGE = f"{ORIGIN}/seen"
POSTED = ("afterword_requests_total", "/api/v1/comments", "2xx")


def _count(service: Service, name: str, route: str, status: str) -> float:
    answer = service.ask("GET", "/metrics")
    assert answer.status == 200, answer
    return sum(
        sample.value
        for family in text_string_to_metric_families(answer.content)
        for sample in family.samples
        if (sample.name, sample.labels.get("route"), sample.labels.get("status")) == (name, route, status)
    )


def _lines(service: Service) -> list[dict[str, Any]]:
    # what the command prints before the server is there is for people
    return [json.loads(line) for line in service.log().splitlines() if line.startswith("{")]


def _folder(service: Service) -> Path:
    # the one whose lock it holds: others may be served on this machine meanwhile
    held = (os.path.realpath(each) for each in Path(f"/proc/{service.pid}/fd").iterdir())
    return next(Path(each).parent for each in held if each.endswith("/serving.lock"))


@pytest.mark.slow
def test_the_counts_of_all_workers_are_one_and_outlive_them(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=3)
    service.start()
    ledger = Ledger(service)
    at_once(12, lambda number: ledger.post(f"{PAGE}/{number}"))
    assert ledger.counts() == {201: 12}
    assert _count(service, *POSTED) == 12

    folder = _folder(service)
    ended = set(service.worker_ids())
    for pid in ended:
        os.kill(pid, signal.SIGKILL)
    await_("other workers", lambda: len(set(service.worker_ids()) - ended) == 3)
    service.await_ready()
    assert _count(service, *POSTED) == 12
    ledger.post(PAGE)
    assert _count(service, *POSTED) == 13
    left = {path.name.rpartition("_")[2].removesuffix(".db") for path in folder.glob("*.db")}
    assert left - set(map(str, [service.pid, *service.worker_ids()])) == {"ended"}

    os.kill(service.pid, signal.SIGHUP)
    await_("a third lot of workers", lambda: not set(service.worker_ids()) & ended and len(service.worker_ids()) == 3)
    service.await_ready()
    assert _count(service, *POSTED) == 13

    service.tell_to_stop()
    assert service.await_end() == 0
    assert not folder.exists()


@pytest.mark.slow
def test_counts_of_a_service_that_was_killed_are_cleared_away_by_the_next(make_service: Callable[..., Service]) -> None:
    living, service = make_service("living", workers=1), make_service("own", workers=1)
    living.start()
    service.start()
    first = _folder(service)
    service.kill()
    assert first.exists()
    service.start()
    assert not first.exists()
    assert _count(living, "afterword_requests_total", "/readyz", "2xx") >= 1


@pytest.mark.slow
def test_every_line_is_json_and_tells_nothing_of_whom_it_serves(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=1, TRUSTED_PROXIES="127.0.0.1")
    service.start()
    given = {"X-Forwarded-For": "203.0.113.77", "X-Request-Id": "asked-by-the-proxy-1"}
    assert service.ask("GET", f"/api/v1/thread?page={PAGE}/canary", headers=given).status == 200
    assert Ledger(service).post(f"{PAGE}/canary", text="The canary sings.").status == 201
    assert service.ask("GET", "/api/v1/thread?page=https://canary.example/x").status == 404
    assert service.ask("CANARY", "/canary").status in (404, 405)
    service.ask("GET", "/thread?page=canary", headers={"Bad\x01Name": "canary"})
    service.tell_to_stop()
    assert service.await_end() == 0

    lines = _lines(service)
    (asked,) = [line for line in lines if line.get("request_id") == given["X-Request-Id"]]
    assert (asked["route"], asked["status"], asked["address"]) == ("/api/v1/thread", 200, truncated("203.0.113.77"))
    assert {line["logger"] for line in lines} >= {"server", "request"}
    assert all({"time", "level", "logger"} <= line.keys() for line in lines)
    told = "\n".join(line for line in service.log().splitlines() if line.startswith("{")).lower()
    assert "canary" not in told
    assert "203.0.113.77" not in told
    rest = [line for line in service.log().splitlines() if not line.startswith(("{", "There is no owner", "http://"))]
    assert rest == []


@pytest.mark.slow
def test_a_service_that_goes_says_so_at_once_and_answers_as_before(make_service: Callable[..., Service]) -> None:
    service = make_service(DRAIN_SECONDS="600")
    service.start()
    os.kill(service.pid, signal.SIGHUP)  # what a reload brings knows it too
    first = set(service.worker_ids())
    await_("other workers", lambda: len(service.worker_ids()) == 2 and not set(service.worker_ids()) & first)
    service.await_ready()
    service.tell_to_stop()
    for _ in range(4):  # whichever worker is asked, even one that found all well a moment ago
        answer = await_("the news", lambda: _unready(service))
        assert answer["faults"] == ["The service is stopping."]
    ledger = Ledger(service)
    assert [ledger.post(PAGE).status for _ in range(4)] == [201] * 4
    assert service.read(PAGE).content["page"]["count"] == 4
    assert service.is_running()
    service.tell_to_stop()  # once more: at once
    assert service.await_end() == 0


def _unready(service: Service) -> dict[str, Any] | None:
    answer = service.ask("GET", "/readyz")
    with contextlib.suppress(TypeError):
        return dict(answer.content) if answer.status == 503 else None
    return None


@pytest.mark.slow
def test_the_clock_ends_the_time_in_which_a_service_goes(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=1, DRAIN_SECONDS="1")
    service.start()
    service.tell_to_stop()
    await_("the news", lambda: _unready(service))
    assert service.await_end() == 0
