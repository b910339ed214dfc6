"""A decision is about the version that was looked at, and undoing one publishes nothing that nobody has passed."""

from __future__ import annotations

import pytest
from flask import Flask

from service import comments
from service.comments import Skipped
from tests.conftest import NOW, Reader, fill, stored
from tests.unit.comments.conftest import ANN, BEN, SIX_LINKS, decides, row


def version(comment_id: int) -> str:
    """Return the version of a comment as the queue shows it."""
    return comments.get_entry(comment_id, None, NOW).version


def edits(reader: Reader, comment_id: int, body: str) -> None:
    """Change a comment as its author."""
    answer = reader.client.patch(f"/api/v1/comments/{comment_id}", json={"body": body}, headers=reader.headers())
    assert answer.status_code in (200, 202), answer.text


def test_a_text_that_was_edited_since_is_not_published_nor_learnt(held: int, reader: Reader) -> None:
    seen = version(held)
    edits(reader, held, f"{SIX_LINKS} And this.")
    made = decides([held], "published", seen={held: seen})
    assert (made.changed, made.skipped) == ([], [Skipped(held, "edited")])
    assert (row(held)["state"], row(held)["checked"], stored("spam_lessons")) == ("pending", 0, [])
    assert decides([held], "published", seen={held: version(held)}).changed == [held]


@pytest.mark.parametrize("of_ann", ["deleted", "published"])
def test_what_somebody_else_decided_meanwhile_is_not_overruled_unawares(app: Flask, of_ann: str) -> None:
    (comment,) = fill(1)
    seen = version(comment)
    decides([comment], of_ann, ANN)
    made = decides([comment], "spam", BEN, seen={comment: seen})
    assert (made.changed, made.skipped) == ([], [Skipped(comment, "decided")])
    assert decides([comment], of_ann, BEN, seen={comment: seen}).skipped == []  # they agree


def test_of_many_only_those_are_left_that_changed(held: int, reader: Reader) -> None:
    others = fill(2)
    seen = {each: version(each) for each in (held, *others)}
    edits(reader, held, "Another text.")
    made = decides([held, *others], "published", seen=seen)
    assert (made.changed, made.skipped) == (others, [Skipped(held, "edited")])


def test_undoing_does_not_publish_a_text_that_was_edited_since(app: Flask, reader: Reader) -> None:
    comment = reader.posts("A fine clock.").json["comment"]["id"]
    made = decides([comment], "spam")
    edits(reader, comment, SIX_LINKS)
    undone = comments.undo(made.batch, ANN, NOW)
    assert (undone.changed, undone.skipped) == ([], [Skipped(comment, "edited")])
    assert row(comment)["state"] == "spam"


def test_undoing_takes_an_edited_text_off_the_page_and_teaches_nothing(held: int, reader: Reader) -> None:
    decides([held], "spam")
    made = decides([held], "published")
    comments.revise(held, comments.Revision(body="Changed by an operator."), BEN, NOW)
    assert comments.undo(made.batch, ANN, NOW).changed == [held]
    assert (row(held)["state"], stored("spam_lessons")) == ("spam", [])


def test_an_edit_of_before_does_not_stand_in_the_way_of_undoing(app: Flask, reader: Reader) -> None:
    comment = reader.posts("A fine clock.").json["comment"]["id"]
    edits(reader, comment, "A very fine clock.")
    made = decides([comment], "spam")
    undone = comments.undo(made.batch, ANN, NOW)
    assert undone.changed == [comment]
    assert comments.undo(undone.batch, ANN, NOW).changed == [comment]
