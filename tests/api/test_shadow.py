"""What somebody banned in the shadow is told: the same as anybody else. And what bans and rules made meanwhile do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from service.comments import judging
from service.people.audit import COMMAND_LINE
from service.policy import bans
from tests.api.plain import Plain
from tests.conftest import PAGE, Operator, Reader, stored

EVE = {"name": "Eve"}


def bans_now(kind: str, value: object, **options: Any) -> bans.Ban:
    """Ban somebody."""
    return bans.add(kind, str(value), COMMAND_LINE, datetime.now(UTC), **options)


def asks(reader: Reader, method: str, path: str, **sent: Any) -> TestResponse:
    """Send a request as the widget does."""
    return reader.client.open(f"/api/v1/comments/{path}", method=method, headers=reader.headers(), **sent)


def votes(reader: Reader, comment: int, value: int = 1) -> TestResponse:
    """Vote on a comment."""
    return asks(reader, "PUT", f"{comment}/vote", json={"value": value})


def row(comment: int) -> dict[str, Any]:
    """Return a comment as it is stored."""
    return next(each for each in stored("comments") if each["id"] == comment)


@pytest.fixture
def bob(client: FlaskClient, reader: Reader) -> Reader:
    """A reader whom nothing is wrong with."""
    return Reader(client)


def posts(reader: Reader, body: str = "Hello.", **fields: Any) -> int:
    """Post a comment and return its id."""
    answer = reader.posts(body, **fields)
    assert answer.status_code in (201, 202), answer.text
    return int(answer.json["comment"]["id"])


class TestShadow:
    """Eve is banned in the shadow, by her name."""

    @pytest.fixture(autouse=True)
    def _banned(self, reader: Reader) -> None:
        bans_now("name", "Eve", shadow=True)

    def test_a_reply_to_the_own_hidden_comment_is_hidden_too(self, reader: Reader, bob: Reader) -> None:
        first = posts(reader, author=EVE)
        answer = reader.posts("More.", author=EVE, parent=first)
        assert (answer.status_code, answer.json["comment"]["state"]) == (201, "published")
        # under another name as well: who answers what nobody sees is not to be seen
        second = posts(reader, "And more.", author={"name": "Ann"}, parent=answer.json["comment"]["id"])
        assert (row(second)["state"], row(second)["shadow"], row(second)["root_id"]) == ("spam", 1, first)
        assert reader.sees()["comments"] == []
        assert bob.posts("Me too.", parent=first).status_code == 422

    def test_the_plain_form_sent_twice_says_the_same_twice(self, reader: Reader) -> None:
        plain = Plain(reader.client)
        sheet = plain.opens()
        first, second = (plain.sends(sheet, name="Eve").headers["Location"] for _ in range(2))
        assert first == second
        assert "held=1" in second

    @pytest.mark.parametrize(
        ("rule", "status", "state"),
        [("publish=all", 201, "published"), ("publish=none", 202, "pending"), ("spam_words=hello", 202, "pending")],
    )
    def test_the_other_rules_say_what_is_told(
        self, reader: Reader, bob: Reader, operator: Operator, rule: str, status: int, state: str
    ) -> None:
        operator.runs("rules", "set", "blog", rule)
        hers, his = reader.posts("Hello.", author=EVE), bob.posts("Hello!", author={"name": "Bob"})
        for answer in (hers, his):
            assert (answer.status_code, answer.json["comment"]["state"]) == (status, state)
        comment = hers.json["comment"]["id"]
        assert (row(comment)["state"], row(comment)["rule"], row(comment)["shadow"]) == ("spam", "banned", 1)
        (mine,) = reader.client.get("/api/v1/reader", query_string={"page": PAGE}, headers=reader.headers()).json[
            "comments"
        ]
        assert mine["comment"]["state"] == state
        edits = [
            asks(each, "PATCH", str(answer.json["comment"]["id"]), json={"body": "Hello again."}).json["comment"][
                "state"
            ]
            for each, answer in ((reader, hers), (bob, his))
        ]
        assert edits == [state, state]
        assert votes(reader, comment).status_code == votes(bob, his.json["comment"]["id"]).status_code

    def test_what_another_form_would_mend_is_said(self, reader: Reader, operator: Operator) -> None:
        operator.runs("rules", "set", "blog", "form=required")
        refused = [reader.posts(author=author) for author in (EVE, {"name": "Bob"})]
        assert [answer.status_code for answer in refused] == [403, 403]
        assert refused[0].json == refused[1].json

    def test_the_own_hidden_comment_can_be_reported_and_not_voted_on(self, reader: Reader) -> None:
        comment = posts(reader, author=EVE)
        answer = votes(reader, comment)
        assert (answer.status_code, "of their own" in answer.json["detail"]) == (403, True)
        assert asks(reader, "POST", f"{comment}/report", json={"reason": ""}).status_code == 204
        assert row(comment)["reports"] == 0

    def test_deleted_and_had_back_it_is_hidden_as_before(self, reader: Reader) -> None:
        comment = posts(reader, author=EVE)
        asks(reader, "DELETE", str(comment))
        answer = asks(reader, "POST", f"{comment}/restore")
        assert (answer.status_code, answer.json["comment"]["state"]) == (200, "published")
        assert (row(comment)["state"], reader.sees()["comments"]) == ("spam", [])


class TestBannedReader:
    """Who is banned as a reader, or by address, votes and reports as little as posts."""

    @pytest.fixture
    def comment(self, bob: Reader) -> int:
        """A comment of somebody else's."""
        return posts(bob, author={"name": "Bob"})

    @pytest.fixture
    def eve(self, client: FlaskClient, comment: int) -> Reader:
        """Eve, who has posted once."""
        eve = Reader(client)
        posts(eve, "Mine.", author=EVE)
        return eve

    @pytest.mark.parametrize("kind", ["reader", "address"])
    def test_an_open_ban_refuses_votes_and_reports(self, eve: Reader, comment: int, kind: str) -> None:
        bans_now(kind, row(comment + 1)["reader_id"] if kind == "reader" else "127.0.0.1")
        said = eve.posts("More.", author=EVE).json
        for answer in (votes(eve, comment), asks(eve, "POST", f"{comment}/report", json={"reason": ""})):
            assert (answer.status_code, answer.json["type"]) == (403, said["type"])
            assert answer.json["detail"] == said["detail"]
        assert stored("votes") == stored("reports") == []

    def test_in_the_shadow_they_count_nothing(self, eve: Reader, comment: int) -> None:
        bans_now("reader", row(comment + 1)["reader_id"], shadow=True)
        before = eve.sees()
        answer = votes(eve, comment)
        assert (answer.status_code, answer.json["comment"]["score"]) == (200, 1)
        assert asks(eve, "POST", f"{comment}/report", json={"reason": ""}).status_code == 204
        assert (eve.sees(), stored("votes"), row(comment)["reports"]) == (before, [], 0)

    def test_an_open_ban_lets_nothing_be_had_back(self, eve: Reader, comment: int) -> None:
        asks(eve, "DELETE", str(comment + 1))
        bans_now("reader", row(comment + 1)["reader_id"])
        assert asks(eve, "POST", f"{comment + 1}/restore").status_code == 403
        assert row(comment + 1)["state"] == "deleted"


class TestRestored:
    """What an author deleted and has back is judged by the rules of today."""

    def test_a_new_word_holds_it(self, reader: Reader, operator: Operator) -> None:
        comment = posts(reader, "Casino.")
        asks(reader, "DELETE", str(comment))
        operator.runs("rules", "set", "blog", "hold_words=casino")
        assert asks(reader, "POST", f"{comment}/restore").json["comment"]["state"] == "pending"
        assert (row(comment)["state"], row(comment)["rule"]) == ("pending", "hold-words")
        assert (row(comment)["erase_at"], row(comment)["erased_state"]) == (None, None)

    def test_what_an_operator_approved_stays_approved(self, reader: Reader, operator: Operator) -> None:
        operator.runs("rules", "set", "blog", "hold_words=casino")
        comment = posts(reader, "Casino.")
        operator.approves(comment)
        asks(reader, "DELETE", str(comment))
        assert asks(reader, "POST", f"{comment}/restore").json["comment"]["state"] == "published"
        assert row(comment)["checked"] == 1

    def test_what_an_operator_or_a_reader_held_stays_held(self, reader: Reader, operator: Operator) -> None:
        comment = posts(reader)
        operator.runs("comment", "hold", comment)
        asks(reader, "DELETE", str(comment))
        assert asks(reader, "POST", f"{comment}/restore").json["comment"]["state"] == "pending"


class TestMeanwhile:
    """Bans and rules that come between judging and storing."""

    @pytest.fixture
    def between(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
        """Let something happen just after the next comment was judged."""

        def set_up(happens: Callable[[], object]) -> None:
            look = judging.look

            def looked(connection: Connection, case: judging.Case) -> judging.Judged:
                judged = look(connection, case)
                happens()
                return judged

            monkeypatch.setattr(judging, "look", looked)

        return set_up

    def test_a_ban_refuses(self, reader: Reader, between: Callable[[Callable[[], object]], None]) -> None:
        between(lambda: bans_now("name", "Ann"))
        assert reader.posts().status_code == 403
        assert stored("comments") == stored("pages") == []

    def test_a_rule_holds(
        self, reader: Reader, operator: Operator, between: Callable[[Callable[[], object]], None]
    ) -> None:
        between(lambda: operator.runs("rules", "set", "blog", "publish=none"))
        assert reader.posts(title="The clock").status_code == 202
        assert reader.sees()["page"]["title"] == ""

    def test_an_edit_is_judged_again_too(
        self, reader: Reader, operator: Operator, between: Callable[[Callable[[], object]], None]
    ) -> None:
        comment = posts(reader)
        between(lambda: operator.runs("rules", "set", "blog", "hold_words=casino"))
        assert asks(reader, "PATCH", str(comment), json={"body": "Casino."}).json["comment"]["state"] == "pending"

    def test_what_is_missing_of_the_form_is_said(
        self, reader: Reader, operator: Operator, between: Callable[[Callable[[], object]], None]
    ) -> None:
        between(lambda: operator.runs("rules", "set", "blog", "form=required"))
        assert reader.posts().json["type"].endswith("/form-needed")
