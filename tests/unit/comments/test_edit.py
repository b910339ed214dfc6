"""An author changes what an operator has decided on."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Reader, stored
from tests.unit.comments.conftest import SIX_LINKS, decides, reports, row


def edits(reader: Reader, comment: int, body: str) -> Any:
    """Send another text for a comment, and return the answer."""
    path, headers = f"/api/v1/comments/{comment}", reader.headers()
    return reader.client.patch(path, json={"body": body}, headers=headers)


def test_the_same_text_once_more_undoes_no_approval(held: int, reader: Reader) -> None:
    decides([held], "published")
    before, lessons = row(held), stored("spam_lessons")
    answer = edits(reader, held, SIX_LINKS)
    assert (answer.status_code, answer.json["comment"]["state"]) == (200, "published")
    assert (row(held), stored("spam_lessons"), stored("comment_edits")) == (before, lessons, [])


def test_another_text_lets_reports_count_again(app: Flask, reader: Reader, client: FlaskClient) -> None:
    comment = reader.posts().json["comment"]["id"]
    decides([comment], "published")
    assert edits(reader, comment, "Something vile.").json["comment"]["state"] == "published"
    assert row(comment)["checked"] == 0
    reports(client, comment, "B", "C", "D")
    assert (row(comment)["state"], row(comment)["rule"]) == ("pending", "reported")


def test_what_an_operator_held_stays_looked_at(app: Flask, reader: Reader) -> None:
    comment = reader.posts().json["comment"]["id"]
    decides([comment], "pending")
    edits(reader, comment, "Something fine.")
    assert (row(comment)["state"], row(comment)["checked"]) == ("pending", 1)
