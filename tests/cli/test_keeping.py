"""What is kept for a time only goes when that is over, whether anybody writes or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service import comments, database
from service.comments import keeping_store
from service.settings import Settings
from tests.api.desk import Desk, add
from tests.cli.test_import import bring, comment, export, item
from tests.conftest import NOW, OTHER_ORIGIN, Operator, Reader, statements, stored

DAY = 86_400
AUTHOR = {"name": "Ann", "email": "ann@example.org"}


@pytest.fixture
def after(
    settings: Settings, clock: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., comments.Tidied]:
    """Return a function that lets days pass, and then clears away under changed settings."""

    def pass_by(days: float, **changes: Any) -> comments.Tidied:
        clock.shift(days * DAY)
        from service.web import state

        return comments.tidy(state.now(), replace(settings, **changes))

    return pass_by


After = Callable[..., comments.Tidied]


def only() -> dict[str, Any]:
    """Return the one comment that is stored."""
    (row,) = stored("comments")
    return row


def test_addresses_go_after_their_days(reader: Reader, after: After) -> None:
    reader.posts()
    assert only()["address"] == "127.0.0.0/24"
    assert after(30).addresses == 0
    assert only()["address"] is not None
    assert after(0.1).addresses == 1
    assert only()["address"] is None


def test_an_email_stays_with_its_comment_unless_days_are_set(reader: Reader, after: After) -> None:
    reader.posts(author=AUTHOR)
    assert after(4_000).emails == 0
    assert only()["email"] == AUTHOR["email"]
    assert after(0, email_days=4_001).emails == 0
    assert after(0, email_days=3_999).emails == 1
    assert (only()["email"], only()["name"]) == ("", "Ann")


def test_an_email_that_is_never_kept_is_not_stored(make_app: Callable[..., Flask], app: Flask) -> None:
    assert Reader(make_app(email_days=0).test_client()).posts(author=AUTHOR).status_code == 201
    assert only()["email"] == ""


@pytest.mark.parametrize("verb", ["spam", "delete"])
def test_text_that_was_removed_goes_after_its_days(
    reader: Reader, operator: Operator, after: After, clock: TimeMachineFixture, verb: str
) -> None:
    comment = reader.posts("Canary.", author=AUTHOR).json["comment"]["id"]
    clock.shift(100 * DAY)
    operator.runs("comment", verb, comment)  # the days count from here
    assert after(89.9).removed == 0
    assert only()["body"] == "Canary."
    assert after(0.2, removed_days=None).removed == 0
    assert after(0).removed == 1
    row = only()
    assert (row["state"], row["body"], row["html"], row["name"], row["email"]) == ("deleted", "", "", "", "")
    assert after(0).removed == 0


def test_spam_that_was_imported_goes_as_long_after_the_import(
    reader: Reader, operator: Operator, after: After, tmp_path: Path
) -> None:
    operator.runs("site", "add", "other", OTHER_ORIGIN)
    elsewhere = item(comment(8, approved="spam"), link=f"{OTHER_ORIGIN}/x", number=2)
    bring(operator, export(tmp_path, elsewhere), site="other")
    after(80)
    own = reader.posts("A reader's.").json["comment"]["id"]
    operator.runs("comment", "spam", own)
    bring(operator, export(tmp_path, item(comment(7, approved="spam"))))  # which is of 2011
    assert after(11).removed == 1  # that of the other site
    assert {row["body"] for row in stored("comments")} == {"", "A reader's.", "Comment 7."}
    assert after(78.9).removed == 0
    assert after(0.2).removed == 2
    assert {row["body"] for row in stored("comments")} == {""}


def test_the_imports_are_found_by_an_index(app: Flask) -> None:
    with statements() as sent, database.read() as connection:
        keeping_store.removed(connection, NOW, 200)
    if connection.dialect.name == "sqlite":
        with database.read() as connection:
            (asked,) = (each for each in sent if "site.import" in each)
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
        assert any("SEARCH audit USING INDEX ix_audit_at (at>" in line for line in plan), plan
        assert not any("SCAN" in line for line in plan), plan
        assert not any("CORRELATED" in line and "LIST" in line for line in plan), plan


def test_what_the_filter_has_learnt_of_it_stays(reader: Reader, operator: Operator, after: After) -> None:
    comment = reader.posts("Cheap watches.").json["comment"]["id"]
    operator.runs("comment", "spam", comment)
    before = stored("spam_words")
    assert before
    assert after(91).removed == 1
    assert stored("spam_words") == before
    assert stored("spam_lessons") == []


def test_what_is_published_or_waits_is_kept(reader: Reader, operator: Operator, after: After) -> None:
    first, second = (reader.posts(f"Number {number}.").json["comment"]["id"] for number in range(2))
    operator.runs("comment", "hold", first)
    operator.runs("comment", "spam", second)
    operator.runs("comment", "approve", second)
    assert after(500).removed == 0
    assert [row["body"] for row in stored("comments")] == ["Number 0.", "Number 1."]


def test_a_place_that_is_kept_for_replies_loses_its_name(reader: Reader, operator: Operator, after: After) -> None:
    comment = reader.posts("Canary.", author=AUTHOR).json["comment"]["id"]
    reader.posts("A reply.", parent=comment)
    operator.deletes(comment)
    version = reader.sees()["page"]["version"]
    assert after(91).removed == 1
    seen = reader.sees()
    assert seen["page"]["version"] > version  # what was cached is not shown any more
    assert "Ann" not in json.dumps(seen["comments"][0])


def test_sessions_go_when_they_are_over(app: Flask, clock: TimeMachineFixture, after: After) -> None:
    add()
    assert Desk(app.test_client()).signs_in().status_code == 303
    assert after(0.01).sessions == 0
    assert after(1).sessions == 1
    assert stored("sessions") == []
