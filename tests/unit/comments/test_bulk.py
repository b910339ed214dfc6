"""Many decisions at once: in steps that let others write, and without the one that cannot be done stopping the rest."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time

import pytest
from flask import Flask
from sqlalchemy import Connection

from service import comments, database
from service.comments import Skipped, steps
from service.errors import Conflict, Unavailable
from tests import cost
from tests.conftest import NOW, ORIGIN, Reader, fill, stored
from tests.unit.comments.conftest import ANN, decides, log, row


@pytest.fixture
def held_for(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each write transaction had the lock: this thread's work, as a multiple of known work (tests/cost.py)."""
    taken: list[float] = []
    start = thread_time()
    cost.unit()
    known = thread_time() - start
    write = database.write

    @contextmanager
    def measured(*, beside: bool = False) -> Iterator[Connection]:
        with write(beside=beside) as connection:
            start = thread_time()
            yield connection
            taken.append((thread_time() - start) / known)

    monkeypatch.setattr(database, "write", measured)
    return taken


def test_a_bulk_of_long_texts_never_has_the_lock_for_long(app: Flask, held_for: list[float]) -> None:
    chance = random.Random(1)
    ids = []
    for place in range(75):
        words = ("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9))) for _ in range(80))
        ids += fill(1, page=f"{ORIGIN}/{place % 3}", body=" ".join(words))
    del held_for[:]
    assert decides(ids, "spam").changed == ids
    assert len(held_for) == 3
    # psycopg takes longer for many rows; there nobody waits for it who only reads
    assert max(held_for) < (
        150 if database.is_embedded() else 300
    )  # a second or so; all at once they have it for several times as long


def test_a_bulk_in_steps_is_one_batch_and_undone_as_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "AT_ONCE", 2)
    ids = fill(5)
    before = [row(each) for each in ids]
    made = decides(ids, "spam")
    assert (made.changed, {entry["batch"] for entry in log()}) == (ids, {made.batch})
    assert comments.undo(made.batch, ANN, NOW).changed == ids
    assert [row(each) for each in ids] == before
    assert stored("spam_words") == []


def test_readers_write_while_a_bulk_goes_on(app: Flask, reader: Reader) -> None:
    ids = fill(200)
    ended: dict[str, float] = {}

    def bulk() -> None:
        with app.app_context():
            comments.moderate(ids, "spam", ANN, NOW)
        ended["bulk"] = perf_counter()

    worker = threading.Thread(target=bulk)
    worker.start()
    while not log():  # the first step is done
        assert worker.is_alive()
    assert reader.posts("May I?", page=f"{ORIGIN}/elsewhere").status_code == 201
    ended["reader"] = perf_counter()
    worker.join()
    assert ended["reader"] < ended["bulk"]


def test_what_was_done_before_the_database_failed_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "AT_ONCE", 2)
    ids = fill(5)

    def fails(*_: object) -> None:
        raise Unavailable("The disk is away.")

    monkeypatch.setattr(database, "give_way", lambda: monkeypatch.setattr(steps.gate, "write_several", fails))
    made = decides(ids, "spam")
    assert (made.changed, made.skipped) == (ids[:2], [Skipped(each, "busy") for each in ids[2:]])
    with pytest.raises(Unavailable):
        decides(ids[2:], "spam")


def test_of_several_those_that_cannot_be_published_are_left_out(app: Flask, reader: Reader) -> None:
    withdrawn = reader.posts("Never mind.").json["comment"]["id"]
    reader.client.delete(f"/api/v1/comments/{withdrawn}", headers=reader.headers())
    wiped, *others = fill(3)
    comments.wipe(wiped, ANN, NOW)
    made = decides([withdrawn, wiped, *others], "published")
    assert made.changed == others
    assert made.skipped == [Skipped(withdrawn, "withdrawn"), Skipped(wiped, "erased")]
    for only in (withdrawn, wiped):
        with pytest.raises(Conflict):
            decides([only], "published")
