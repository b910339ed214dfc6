"""Operators change what comments say, and erase it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import comments
from service.comments import Revision
from service.errors import Conflict, Invalid, NotFound
from tests.conftest import NOW, Operator, Reader, fill, stored
from tests.unit.comments.conftest import ANN, BEN, decides, log, reports, row


def test_the_new_text_is_rendered_and_the_old_one_kept(app: Flask, reader: Reader) -> None:
    comment = reader.posts("My address is *here*.").json["comment"]["id"]
    version = reader.sees()["page"]["version"]
    assert comments.revise(comment, Revision("(removed) <script>"), ANN, NOW)
    comments.revise(comment, Revision(name="A.", website="https://example.org"), BEN, NOW)
    (shown,) = reader.sees()["comments"]
    assert shown["html"] == "<p>(removed) &lt;script&gt;</p>"
    assert shown["author"] == {"name": "A.", "website": "https://example.org", "operator": False}
    assert shown["edited"]
    assert reader.sees()["page"]["version"] == version + 2
    assert [(each.actor, each.body, each.name, each.website) for each in comments.history(comment)] == [
        ("ann", "My address is *here*.", "Ann", ""),
        ("ben", "(removed) <script>", "Ann", ""),
    ]


def test_it_is_recorded_without_a_word_of_the_text(app: Flask) -> None:
    (comment,) = fill(1, body="Something secret.")
    comments.revise(comment, Revision("Something else."), ANN, NOW, "Asked for.")
    (entry,) = log()
    assert (entry["verb"], entry["actor"], entry["reason"]) == ("comment.edit", "ann", "Asked for.")
    assert entry["details"] == {"changed": ["body"]}
    assert "omething" not in str(log())


def test_the_same_again_is_no_change(app: Flask) -> None:
    (comment,) = fill(1)
    assert comments.revise(comment, Revision("Hello.", "Ann"), ANN, NOW) is False
    assert (stored("comment_edits"), log(), row(comment)["edited"]) == ([], [], None)


def test_a_closed_page_and_any_state_can_be_edited(app: Flask, operator: Operator) -> None:
    ids = fill(4)
    operator.closes()
    for comment, state in zip(ids, ("published", "pending", "spam", "deleted"), strict=True):
        decides([comment], state)
        assert comments.revise(comment, Revision("Other."), ANN, NOW)
        assert (row(comment)["state"], row(comment)["body"]) == (state, "Other.")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": "x" * 10_001}, "body"),
        ({"name": "x" * 65}, "name"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"email": "ann@example.org"}, "email"),
        ({"state": "published"}, "state"),
        ({}, "_schema"),
    ],
)
def test_what_no_reader_may_write_no_operator_may(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        comments.load_revision(values)
    assert set(refused.value.fields) == {field}


class TestErase:
    """Erasing for good."""

    def test_nothing_that_was_said_is_left(self, app: Flask, reader: Reader, client: FlaskClient) -> None:
        author = {"name": "Secretive", "email": "secretive@example.org", "website": "https://secretive.example"}
        comment = reader.posts("A secretive word.", author=author).json["comment"]["id"]
        comments.revise(comment, Revision("Another secretive word."), ANN, NOW)
        reports(client, comment, "B")
        comments.wipe(comment, BEN, NOW, "Asked for.")
        for table in ("comments", "comment_edits", "audit"):
            assert "ecretive" not in str(stored(table))
        left = row(comment)
        assert (left["state"], left["reader_id"], left["reports"], left["checked"]) == ("deleted", None, 0, 1)
        assert [entry["verb"] for entry in log()] == ["comment.edit", "comment.erase"]
        assert reader.sees()["comments"] == []

    def test_with_replies_it_keeps_its_place(self, app: Flask, reader: Reader) -> None:
        first = reader.posts("First.").json["comment"]["id"]
        reader.posts("Second.", parent=first)
        comments.wipe(first, ANN, NOW)
        kept, reply = reader.sees()["comments"]
        assert (kept["html"], kept["author"], reply["html"]) == ("", None, "<p>Second.</p>")

    def test_there_is_nothing_left_to_edit(self, app: Flask) -> None:
        (comment,) = fill(1)
        comments.wipe(comment, ANN, NOW)
        with pytest.raises(Conflict):
            comments.revise(comment, Revision("Other."), ANN, NOW)

    def test_what_is_not_there_is_not_found(self, app: Flask) -> None:
        with pytest.raises(NotFound):
            comments.wipe(7, ANN, NOW)


def test_forgetting_a_reader_takes_former_versions_along(app: Flask, reader: Reader) -> None:
    comment = reader.posts("A secret.").json["comment"]["id"]
    comments.revise(comment, Revision("Another."), ANN, NOW)
    reader.client.delete(
        "/api/v1/reader", query_string={"page": "https://blog.example.org/clock"}, headers=reader.headers()
    )
    assert stored("comment_edits") == []
