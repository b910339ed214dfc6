"""What readers do with comments that are there: edit, delete, have back, vote, report, list their own, be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from service import comments
from service.settings import Limit
from service.web import state
from tests.conftest import PAGE, Operator, Reader, stored

OTHER_KEY = "B" * 43
SIX_LINKS = " ".join(f"https://example.org/{number}" for number in range(6))


@pytest.fixture
def other(client: FlaskClient) -> Reader:
    """Another reader, who has a key of their own."""
    return Reader(client, key=OTHER_KEY)


def asks(reader: Reader, method: str, path: str, **sent: Any) -> TestResponse:
    """Send a request as the widget does."""
    return reader.client.open(f"/api/v1{path}", method=method, headers=reader.headers(), **sent)


def posted(reader: Reader, body: str = "A fine clock.", **fields: Any) -> int:
    """Post a comment and return its id."""
    answer = reader.posts(body, **fields)
    assert answer.status_code in (201, 202), answer.text
    return int(answer.json["comment"]["id"])


def edits(reader: Reader, comment: int, body: str) -> TestResponse:
    """Send another text for a comment."""
    return asks(reader, "PATCH", f"/comments/{comment}", json={"body": body})


def votes(reader: Reader, comment: int, value: Any) -> TestResponse:
    """Vote on a comment."""
    return asks(reader, "PUT", f"/comments/{comment}/vote", json={"value": value})


WAYS = [
    ("PATCH", "", {"body": "Another text."}),
    ("DELETE", "", None),
    ("POST", "/restore", None),
    ("PUT", "/vote", {"value": 1}),
    ("POST", "/report", {"reason": "Rude."}),
]


@pytest.mark.parametrize(("method", "path", "sent"), WAYS, ids=[way[0] + way[1] for way in WAYS])
class TestWhoMay:
    """What holds for all of them."""

    def test_nobody_without_a_reader_key(self, reader: Reader, method: str, path: str, sent: Any) -> None:
        comment = posted(reader)
        answer = asks(Reader(reader.client), method, f"/comments/{comment}{path}", json=sent)
        assert (answer.status_code, answer.json["type"]) == (401, "/problems/no-reader-key")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_nobody_from_another_origin(self, reader: Reader, method: str, path: str, sent: Any) -> None:
        comment = posted(reader)
        for origin in ("https://evil.example", "null", None):
            there = Reader(reader.client, origin=origin, key=reader.key)
            assert asks(there, method, f"/comments/{comment}{path}", json=sent).status_code == 403

    def test_a_comment_that_is_not_there_is_not_found(self, reader: Reader, method: str, path: str, sent: Any) -> None:
        posted(reader)
        assert asks(reader, method, f"/comments/4711{path}", json=sent).status_code == 404


@pytest.mark.parametrize(("method", "path", "sent"), WAYS[:3], ids=["edit", "delete", "restore"])
def test_the_comment_of_another_reader_is_as_if_it_were_not_there(
    reader: Reader, other: Reader, method: str, path: str, sent: Any
) -> None:
    comment = posted(reader)
    answer = asks(other, method, f"/comments/{comment}{path}", json=sent)
    assert answer.status_code == 404
    assert reader.sees()["comments"][0]["html"] == "<p>A fine clock.</p>"


@pytest.mark.parametrize(("method", "path", "sent"), WAYS[:4], ids=["edit", "delete", "restore", "vote"])
def test_a_closed_page_takes_none_of_it(
    reader: Reader, other: Reader, operator: Operator, method: str, path: str, sent: Any
) -> None:
    comment = posted(reader)
    if path == "/restore":
        asks(reader, "DELETE", f"/comments/{comment}")
    operator.closes()
    answer = asks(other if path == "/vote" else reader, method, f"/comments/{comment}{path}", json=sent)
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/page-closed")


class TestEdit:
    """Changing the text."""

    def test_the_new_text_is_what_all_see(self, reader: Reader) -> None:
        comment = posted(reader)
        version = reader.sees()["page"]["version"]
        answer = edits(reader, comment, "A *very* fine clock.")
        assert answer.status_code == 200
        seen = reader.sees()
        assert seen["comments"] == [answer.json["comment"]]
        assert seen["comments"][0]["html"] == "<p>A <em>very</em> fine clock.</p>"
        assert seen["comments"][0]["edited"] is not None
        assert seen["page"]["version"] > version

    def test_the_site_says_for_how_long(self, reader: Reader, operator: Operator, clock: TimeMachineFixture) -> None:
        comment = posted(reader)
        clock.shift(15 * 60)
        assert edits(reader, comment, "In time.").status_code == 200
        clock.shift(1)
        late = edits(reader, comment, "Too late.")
        assert (late.status_code, late.json["type"]) == (403, "/problems/refused")
        assert "15 minutes" in late.json["detail"]
        operator.runs("site", "set", "blog", "--edit-minutes", "0")
        assert edits(reader, posted(reader, "Another."), "Never.").status_code == 403

    @pytest.mark.parametrize("body", ["", "  \u200b ", "x" * 10_001, None, 1, ["x"]])
    def test_it_passes_the_schema_of_a_new_comment(self, reader: Reader, body: Any) -> None:
        comment = posted(reader)
        answer = edits(reader, comment, body)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["body"]
        assert reader.sees()["comments"][0]["html"] == "<p>A fine clock.</p>"

    @pytest.mark.parametrize("field", ["state", "html", "name", "author", "page", "created", "id"])
    def test_nothing_but_the_text_can_be_changed(self, reader: Reader, field: str) -> None:
        comment = posted(reader)
        answer = asks(reader, "PATCH", f"/comments/{comment}", json={"body": "x", field: "y"})
        assert answer.status_code == 422
        assert field in answer.json["errors"]

    def test_links_edited_in_are_held_as_links_sent_are_and_freed_when_they_go(self, reader: Reader) -> None:
        comment = posted(reader)
        assert edits(reader, comment, SIX_LINKS).json["comment"]["state"] == "pending"
        assert reader.sees()["comments"] == []
        assert reader.sees()["page"]["count"] == 0
        assert edits(reader, comment, "No links.").json["comment"]["state"] == "published"
        assert reader.sees()["comments"][0]["number"] == 1
        assert reader.sees()["page"]["count"] == 1

    def test_what_an_operator_took_away_does_not_come_back_by_an_edit(self, reader: Reader, operator: Operator) -> None:
        comment = posted(reader)
        operator.runs("comment", "spam", comment)
        assert edits(reader, comment, "Harmless.").json["comment"]["state"] == "pending"  # spam is not told
        assert stored("comments")[0]["state"] == "spam"
        operator.deletes(comment)
        assert edits(reader, comment, "Harmless.").status_code == 404


class TestDelete:
    """Deleting, and having back."""

    def test_it_is_gone_for_all_and_can_be_had_back(self, reader: Reader) -> None:
        comment = posted(reader)
        before = reader.sees()
        answer = asks(reader, "DELETE", f"/comments/{comment}")
        assert answer.status_code == 200
        assert answer.json["until"].endswith("Z")
        assert reader.sees()["comments"] == []
        assert reader.sees()["page"]["count"] == 0
        assert asks(reader, "POST", f"/comments/{comment}/restore").json["comment"] == before["comments"][0]
        assert reader.sees()["comments"] == before["comments"]
        assert reader.sees()["page"]["count"] == 1

    def test_after_ten_minutes_every_word_is_erased_by_the_clock(
        self, reader: Reader, clock: TimeMachineFixture
    ) -> None:
        comment = posted(reader, "Canary.", author={"name": "Canary", "email": "canary@example.org"})
        asks(reader, "DELETE", f"/comments/{comment}")
        clock.shift(601)
        assert asks(reader, "POST", f"/comments/{comment}/restore").status_code == 404
        comments.erase_due(state.now())
        row = stored("comments")[0]
        assert row["state"] == "deleted"
        assert "anary" not in repr(row)

    def test_a_comment_with_replies_keeps_its_place_without_a_word(self, reader: Reader, other: Reader) -> None:
        comment = posted(reader)
        posted(other, "A reply.", parent=comment)
        asks(reader, "DELETE", f"/comments/{comment}")
        place, reply = reader.sees()["comments"]
        assert (place["state"], place["html"], place["author"], place["number"]) == ("deleted", "", None, 1)
        assert reply["html"] == "<p>A reply.</p>"


class TestVote:
    """Voting."""

    def test_a_reader_has_one_vote_and_may_change_and_take_it_back(self, reader: Reader, other: Reader) -> None:
        comment = posted(reader)
        for value, score in [(1, 1), (1, 1), (-1, -1), (0, 0), (1, 1)]:
            answer = votes(other, comment, value)
            assert answer.status_code == 200
            assert answer.json["comment"]["score"] == score
            assert reader.sees()["comments"][0]["score"] == score
        assert [(row["up"], row["down"]) for row in stored("comments")] == [(1, 0)]

    def test_nobody_votes_on_an_own_comment(self, reader: Reader) -> None:
        assert votes(reader, posted(reader), 1).status_code == 403

    @pytest.mark.parametrize("value", [2, -2, "1", True, None, 1.0, [1], {}])
    def test_a_vote_is_one_of_three_values(self, reader: Reader, other: Reader, value: Any) -> None:
        assert votes(other, posted(reader), value).status_code == 422

    @pytest.mark.parametrize(("allowed", "up", "down"), [("both", 200, 200), ("up", 200, 403), ("off", 403, 403)])
    def test_a_site_may_turn_votes_off(
        self, reader: Reader, other: Reader, operator: Operator, allowed: str, up: int, down: int
    ) -> None:
        comment = posted(reader)
        operator.runs("site", "set", "blog", "--votes", allowed)
        assert reader.sees()["site"]["votes"] == allowed
        assert votes(other, comment, 1).status_code == up
        assert votes(other, comment, -1).status_code == down

    def test_one_address_does_not_make_an_opinion(self, reader: Reader) -> None:
        comment = posted(reader)
        answers = [votes(Reader(reader.client, key=f"{place:043d}"), comment, 1) for place in range(12)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
        wanted = "Too many votes on this comment in a short time. Please try again in 24 hours."
        assert answers[-1].json["detail"] == wanted
        assert reader.sees()["comments"][0]["score"] == 10

    def test_a_vote_that_changes_nothing_leaves_nothing(self, reader: Reader) -> None:
        comment = posted(reader)
        keys = [f"{place:043d}" for place in range(12)]
        assert [votes(Reader(reader.client, key=key), comment, 0).status_code for key in keys] == [200] * 12
        assert [votes(Reader(reader.client, key=key), comment, 1).status_code for key in keys] == [200] * 10 + [429] * 2
        assert len(stored("readers")) == 1 + 10

    def test_best_stands_first_by_the_bound_and_not_by_the_share(self, reader: Reader, app: Flask) -> None:
        from service import database
        from service.comments import reader_store

        few, many, none, bad = (posted(reader, f"Comment {place}.") for place in range(4))
        with database.write() as connection:
            reader_store.set_score(connection, few, 3, 0)
            reader_store.set_score(connection, many, 90, 10)
            reader_store.set_score(connection, bad, 0, 5)
            connection.exec_driver_sql("UPDATE pages SET version = version + 1")
        assert [comment["id"] for comment in reader.sees(sort="best")["comments"]] == [many, few, none, bad]


class TestReport:
    """Reporting."""

    def test_a_report_is_stored_once_for_each_reader(self, reader: Reader, other: Reader) -> None:
        comment = posted(reader)
        for reason in ("Rude.", "Very rude."):
            assert asks(other, "POST", f"/comments/{comment}/report", json={"reason": reason}).status_code == 204
        assert [row["reason"] for row in stored("reports")] == ["Very rude."]
        assert reader.sees()["comments"][0]["state"] == "published"

    def test_a_report_needs_no_reason_but_none_too_long(self, reader: Reader, other: Reader) -> None:
        comment = posted(reader)
        assert asks(other, "POST", f"/comments/{comment}/report", json={}).status_code == 204
        answer = asks(other, "POST", f"/comments/{comment}/report", json={"reason": "x" * 301})
        assert answer.status_code == 422


class TestMine:
    """A reader's own, listed and forgotten."""

    def lists(self, reader: Reader, **query: Any) -> Any:
        answer = asks(reader, "GET", "/reader", query_string={"page": PAGE} | query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.json

    def test_own_comments_come_with_what_was_typed_also_those_that_wait(self, reader: Reader, other: Reader) -> None:
        published, held = posted(reader, "A *fine* clock."), posted(reader, SIX_LINKS)
        posted(other, "Of another.")
        elsewhere = posted(reader, "Elsewhere.", page=f"{PAGE}/other")
        mine = self.lists(reader)
        assert [(own["comment"]["id"], own["comment"]["state"]) for own in mine["comments"]] == [
            (held, "pending"),
            (published, "published"),
        ]
        assert mine["comments"][1]["body"] == "A *fine* clock."
        assert [own["comment"]["id"] for own in self.lists(reader, all=1)["comments"]] == [elsewhere, held, published]
        assert [own["comment"]["id"] for own in self.lists(reader, all=1, before=held)["comments"]] == [published]

    def test_votes_are_listed(self, reader: Reader, other: Reader) -> None:
        comment = posted(reader)
        votes(other, comment, -1)
        nothing = {"comments": [], "votes": {}, "reports": [], "next": None}
        assert self.lists(other) == nothing | {"votes": {str(comment): -1}}
        assert self.lists(Reader(reader.client, key="C" * 43)) == nothing

    def test_to_be_forgotten_leaves_no_word_and_no_vote(
        self, reader: Reader, other: Reader, operator: Operator
    ) -> None:
        mine = posted(reader, "Canary.", author={"name": "Canary", "email": "canary@example.org"})
        reply = posted(other, "A reply.", parent=mine)
        posted(reader, "Canary elsewhere.", page=f"{PAGE}/other")
        votes(reader, reply, 1)
        operator.closes()  # to be forgotten is no contribution
        assert asks(reader, "DELETE", "/reader", query_string={"page": PAGE}).json == {"erased": 2}
        assert "anary" not in repr([*stored("comments"), *stored("readers"), *stored("votes")])
        place, answer = reader.sees()["comments"]
        assert (place["state"], place["author"]) == ("deleted", None)
        assert (answer["id"], answer["score"]) == (reply, 0)
        assert reader.sees()["page"]["count"] == 1
        assert self.lists(reader) == {"comments": [], "votes": {}, "reports": [], "next": None}

    def test_a_private_answer_is_shared_with_the_pages_of_the_site_only(self, reader: Reader) -> None:
        posted(reader)
        answer = asks(reader, "GET", "/reader", query_string={"page": PAGE})
        assert answer.headers["Access-Control-Allow-Origin"] == reader.origin
        there = asks(Reader(reader.client, "https://evil.example", reader.key), "GET", f"/reader?page={PAGE}")
        assert there.status_code == 403
        assert "Access-Control-Allow-Origin" not in there.headers


def test_a_preview_is_what_the_comment_becomes(reader: Reader) -> None:
    body = "A *fine* clock: https://example.org/clock\n\n> Quoted\n\n<b>x</b>"
    answer = asks(reader, "POST", "/preview", json={"body": body})
    assert answer.status_code == 200
    posted(reader, body)
    assert answer.json["html"] == reader.sees()["comments"][0]["html"]


def test_acts_have_a_limit_of_their_own(make_app: Callable[..., Flask], app: Flask) -> None:
    strict = Reader(make_app(limit_acts=(Limit(2, 60),)).test_client())
    previews = [asks(strict, "POST", "/preview", json={"body": "x"}).status_code for _ in range(3)]
    assert previews == [200, 200, 429]
    assert strict.posts().status_code == 201
