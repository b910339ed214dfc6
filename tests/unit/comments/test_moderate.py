"""Decisions: what they set, what they leave in the audit log, and their undoing."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from service import comments, database, pages
from service.comments import Skipped
from service.errors import Conflict, Invalid, NotFound
from service.people import audit
from service.people.audit import COMMAND_LINE
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, Reader, fill, stored
from tests.unit.comments.conftest import ANN, BEN, decides, log, reports, row

STATES = ("published", "spam", "deleted", "pending")


@pytest.mark.parametrize("state", STATES)
def test_a_decision_sets_the_state_and_marks_the_comment_as_looked_at(held: int, state: str) -> None:
    made = decides([held], state)
    assert made.changed == [held]
    now = row(held)
    assert (now["state"], now["rule"], now["checked"], now["reports"]) == (state, None, 1, 0)


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("published", "comment.approve"),
        ("spam", "comment.spam"),
        ("deleted", "comment.delete"),
        ("pending", "comment.hold"),
    ],
)
def test_each_decision_is_recorded_with_how_the_comment_stood_and_stands(held: int, state: str, verb: str) -> None:
    made = decides([held], state, reason="Because.")
    (entry,) = log()
    assert (entry["actor"], entry["via"], entry["verb"], entry["reason"]) == ("ann", "api", verb, "Because.")
    assert (entry["comment_id"], entry["site_id"], entry["batch"]) == (held, 1, made.batch)
    assert entry["details"]["before"] == {"state": "pending", "rule": "many-links"}
    assert entry["details"]["after"] == {"state": state, "rule": None, "checked": True}


def test_the_same_decision_again_changes_and_records_nothing(held: int) -> None:
    decides([held], "spam")
    assert decides([held], "spam", BEN).changed == []
    assert len(log()) == 1


def test_approving_what_shows_anyhow_is_a_decision_too(app: Flask) -> None:
    (comment,) = fill(1)
    assert decides([comment], "published").changed == [comment]
    assert row(comment)["checked"] == 1


def test_approving_ends_the_shadow(app: Flask) -> None:
    (comment,) = fill(1)
    with database.write() as connection:
        connection.execute(text("UPDATE comments SET shadow = TRUE"))
    decides([comment], "spam")
    assert row(comment)["shadow"] == 1
    decides([comment], "published")
    assert row(comment)["shadow"] == 0


@pytest.mark.slow
def test_five_hundred_are_decided_at_once_and_not_one_more(app: Flask) -> None:
    ids = fill(comments.MOST + 1)
    with pytest.raises(Invalid):
        decides(ids, "spam")
    assert decides(ids[:-1], "spam").changed == ids[:-1]
    assert {entry["batch"] for entry in log()} == {log()[0]["batch"]}


def test_comments_of_other_sites_are_like_those_that_do_not_exist(app: Flask) -> None:
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    mine, theirs = fill(1) + fill(1, page=f"{OTHER_ORIGIN}/x")
    with pytest.raises(NotFound, match="2"):
        decides([mine, theirs], "spam", allowed=frozenset([1]))
    assert {each["state"] for each in stored("comments")} == {"published"}
    batch = decides([theirs], "spam").batch
    with pytest.raises(NotFound):
        comments.undo(batch, ANN, NOW, frozenset([1]))
    for reads in (comments.get_comment, comments.history, comments.reports):
        with pytest.raises(NotFound):
            reads(theirs, frozenset([1]))
    with pytest.raises(NotFound):
        comments.wipe(theirs, ANN, NOW, allowed=frozenset([1]))
    with pytest.raises(NotFound):
        comments.revise(theirs, comments.Revision("x"), ANN, NOW, allowed=frozenset([1]))


def test_where_the_entry_cannot_be_written_nothing_is_changed(
    held: int, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no entry")

    monkeypatch.setattr(audit, "record", fails)
    for act in (
        lambda: decides([held], "published"),
        lambda: comments.revise(held, comments.Revision("Other."), ANN, NOW),
        lambda: comments.wipe(held, ANN, NOW),
    ):
        with pytest.raises(RuntimeError):
            act()
        assert (row(held)["state"], row(held)["checked"], row(held)["edited"]) == ("pending", 0, None)
        assert stored("comment_edits") == []


class TestUndo:
    """Undoing."""

    def test_it_gives_back_how_everything_stood(self, held: int, client: FlaskClient) -> None:
        (shown,) = fill(1)
        assert reports(client, shown, "B", "C") == [204, 204]
        before = [row(held), row(shown)]
        made = decides([held, shown], "deleted")
        undone = comments.undo(made.batch, BEN, NOW)
        assert (undone.changed, undone.skipped) == ([held, shown], [])
        assert [row(held), row(shown)] == before
        assert {each["upheld"] for each in stored("reports")} == {None}
        assert [(entry["actor"], entry["batch"]) for entry in log("comment.undo")] == [("ben", undone.batch)] * 2

    def test_it_can_be_undone_itself(self, held: int) -> None:
        made = decides([held], "spam")
        after = row(held)
        undone = comments.undo(made.batch, ANN, NOW)
        assert comments.undo(undone.batch, ANN, NOW).changed == [held]
        assert row(held) == after

    def test_twice_is_once(self, held: int) -> None:
        made = decides([held], "spam")
        comments.undo(made.batch, ANN, NOW)
        again = comments.undo(made.batch, ANN, NOW)
        assert (again.changed, again.skipped) == ([], [Skipped(held, "decided")])

    def test_what_was_decided_since_stays(self, app: Flask) -> None:
        first, second = fill(2)
        made = decides([first, second], "spam")
        decides([first], "published", BEN)
        undone = comments.undo(made.batch, ANN, NOW)
        assert (undone.changed, undone.skipped) == ([second], [Skipped(first, "decided")])

    def test_the_same_decision_of_somebody_else_since_stays(self, held: int) -> None:
        made = decides([held], "spam")
        decides([held], "published", BEN)
        decides([held], "spam", BEN)
        assert comments.undo(made.batch, ANN, NOW).skipped == [Skipped(held, "decided")]
        assert row(held)["state"] == "spam"

    def test_a_text_that_is_gone_is_not_published(self, app: Flask) -> None:
        (comment,) = fill(1)
        made = decides([comment], "spam")
        comments.wipe(comment, ANN, NOW)
        assert comments.undo(made.batch, ANN, NOW).skipped == [Skipped(comment, "decided")]
        with pytest.raises(Conflict):
            decides([comment], "published")

    def test_a_comment_that_is_gone_is_skipped(self, app: Flask) -> None:
        pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
        mine, theirs = fill(1) + fill(1, page=f"{OTHER_ORIGIN}/x")
        made = decides([mine, theirs], "spam")
        pages.remove("other", NOW, COMMAND_LINE)
        undone = comments.undo(made.batch, ANN, NOW)
        assert (undone.changed, undone.skipped) == ([mine], [Skipped(theirs, "gone")])

    def test_what_its_author_deleted_stays_to_be_erased(self, app: Flask, reader: Reader) -> None:
        comment = reader.posts().json["comment"]["id"]
        reader.client.delete(f"/api/v1/comments/{comment}", headers=reader.headers())
        before = row(comment)
        assert before["erase_at"]
        with pytest.raises(Conflict):
            decides([comment], "published")
        made = decides([comment], "spam")
        assert row(comment)["erase_at"] == before["erase_at"]
        comments.undo(made.batch, ANN, NOW)
        assert row(comment) == before

    def test_a_batch_that_is_none_is_not_found(self, app: Flask) -> None:
        with pytest.raises(NotFound):
            comments.undo("nothing", ANN, NOW)

    def test_reports_that_came_since_are_kept(self, app: Flask, client: FlaskClient) -> None:
        (comment,) = fill(1)
        reports(client, comment, "B")
        made = decides([comment], "published")
        assert row(comment)["reports"] == 0
        reports(client, comment, "C")
        comments.undo(made.batch, ANN, NOW)
        assert row(comment)["reports"] == 2


_ids = itertools.count()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=some.lists(some.tuples(some.sampled_from(STATES), some.booleans()), min_size=1, max_size=6))
def test_undoing_all_in_reverse_leads_back_to_the_beginning(app: Flask, steps: list[tuple[str, bool]]) -> None:
    page = f"{ORIGIN}/{next(_ids)}"
    first, second = fill(2, page=page)
    before = [row(first), row(second)]
    made = [decides([first, second] if both else [first], state) for state, both in steps]
    for each in reversed([each for each in made if each.changed]):
        assert comments.undo(each.batch, BEN, NOW).skipped == []
    after = [row(first), row(second)]
    assert after == before
    (there,) = (each for each in stored("pages") if each["url"] == page)
    assert there["count"] == 2


@pytest.fixture
def switching() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    import sys

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("switching")
def test_of_two_operators_at_once_each_entry_begins_where_the_other_ended(app: Flask) -> None:
    ids = fill(8)
    start = threading.Barrier(2)

    def decide(state: str) -> None:
        with app.app_context():
            start.wait()
            for comment in ids:
                comments.moderate([comment], state, ANN, NOW + timedelta(seconds=1))

    racers = [threading.Thread(target=decide, args=(state,)) for state in ("spam", "deleted")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    for comment in ids:
        first, second = (entry["details"] for entry in log() if entry["comment_id"] == comment)
        assert first["before"]["state"] == "published"
        assert second["before"] == first["after"]
        assert second["after"]["state"] == row(comment)["state"]
    assert stored("pages")[0]["count"] == 0
