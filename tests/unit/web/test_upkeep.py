"""What is done by the clock: when it is due, again after a failure, and never twice at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service import comments, database
from service.errors import Unavailable
from service.settings import Backups, Settings
from service.transfer import backup
from service.web.upkeep import Upkeep
from tests.conftest import NOW, Reader, stored

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def planned(settings: Settings, app: Flask) -> Settings:
    """Settings that ask for a backup a day, of which two are kept."""
    return replace(settings, backups=Backups(DAY, 2))


def names(settings: Settings) -> list[str]:
    """Return the names of the backups that are there."""
    return [path.name for _, path in backup.taken(settings)]


def test_a_backup_is_taken_when_one_is_due_and_the_oldest_goes(planned: Settings) -> None:
    upkeep = Upkeep(planned)
    for hours in (0, 1, 23, 24, 25, 47, 49):
        upkeep.look(NOW + hours * HOUR)
    taken = [name.partition(".")[0] for name in names(planned)]  # what follows tells of which database it is
    assert taken == ["afterword-20260515T182000Z", "afterword-20260516T192000Z"]
    assert backup.last(planned) == NOW + 49 * HOUR


def test_one_that_failed_is_tried_again_in_an_hour(
    planned: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def fail(*_: object) -> None:
        tried.append(1)
        raise Unavailable("The disk is full.")

    upkeep = Upkeep(planned)
    monkeypatch.setattr(backup, "take_due", fail)
    for minutes in (0, 1, 59, 60, 61):
        upkeep.look(NOW + timedelta(minutes=minutes))
    assert len(tried) == 2
    assert caplog.text.count("the backup failed: The disk is full.") == 2


def test_a_mistake_in_one_thing_does_not_end_the_others(planned: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(comments, "erase_due", fail)
    monkeypatch.setattr(comments, "tidy", fail)
    Upkeep(planned).look(NOW)
    assert len(names(planned)) == 1


def test_what_readers_deleted_goes_without_anybody_writing(
    planned: Settings, reader: Reader, clock: TimeMachineFixture
) -> None:
    comment = reader.posts("Canary.").json["comment"]["id"]
    reader.client.delete(f"/api/v1/comments/{comment}", headers=reader.headers())
    upkeep = Upkeep(planned)
    upkeep.look(NOW + timedelta(minutes=9))
    assert stored("comments")[0]["body"] == "Canary."
    upkeep.look(NOW + timedelta(minutes=11))
    assert stored("comments")[0]["body"] == ""


@pytest.mark.parametrize(
    ("every", "age", "late"),
    [(HOUR, 2, False), (HOUR, 3, True), (DAY, 25, False), (DAY, 26, True), (7 * DAY, 169, False), (7 * DAY, 170, True)],
)
def test_a_backup_that_is_late_is_told(planned: Settings, every: timedelta, age: int, late: bool) -> None:
    Upkeep(planned).look(NOW)
    said = backup.overdue(replace(planned, backups=Backups(every, 2)), NOW + age * HOUR)
    assert (said == "The last good backup is of 2026-05-14 18:20 UTC.") == late


def test_only_one_of_several_does_it(planned: Settings, make_app: Callable[..., Flask], tmp_path: Path) -> None:
    first, second = Upkeep(planned), Upkeep(planned)
    assert first.takes_it_on()
    assert first.takes_it_on()
    assert not second.takes_it_on()
    first.give_up()
    assert second.takes_it_on()
    second.give_up()


def test_a_clock_that_was_ahead_holds_nothing_up(planned: Settings, reader: Reader, clock: TimeMachineFixture) -> None:
    upkeep = Upkeep(planned)
    upkeep.look(NOW + timedelta(days=365))
    comment = reader.posts("Canary.").json["comment"]["id"]
    reader.client.delete(f"/api/v1/comments/{comment}", headers=reader.headers())
    upkeep.look(NOW + timedelta(minutes=11))
    assert stored("comments")[0]["body"] == ""


def test_no_connection_stays_open_between_two_looks(planned: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    upkeep, seen = Upkeep(planned), []

    def wait(_: float) -> None:
        seen.append(database.looking().pool.checkedin())  # type: ignore[attr-defined]
        upkeep.stop()

    monkeypatch.setattr(upkeep._over, "wait", wait)
    upkeep.run()
    assert seen == [0]
