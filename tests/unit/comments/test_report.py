"""Reports: counted by readers, held at the threshold, answered by decisions, limited against abuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service import comments, pages
from service.people.audit import POLICY
from tests.conftest import NOW, Operator, Reader, fill, stored
from tests.unit.comments.conftest import ANN, decides, log, reports, row


def state(comment_id: int) -> tuple[str, str | None, int]:
    """Return what reports do to a comment."""
    found = row(comment_id)
    return found["state"], found["rule"], found["reports"]


def test_three_readers_hold_a_comment_that_nobody_looked_at(app: Flask, client: FlaskClient) -> None:
    (comment,) = fill(1)
    assert reports(client, comment, "B", "C") == [204, 204]
    assert state(comment) == ("published", None, 2)
    reports(client, comment, "D")
    assert state(comment) == ("pending", "reported", 3)
    (entry,) = log()
    assert (entry["actor"], entry["via"], entry["verb"]) == (POLICY.name, POLICY.via, "comment.hold")
    assert reports(client, comment, "E") == [404]


def test_one_reader_counts_once(app: Flask, client: FlaskClient) -> None:
    (comment,) = fill(1)
    reports(client, comment, "B", "B", "B", "B")
    assert state(comment) == ("published", None, 1)


def test_what_policy_held_can_be_undone(app: Flask, client: FlaskClient) -> None:
    (comment,) = fill(1)
    reports(client, comment, "B", "C", "D")
    assert comments.undo(log()[0]["batch"], ANN, NOW).changed == [comment]
    assert state(comment) == ("published", None, 3)


def test_what_an_operator_has_looked_at_is_listed_but_not_held(app: Flask, client: FlaskClient) -> None:
    (comment,) = fill(1)
    decides([comment], "published")
    reports(client, comment, *"BCDEF")
    assert state(comment) == ("published", None, 5)
    assert [entry.id for entry in comments.look(comments.Asked("reported"), None, NOW).entries] == [comment]


@pytest.mark.parametrize(("decision", "upheld"), [("published", 0), ("spam", 1), ("deleted", 1), ("pending", 1)])
def test_a_decision_answers_the_reports(app: Flask, client: FlaskClient, decision: str, upheld: int) -> None:
    (comment,) = fill(1)
    reports(client, comment, "B", "C")
    decides([comment], decision)
    assert row(comment)["reports"] == 0
    assert [each["upheld"] for each in stored("reports")] == [upheld] * 2
    assert [each.upheld for each in comments.reports(comment)] == [bool(upheld)] * 2


def test_a_report_that_was_rejected_counts_again_only_once_the_comment_was_edited(
    app: Flask, client: FlaskClient, clock: TimeMachineFixture
) -> None:
    (comment,) = fill(1)
    reports(client, comment, "B")
    decides([comment], "published")
    assert reports(client, comment, "B", reason="Still rude.") == [204]
    assert row(comment)["reports"] == 0
    clock.shift(60)
    comments.revise(comment, comments.Revision("Ruder."), ANN, NOW + timedelta(seconds=60))
    clock.shift(60)
    reports(client, comment, "B")
    assert row(comment)["reports"] == 1


class TestAbuse:
    """Readers who report what is fine."""

    def test_one_address_counts_once_whatever_reader_keys_it_makes_up(
        self, app: Flask, client: FlaskClient, clock: TimeMachineFixture
    ) -> None:
        (comment,) = fill(1)
        assert reports(client, comment, "B", "C", "D", address="192.0.2.1") == [204] * 3
        assert reports(client, comment, "E", "F", address="2001:db8::1") == [204] * 2
        assert reports(client, comment, "G", address="2001:db8::2") == [204]
        assert state(comment) == ("published", None, 2)
        # what did not count is kept for operators, and counts once it is sent again from elsewhere
        assert len(comments.reports(comment)) == 6
        reports(client, comment, "B", "C", address="192.0.2.3")
        assert state(comment) == ("pending", "reported", 3)

    def test_undoing_a_decision_and_forgetting_a_reader_leave_the_count_true(
        self, app: Flask, client: FlaskClient
    ) -> None:
        (comment,) = fill(1)
        reports(client, comment, "B", "C", address="192.0.2.1")
        made = decides([comment], "published")
        assert [each["upheld"] for each in stored("reports")] == [0, 0]
        comments.undo(made.batch, ANN, NOW)
        assert state(comment) == ("published", None, 1)
        comments.forget(pages.get_site("blog"), "C" * 43, NOW)
        assert row(comment)["reports"] == 1
        comments.forget(pages.get_site("blog"), "B" * 43, NOW)
        assert row(comment)["reports"] == 0

    def test_after_five_rejected_reports_a_reader_holds_nothing(
        self, app: Flask, client: FlaskClient, clock: TimeMachineFixture
    ) -> None:
        *fine, first, second = fill(7)
        for comment in fine:
            reports(client, comment, "B")
        decides(fine, "published")
        reports(client, first, "B", "C", "D")
        assert state(first) == ("published", None, 3)
        reports(client, first, "E")
        assert state(first) == ("pending", "reported", 4)
        clock.shift(31 * 86_400)
        reports(client, second, "B", "C", "D")
        assert state(second) == ("pending", "reported", 3)

    def test_four_are_forgiven(self, app: Flask, client: FlaskClient) -> None:
        *fine, comment = fill(5)
        for each in fine:
            reports(client, each, "B")
        decides(fine, "published")
        reports(client, comment, "B", "C", "D")
        assert state(comment)[0] == "pending"

    def test_a_reader_has_twenty_reports_a_day(
        self, app: Flask, client: FlaskClient, clock: TimeMachineFixture
    ) -> None:
        statuses = [reports(client, comment, "B")[0] for comment in fill(21)]
        assert statuses == [204] * 20 + [429]
        # and so has an address, whatever reader keys it makes up
        assert reports(client, 1, "C", address="192.0.2.66") == [429]
        assert len(stored("reports")) == 20
        clock.shift(86_401)
        assert reports(client, 1, "C") == [204]


def test_a_closed_page_can_be_reported_on(app: Flask, client: FlaskClient, operator: Operator) -> None:
    (comment,) = fill(1)
    operator.closes()
    assert reports(client, comment, "B") == [204]
    assert row(comment)["reports"] == 1


def test_the_reports_of_a_reader_who_is_forgotten_no_longer_count(app: Flask, client: FlaskClient) -> None:
    first, second = fill(2)
    reports(client, first, "B", "C")
    reports(client, second, "B")
    decides([second], "spam")
    comments.forget(pages.get_site("blog"), "B" * 43, NOW)
    assert (row(first)["reports"], row(second)["reports"]) == (1, 0)
    assert len(stored("reports")) == 1


def test_an_edit_does_not_free_what_readers_have_reported(reader: Reader, client: FlaskClient) -> None:
    comment = reader.posts().json["comment"]["id"]
    reports(client, comment, "B", "C", "D")
    answer = client.patch(f"/api/v1/comments/{comment}", json={"body": "As if nothing were."}, headers=reader.headers())
    assert answer.json["comment"]["state"] == "pending"
    assert state(comment) == ("pending", "reported", 3)
