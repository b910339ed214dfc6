"""A site's rules at work: trust, repetitions, edits, what is kept of it, and what the command line makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service import comments, pages, policy
from service.people.audit import COMMAND_LINE
from service.policy import From, Written, submission
from service.policy.settings import changed, load
from service.settings import Settings
from service.web import state
from tests.conftest import NOW, ORIGIN, PAGE, Operator, Reader, statements, stored

LONG = "The clock on the tower has been ten minutes late since the storm."
LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


def sets(operator: Operator, *values: str) -> None:
    operator.runs("rules", "set", "blog", *values)


def edits(reader: Reader, comment_id: int, body: str) -> Any:
    return reader.client.patch(f"/api/v1/comments/{comment_id}", json={"body": body}, headers=reader.headers())


def row(comment_id: int) -> dict[str, Any]:
    return next(each for each in stored("comments") if each["id"] == comment_id)


class TestTrust:
    """Whose comments show at once."""

    def test_an_author_is_held_until_so_many_were_published(self, reader: Reader, operator: Operator) -> None:
        sets(operator, "publish=trusted", "trust_after=2")
        held = [reader.posts(f"Comment {place}.") for place in range(2)]
        assert [answer.status_code for answer in held] == [202, 202]
        assert row(1)["rule"] == "unknown-author"
        operator.approves(1)
        assert reader.posts("Still one.").status_code == 202
        operator.approves(2)
        assert reader.posts("Known by now.").status_code == 201

    def test_another_reader_under_the_same_name_is_another(self, reader: Reader, operator: Operator) -> None:
        reader.posts("Published before.")
        sets(operator, "publish=trusted")
        assert reader.posts("Known.").status_code == 201
        assert Reader(reader.client).posts("Known?").status_code == 202

    @pytest.mark.parametrize("verb", ["spam", "delete"])
    def test_what_was_taken_down_earns_no_trust(self, reader: Reader, operator: Operator, verb: str) -> None:
        made = reader.posts().json["comment"]["id"]
        operator.runs("comment", verb, made)
        sets(operator, "publish=trusted")
        assert reader.posts("Again.").status_code == 202

    def test_an_edit_does_not_ride_on_its_own_approval(self, reader: Reader, operator: Operator) -> None:
        sets(operator, "publish=trusted")
        made = reader.posts("Harmless.").json["comment"]["id"]
        operator.approves(made)
        assert edits(reader, made, "Not so harmless.").json["comment"]["state"] == "pending"

    def test_everything_may_be_held(self, reader: Reader, operator: Operator) -> None:
        reader.posts("Before.")
        sets(operator, "publish=none")
        assert reader.posts("After.").status_code == 202


class TestRepeats:
    """The same text again, anywhere on the site."""

    def test_a_long_text_is_held_the_second_time(self, reader: Reader) -> None:
        assert reader.posts(LONG).status_code == 201
        again = Reader(reader.client).posts(f"  {LONG.upper()}", page=f"{ORIGIN}/other")
        assert again.status_code == 202
        assert row(again.json["comment"]["id"])["rule"] == "repeated"

    def test_a_short_one_may_be_said_twice(self, reader: Reader) -> None:
        assert [reader.posts("Thank you!").status_code for _ in range(2)] == [201, 201]

    def test_a_day_later_it_is_none(self, reader: Reader, clock: TimeMachineFixture) -> None:
        reader.posts(LONG)
        clock.shift(timedelta(days=1, seconds=1))
        assert reader.posts(LONG).status_code == 201

    def test_a_comment_may_have_its_own_text_again(self, reader: Reader) -> None:
        made = reader.posts(LONG).json["comment"]["id"]
        states = [edits(reader, made, body).json["comment"]["state"] for body in (LONG, f"{LONG} Or so.", LONG)]
        assert states == ["published"] * 3

    def test_an_edit_into_anothers_text_is_held(self, reader: Reader) -> None:
        reader.posts(LONG)
        made = reader.posts("Short.").json["comment"]["id"]
        assert edits(reader, made, LONG).json["comment"]["state"] == "pending"


class TestEdits:
    """An edit passes the same rules as a post."""

    def test_what_it_said_before_is_kept_and_who_changed_it(self, reader: Reader) -> None:
        made = reader.posts("First.", author={"name": "Ann", "website": "https://ann.example/"}).json["comment"]["id"]
        for body in ("Second.", "Second.", "Third."):
            edits(reader, made, body)
        kept = [(each["comment_id"], each["actor"], each["body"], each["name"]) for each in stored("comment_edits")]
        assert kept == [(made, "", "First.", "Ann"), (made, "", "Second.", "Ann")]

    def test_a_word_of_a_list_holds_it_and_its_removal_publishes_it(self, reader: Reader, operator: Operator) -> None:
        sets(operator, "hold_words=casino")
        made = reader.posts("Fine.").json["comment"]["id"]
        assert edits(reader, made, "A casino.").json["comment"]["state"] == "pending"
        assert (row(made)["rule"], json.loads(row(made)["why"])) == ("hold-words", ["casino"])
        assert edits(reader, made, "Fine again.").json["comment"]["state"] == "published"
        assert (row(made)["rule"], row(made)["why"]) == (None, None)

    def test_a_word_of_spam_looks_held_and_stays_spam(self, reader: Reader, operator: Operator) -> None:
        sets(operator, "spam_words=casino")
        made = reader.posts("Fine.").json["comment"]["id"]
        assert edits(reader, made, "A casino.").json["comment"]["state"] == "pending"
        assert row(made)["state"] == "spam"
        edits(reader, made, "Fine again.")
        assert row(made)["state"] == "spam"

    def test_what_an_operator_decided_is_not_undone(self, reader: Reader, operator: Operator) -> None:
        made = reader.posts("Fine.").json["comment"]["id"]
        operator.runs("comment", "spam", made)
        edits(reader, made, "Finer.")
        assert row(made)["state"] == "spam"

    def test_what_is_erased_for_good_leaves_no_earlier_text(self, reader: Reader) -> None:
        made = reader.posts("First.").json["comment"]["id"]
        edits(reader, made, "Second.")
        reader.client.delete("/api/v1/reader", query_string={"page": PAGE}, headers=reader.headers())
        assert stored("comment_edits") == []
        assert (row(made)["why"], row(made)["address"]) == (None, None)


class TestAddress:
    """Where a comment came from, as far as it is kept."""

    def test_it_is_truncated_and_forgotten_after_some_days(
        self, make_app: Callable[..., Flask], reader: Reader, clock: TimeMachineFixture, settings: Settings
    ) -> None:
        somebody = Reader(make_app(address_days=2).test_client())
        somebody.posts()
        assert row(1)["address"] == "127.0.0.0/24"
        clock.shift(timedelta(days=2, seconds=1))
        somebody.posts("Another.")
        comments.tidy(state.now(), replace(settings, address_days=2))
        assert [each["address"] for each in stored("comments")] == [None, "127.0.0.0/24"]

    def test_a_service_may_keep_none(self, make_app: Callable[..., Flask], reader: Reader) -> None:
        Reader(make_app(address_days=0).test_client()).posts()
        assert row(1)["address"] is None


def test_the_facts_take_three_queries(reader: Reader, operator: Operator) -> None:
    reader.posts()
    rules = changed(
        load("{}"), {"publish": "trusted", "form": "required", "work": 1, "spam": "off", "hold_words": ["x"]}
    )
    written = Written(LONG, LONG, ("https://example.org/",), "Ann", "https://ann.example/", "ann@example.org")
    from service import database

    with statements() as sent, database.read() as connection:
        found = policy.gather(connection, pages.get_site("blog"), rules, written, From(reader.key, "192.0.2.1"), NOW)
    assert found.approved == 1
    assert len(sent) - 1 <= 3, sent  # the site is looked up here


def test_the_filters_score_is_stored_and_heard(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    class Score:
        probability = 0.95
        signs = (("casino", 0.99),)

    gather = submission.gather
    monkeypatch.setattr(
        "service.comments.judging.gather", lambda *args, **kwargs: replace(gather(*args, **kwargs), spam=Score())
    )
    answer = reader.posts()
    stands = row(answer.json["comment"]["id"])
    assert (stands["state"], stands["rule"], stands["spam_score"]) == ("pending", "looks-like-spam", 0.95)
    assert json.loads(stands["why"]) == ["casino"]


def test_decisions_teach_the_filter_and_it_holds_what_is_like_what_was_marked(
    reader: Reader, operator: Operator
) -> None:
    def says(text: str) -> int:
        return int(reader.posts(text).json["comment"]["id"])

    good = [says(f"The clock at platform {place} was always slow, my uncle wound it himself.") for place in range(12)]
    bad = [says(f"Cheap watches {place}! Buy replica watches now, best prices, order today!") for place in range(12)]
    operator.approves(*good)
    operator.runs("comment", "spam", *bad)
    assert "12 good comments and 12 spam" in operator.runs("spam", "status")
    held = reader.posts("Order replica watches today, cheap watches at best prices, buy now!").json["comment"]
    assert held["state"] == "pending"
    stands = row(held["id"])
    assert stands["rule"] == "looks-like-spam"
    assert any("watches" in sign for sign in json.loads(stands["why"]))
    assert reader.posts("My uncle wound the slow clock at the platform.").json["comment"]["state"] == "published"
    # another decision takes the lesson back, and so does another text
    operator.approves(bad[0])
    assert "13 good comments and 11 spam" in operator.runs("spam", "status")
    operator.runs("comment", "erase", bad[0], "--yes")
    assert "12 good comments and 11 spam" in operator.runs("spam", "status")


class TestCommands:
    """`afterword rules`."""

    def test_the_rules_are_shown_in_one_place(self, reader: Reader, operator: Operator) -> None:
        shown = operator.runs("rules", "show", "blog")
        assert "Preset balanced." in shown
        assert "Holds what has more than 5 links." in shown
        assert json.loads(operator.runs("rules", "show", "blog", "--json"))["publish"] == "all"

    def test_a_change_is_heard_at_once_and_recorded(self, reader: Reader, operator: Operator) -> None:
        operator.runs("rules", "set", "blog", "links=0", "trap=off", "off=repeated", "--reason", "A flood.")
        assert reader.posts("https://example.org/").status_code == 202
        (entry,) = [each for each in stored("audit") if each["verb"] == "site.rules"]
        assert (entry["verb"], entry["actor"], entry["reason"]) == ("site.rules", COMMAND_LINE.name, "A flood.")
        assert json.loads(entry["details"]) == {
            "before": {"links": 5, "trap": True, "off": []},
            "after": {"links": 0, "trap": False, "off": ["repeated"]},
        }
        operator.runs("rules", "set", "blog", "links=")
        assert reader.posts("https://example.org/").status_code == 201

    def test_what_changes_nothing_is_not_recorded(self, reader: Reader, operator: Operator) -> None:
        operator.runs("rules", "set", "blog", "links=5")
        assert [each["verb"] for each in stored("audit")] == ["site.add"]

    @pytest.mark.parametrize(
        "value", ["links=51", "links=x", "publish=some", "trap=perhaps", "hold_patterns=(", "off=x"]
    )
    def test_a_wrong_value_is_refused(self, reader: Reader, operator: Operator, value: str) -> None:
        assert operator.tries("rules", "set", "blog", value).exit_code == 1
        assert stored("sites")[0]["policy"] == "{}"

    @pytest.mark.parametrize("value", ["links", "unheard=1"])
    def test_what_is_no_setting_is_wrong_usage(self, reader: Reader, operator: Operator, value: str) -> None:
        assert operator.tries("rules", "set", "blog", value).exit_code == 2

    def test_a_preset_is_taken(self, reader: Reader, operator: Operator) -> None:
        assert "Preset strict." in operator.runs("rules", "preset", "blog", "strict")
        assert reader.posts().json["type"].endswith("/form-needed")

    def test_rules_are_tried_before_they_are_on(self, reader: Reader, operator: Operator) -> None:
        reader.posts("A casino.")
        said = operator.runs("rules", "try", "blog", "spam_words=casino")
        assert "thirty days 1 comment was looked at." in said
        assert "spam-words" in said
        found = json.loads(operator.runs("rules", "try", "blog", "spam_words=casino", "--json"))
        (would,) = found["would_change"]
        assert (would["comment"], would["state"], would["decided"]) == (1, "published", False)
        assert (would["now"], would["now_rule"]) == ("published", None)
        assert (would["would_be"], would["rule"]) == ("spam", "spam-words")
        assert json.loads(operator.runs("rules", "show", "blog", "--json"))["spam_words"] == []

    def test_a_list_comes_from_a_file(self, reader: Reader, operator: Operator, tmp_path: Any) -> None:
        listed = tmp_path / "words.txt"
        listed.write_text("casino\n\nbuy, now\ncasino\n", encoding="utf-8")
        operator.runs("rules", "words", "blog", "--file", listed, "--list", "spam_words")
        listed.write_text("poker*\n", encoding="utf-8")
        said = operator.runs("rules", "words", "blog", "--file", listed, "--list", "spam_words", "--add")
        assert said.strip() == "spam_words of blog has 3 entries."
        words = json.loads(operator.runs("rules", "show", "blog", "--json"))["spam_words"]
        assert words == ["casino", "buy, now", "poker*"]
        listed.write_bytes(b"\xff\xfe")
        assert operator.tries("rules", "words", "blog", "--file", listed).exit_code == 2

    def test_a_site_that_is_not_there_is_said(self, operator: Operator) -> None:
        for command in (["show"], ["set"], ["preset"], ["try"]):
            rest = {"set": ["links=1"], "preset": ["strict"]}.get(command[0], [])
            assert operator.tries("rules", command[0], "nowhere", *rest).exit_code == 1
