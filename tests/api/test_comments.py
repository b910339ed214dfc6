"""Posting: what is accepted, what is refused and how it is said."""

from __future__ import annotations

from tests.conftest import Reader


def test_a_comment_is_answered_as_it_is_then_read(reader: Reader) -> None:
    answer = reader.posts("Hello *you*.")
    assert answer.status_code == 201
    assert reader.sees()["comments"] == [answer.json["comment"]]
