"""`afterword tidy`, and what is erased: from the file too, not only from what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service.settings import Limit, Settings
from tests.conftest import PAGE, Operator, Reader, stored

#: in every field, and in a body that does not fit on one page of the file
CANARY = {"body": "Canary sings. " * 600, "author": {"name": "Canary", "email": "canary@example.org"}}
HOURS = 3_600
NOTHING = {"texts": 0, "answers": 0, "uses": 0, "addresses": 0, "emails": 0, "removed": 0, "sessions": 0}


@pytest.fixture
def on_disk(settings: Settings) -> Callable[[], int]:
    """Return a function that counts canaries in everything that lies in the data folder."""

    def look() -> int:
        return sum(path.read_bytes().lower().count(b"canary") for path in settings.data_dir.iterdir())

    return look


def deletes(reader: Reader) -> None:
    """Post a canary and delete it."""
    comment = reader.posts(**CANARY).json["comment"]["id"]
    assert reader.client.delete(f"/api/v1/comments/{comment}", headers=reader.headers()).status_code == 200


@pytest.mark.sqlite(reason="a server's files keep what was erased until it has cleaned up after itself")
def test_nothing_of_a_reader_who_is_forgotten_stays_on_the_disk(reader: Reader, on_disk: Callable[[], int]) -> None:
    other = replace(reader)
    reader.posts(**CANARY)
    other.posts("Stays.")
    reader.posts(**CANARY, page=f"{PAGE}/other")
    assert on_disk() > 1000
    assert reader.client.delete(f"/api/v1/reader?page={PAGE}", headers=reader.headers()).json == {"erased": 2}
    assert on_disk() == 0
    assert [row["body"] for row in stored("comments")] == ["", "Stays.", ""]


@pytest.mark.sqlite(reason="a server's files keep what was erased until it has cleaned up after itself")
def test_what_is_due_goes_and_is_counted(
    operator: Operator, reader: Reader, clock: TimeMachineFixture, on_disk: Callable[[], int]
) -> None:
    deletes(reader)
    assert operator.runs("tidy") == "Erased 0 deleted texts; cleared 0 kept answers, 0 spent uses.\n"
    assert on_disk() > 1000
    clock.shift(601)
    assert json.loads(operator.runs("tidy", "--json")) == NOTHING | {"texts": 1}
    assert on_disk() == 0
    assert operator.runs("tidy") == "Erased 0 deleted texts; cleared 0 kept answers, 0 spent uses.\n"


def test_answers_and_uses_go_when_nothing_asks_for_them_any_more(
    make_app: Callable[..., Flask], app: Flask, operator: Operator, clock: TimeMachineFixture
) -> None:
    limited = Reader(make_app(limit_posts=(Limit(9, HOURS),)).test_client())
    for place in range(3):
        limited.posts(f"Comment {place}.", headers={"Idempotency-Key": f"a-key-of-24-characters-{place}"})
    clock.shift(24 * HOURS + 1)
    assert json.loads(operator.runs("tidy", "--json")) == NOTHING | {"uses": 3}
    clock.shift(24 * HOURS)
    assert json.loads(operator.runs("tidy", "--json")) == NOTHING | {"answers": 3}
    assert stored("retries") == stored("spent") == []


def test_it_goes_on_until_nothing_is_left(
    operator: Operator, reader: Reader, clock: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.comments.tidying.BATCH", 2)
    for _ in range(5):
        deletes(reader)
    clock.shift(601)
    assert json.loads(operator.runs("tidy", "--json"))["texts"] == 5


@pytest.mark.sqlite(reason="a server's files keep what was erased until it has cleaned up after itself")
def test_a_start_erases_what_is_due(
    reader: Reader, clock: TimeMachineFixture, make_app: Callable[..., Flask], on_disk: Callable[[], int]
) -> None:
    deletes(reader)
    make_app()
    assert on_disk() > 1000
    clock.shift(601)
    make_app()
    assert on_disk() == 0
