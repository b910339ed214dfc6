"""Forms: the token, the trap, the time and the work that a site may ask for."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import altcha
import pytest
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from tests.api.plain import Plain, again, said
from tests.conftest import ORIGIN, OTHER_ORIGIN, PAGE, Operator, Reader, stored


def asks(reader: Reader, **query: Any) -> TestResponse:
    """Ask for a form."""
    return reader.client.get("/api/v1/form", query_string={"page": PAGE} | query, headers=reader.headers())


def form(reader: Reader, **fields: Any) -> dict[str, Any]:
    """Return a form as the widget sends it, its work done."""
    asked = asks(reader).json
    work = solved(asked["work"]) if asked["work"] else ""
    return {"token": asked["token"], "work": work} | fields


def solved(challenge: dict[str, Any]) -> str:
    """Do the work, as a browser does."""
    parsed = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(parsed)
    assert solution is not None
    return altcha.Payload(parsed, solution).to_base64()


def sets(operator: Operator, *values: str) -> None:
    operator.runs("rules", "set", "blog", *values)


def rule(comment_id: int) -> tuple[str, str | None]:
    (row,) = [row for row in stored("comments") if row["id"] == comment_id]
    return row["state"], row["rule"]


class TestAsking:
    """The form's address."""

    def test_it_is_private_and_never_kept(self, reader: Reader) -> None:
        answer = asks(reader)
        assert answer.status_code == 200
        assert set(answer.json) == {"token", "work", "seconds"}
        assert answer.json["work"] is None
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Origin" in answer.headers["Vary"]

    @pytest.mark.parametrize("origin", [None, OTHER_ORIGIN, "null"])
    def test_it_is_for_the_sites_own_pages(self, reader: Reader, origin: str | None) -> None:
        reader.origin = origin
        assert asks(reader).status_code == 403

    def test_a_page_of_no_site_has_none(self, reader: Reader) -> None:
        assert asks(reader, page="https://nobody.example/").status_code == 404
        assert asks(reader, more="1").status_code == 422

    def test_a_site_says_whether_one_is_wanted(self, reader: Reader, operator: Operator) -> None:
        assert reader.sees()["site"]["form"] is False
        sets(operator, "min_seconds=5")
        assert reader.sees()["site"]["form"] is True

    def test_asking_stores_nothing(self, reader: Reader, operator: Operator) -> None:
        sets(operator, "form=required", "work=1")
        asks(reader)
        assert stored("spent") == stored("pages") == []


class TestToken:
    """A form that is required."""

    @pytest.fixture(autouse=True)
    def _required(self, operator: Operator, reader: Reader, clock: TimeMachineFixture) -> None:
        sets(operator, "form=required", "min_seconds=5")

    def test_a_comment_with_one_is_published(self, reader: Reader, clock: TimeMachineFixture) -> None:
        sent = form(reader)
        clock.shift(5)
        assert reader.posts(form=sent).status_code == 201

    @pytest.mark.parametrize(
        "sent", [None, {}, {"token": "x"}, {"token": ""}, {"token": "MTIz.abc"}, {"trap": "", "work": "x"}]
    )
    def test_one_without_it_is_told_to_ask(self, reader: Reader, sent: dict[str, str] | None) -> None:
        answer = reader.posts(**({"form": sent} if sent is not None else {}))
        assert answer.status_code == 403
        assert answer.json["type"].endswith("/form-needed")
        assert answer.json["detail"]
        assert stored("comments") == []

    def test_another_pages_is_none(self, reader: Reader, clock: TimeMachineFixture) -> None:
        token = asks(reader, page=f"{ORIGIN}/other").json["token"]
        clock.shift(60)
        assert reader.posts(form={"token": token}).status_code == 403

    def test_what_comes_too_quickly_is_held(self, reader: Reader, clock: TimeMachineFixture) -> None:
        sent = form(reader)
        clock.shift(4)
        answer = reader.posts(form=sent)
        assert answer.status_code == 202
        assert rule(answer.json["comment"]["id"]) == ("pending", "too-quick")

    def test_what_was_open_for_more_than_a_day_is_held(self, reader: Reader, clock: TimeMachineFixture) -> None:
        sent = form(reader)
        clock.shift(timedelta(hours=24))
        assert reader.posts(form=sent).status_code == 201
        clock.shift(1)
        answer = reader.posts("Another.", form=sent)
        assert rule(answer.json["comment"]["id"]) == ("pending", "form-stale")

    def test_one_serves_for_several_comments_and_a_retry(self, reader: Reader, clock: TimeMachineFixture) -> None:
        sent, key = form(reader), {"Idempotency-Key": "a-key-of-24-characters-"}
        clock.shift(9)
        first = reader.posts(form=sent, headers=key)
        assert reader.posts("Another.", form=sent).status_code == 201
        again = reader.posts(form=form(reader), headers=key)
        assert again.json["comment"] == first.json["comment"]

    def test_a_filled_trap_looks_held_and_is_spam(self, reader: Reader, clock: TimeMachineFixture) -> None:
        sent = form(reader, trap="https://casino.example")
        clock.shift(9)
        answer = reader.posts(form=sent)
        assert (answer.status_code, answer.json["comment"]["state"]) == (202, "pending")
        assert rule(answer.json["comment"]["id"]) == ("spam", "trap-filled")

    @pytest.mark.parametrize("field", ["state", "approved", "filled_seconds"])
    def test_no_other_field_is_taken(self, reader: Reader, field: str) -> None:
        answer = reader.posts(form={"token": "x", field: "1"})
        assert answer.status_code == 422
        assert field in json.dumps(answer.json["errors"])

    def test_an_edit_needs_no_form(self, reader: Reader, clock: TimeMachineFixture) -> None:
        sent = form(reader)
        clock.shift(9)
        made = reader.posts(form=sent).json["comment"]["id"]
        answer = reader.client.patch(f"/api/v1/comments/{made}", json={"body": "Changed."}, headers=reader.headers())
        assert (answer.status_code, answer.json["comment"]["state"]) == (200, "published")


class TestTime:
    """A least time, without a form being required for itself."""

    @pytest.fixture(autouse=True)
    def _timed(self, operator: Operator, reader: Reader, clock: TimeMachineFixture) -> None:
        sets(operator, "min_seconds=30")

    @pytest.mark.parametrize("sent", [{}, {"form": {"trap": ""}}, {"form": {"token": "made.up"}}])
    def test_nothing_passes_by_leaving_the_form_away(self, reader: Reader, sent: dict[str, Any]) -> None:
        answer = reader.posts(**sent)
        assert answer.status_code == 403
        assert answer.json["type"].endswith("/form-needed")

    def test_the_time_is_what_counts(self, reader: Reader, clock: TimeMachineFixture) -> None:
        sent = form(reader)
        quick = reader.posts(form=sent)
        assert rule(quick.json["comment"]["id"]) == ("pending", "too-quick")
        clock.shift(30)
        assert reader.posts("Another.", form=sent).status_code == 201

    def test_the_rules_say_so(self, reader: Reader, operator: Operator) -> None:
        assert "nothing else tells how long" in operator.runs("rules", "show", "blog")


def test_a_trap_works_where_no_form_is_asked_for(reader: Reader) -> None:
    assert reader.sees()["site"]["form"] is False
    assert rule(reader.posts(form={"trap": "x"}).json["comment"]["id"]) == ("spam", "trap-filled")
    assert reader.posts("Another.", form={"trap": ""}).status_code == 201


class TestWork:
    """Work that is done in the browser, and here in Python."""

    @pytest.fixture(autouse=True)
    def _works(self, operator: Operator, reader: Reader) -> None:
        sets(operator, "work=1")

    def test_a_comment_with_it_is_published(self, reader: Reader) -> None:
        assert reader.posts(form=form(reader)).status_code == 201

    @pytest.mark.parametrize("work", ["", "x", "e30=", "bnVsbA==", "W10=", "eyJjaGFsbGVuZ2UiOnt9LCJzb2x1dGlvbiI6e319"])
    def test_one_without_it_is_told_to_ask(self, reader: Reader, work: str) -> None:
        answer = reader.posts(form=form(reader, work=work))
        assert answer.status_code == 403
        assert answer.json["type"].endswith("/form-needed")

    def test_it_is_good_once(self, reader: Reader) -> None:
        sent = form(reader)
        assert reader.posts(form=sent).status_code == 201
        answer = reader.posts("Another.", form=sent)
        assert (answer.status_code, answer.json["type"].endswith("/form-needed")) == (403, True)
        assert len(stored("comments")) == 1

    def test_a_refused_comment_does_not_use_it_up(self, reader: Reader) -> None:
        sent = form(reader)
        assert reader.posts(form=sent, parent=1).status_code == 422
        assert reader.posts(form=sent).status_code == 201

    def test_a_retry_gets_its_answer_though_the_work_is_used(self, reader: Reader) -> None:
        sent, key = form(reader), {"Idempotency-Key": "a-key-of-24-characters-"}
        assert reader.posts(form=sent, headers=key).status_code == 201
        assert reader.posts(form=sent, headers=key).status_code == 201
        assert len(stored("comments")) == 1

    def test_that_of_another_page_or_of_yesterday_is_none(self, reader: Reader, clock: TimeMachineFixture) -> None:
        there = solved(asks(reader, page=f"{ORIGIN}/other").json["work"])
        assert reader.posts(form={"work": there}).status_code == 403
        sent = form(reader)
        clock.shift(timedelta(hours=24, seconds=2))
        assert reader.posts(form=sent).status_code == 403

    def test_a_challenge_that_was_made_easier_is_none(self, reader: Reader) -> None:
        challenge = asks(reader).json["work"]
        challenge["parameters"] |= {"cost": 1, "keyPrefix": "0"}
        assert reader.posts(form={"work": solved(challenge)}).status_code == 403

    def test_less_than_the_site_asks_for_by_now_is_not_enough(self, reader: Reader, operator: Operator) -> None:
        sent = form(reader)
        sets(operator, "work=2")
        assert reader.posts(form=sent).status_code == 403

    def test_how_much_there_is_to_do_lies_between_half_and_all(self, reader: Reader) -> None:
        for _ in range(5):
            solution = altcha.solve_challenge(altcha.Challenge.from_dict(asks(reader).json["work"]))
            assert solution is not None
            assert 50 <= solution.counter < 100


class TestPlainPage:
    """The form of the page without a script."""

    def test_the_trap_is_out_of_sight_and_out_of_reach(self, reader: Reader) -> None:
        sheet = Plain(reader.client).opens()
        trap = sheet.one("input", name="subject")
        assert (trap.get("tabindex"), trap.get("autocomplete")) == ("-1", "off")
        around = sheet.one("p", class_="trap")
        assert around.get("aria-hidden") == "true"
        assert said(around) == "Leave this empty"

    def test_a_filled_trap_looks_held_and_is_spam(self, reader: Reader) -> None:
        plain = Plain(reader.client)
        answer = plain.sends(plain.opens(), subject="Cheap pills")
        assert "held=1" in answer.headers["Location"]
        assert [(row["state"], row["rule"]) for row in stored("comments")] == [("spam", "trap-filled")]

    def test_a_site_may_do_without_the_trap(self, reader: Reader, operator: Operator) -> None:
        plain = Plain(reader.client)
        sets(operator, "trap=off")
        assert plain.opens().all("input", name="subject") == []
        plain.sends(plain.opens(), subject="Re: your clock")
        assert [row["state"] for row in stored("comments")] == ["published"]

    def test_the_time_counts_from_the_first_look_at_the_form(
        self, reader: Reader, operator: Operator, clock: TimeMachineFixture
    ) -> None:
        sets(operator, "form=required", "min_seconds=5")
        plain = Plain(reader.client)
        sheet = plain.opens()
        clock.shift(4)
        assert "held=1" in plain.sends(sheet).headers["Location"]
        sheet = plain.opens()
        clock.shift(4)
        returned = again(plain.sends(sheet, name=""), 422)
        clock.shift(1)
        assert "held=1" not in plain.sends(returned, body="Another one.").headers["Location"]

    def test_where_work_is_asked_for_it_is_held_and_said_beforehand(self, reader: Reader, operator: Operator) -> None:
        plain = Plain(reader.client)
        assert "looked at before" not in said(plain.opens().one("form"))
        sets(operator, "work=1")
        sheet = plain.opens()
        assert "looked at before" in said(sheet.one("form"))
        assert "held=1" in plain.sends(sheet).headers["Location"]
        assert [(row["state"], row["rule"]) for row in stored("comments")] == [("pending", "work-missing")]
