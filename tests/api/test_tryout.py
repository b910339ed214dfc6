"""Other rules on what is there: what they would have said of the last thirty days."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from service import comments, pages
from service.people.audit import COMMAND_LINE
from service.policy.settings import changed, load
from service.policy.tryout import tryout
from tests.api.desk import put
from tests.conftest import NOW, Operator, Reader, fill, stored

LONG = "The clock on the tower has been ten minutes late since the storm."
LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


def sets(operator: Operator, *values: str) -> None:
    operator.runs("rules", "set", "blog", *values)


def row(comment_id: int) -> dict[str, Any]:
    return next(each for each in stored("comments") if each["id"] == comment_id)


def test_it_says_what_would_be_otherwise_and_changes_nothing(reader: Reader, operator: Operator) -> None:
    reader.posts("A casino.")
    reader.posts(LINKS)
    reader.posts("Fine.")
    before = stored("comments")
    rules = changed(load("{}"), {"spam_words": ["casino"], "links": 10})
    tried = tryout(pages.get_site("blog"), rules, NOW)
    assert (tried.total, tried.by_rule) == (3, {"spam-words": 1})
    would = [(each.comment_id, each.state, each.verdict.state) for each in tried.would_change]
    assert would == [(1, "published", "spam"), (2, "pending", "published")]
    assert stored("comments") == before


def test_it_judges_as_the_rules_do_when_comments_come(reader: Reader, operator: Operator) -> None:
    sets(operator, "publish=trusted", "trust_after=2", "hold_words=casino", "links=1")
    for place, body in enumerate(["One.", "Two.", "A casino.", LINKS, LONG, LONG, "Three."]):
        made = reader.posts(body).json["comment"]["id"]
        if place < 2:
            operator.approves(made)
    known = load(stored("sites")[0]["policy"])
    tried = tryout(pages.get_site("blog"), known, NOW)
    judged = {each["id"]: each["rule"] for each in stored("comments") if each["rule"]}
    assert tried.would_change == []
    assert sum(tried.by_rule.values()) == len(judged) + 2


def test_what_was_decided_is_no_change_of_the_rules(reader: Reader, operator: Operator) -> None:
    held, good, bad = (reader.posts(body).json["comment"]["id"] for body in (LINKS, "A casino.", "A bench."))
    operator.approves(held)
    comments.moderate([bad], "spam", COMMAND_LINE, NOW)
    tried = tryout(pages.get_site("blog"), load("{}"), NOW)
    assert (tried.by_rule, tried.would_change) == ({"many-links": 1}, [])
    operator.approves(good)
    rules = changed(load("{}"), {"hold_words": ["casino", "bench"], "links": 20})
    tried = tryout(pages.get_site("blog"), rules, NOW)
    would = [(each.comment_id, each.now.rule, each.verdict.rule, each.decided) for each in tried.would_change]
    assert would == [
        (bad, None, "hold-words", True),
        (good, None, "hold-words", True),
        (held, "many-links", None, False),
    ]
    assert tried.decided == 2
    found = json.loads(operator.runs("rules", "try", "blog", "hold_words=casino, bench", "links=20", "--json"))
    assert (found["decided"], [each["comment"] for each in found["would_change"]]) == (2, [bad, good, held])


def test_what_a_ban_held_is_left_out(reader: Reader, operator: Operator) -> None:
    made = [reader.posts(body).json["comment"]["id"] for body in ("One.", "Two.")]
    put(made[0], state="pending", rule="banned", shadow=True)
    tried = tryout(pages.get_site("blog"), changed(load("{}"), {"publish": "none"}), NOW)
    assert (tried.of, [each.comment_id for each in tried.would_change]) == (1, made[1:])


def test_it_looks_back_thirty_days_and_at_this_site(reader: Reader, clock: TimeMachineFixture) -> None:
    reader.posts("Old.")
    clock.shift(timedelta(days=30, seconds=1))
    reader.posts("New.")
    assert tryout(pages.get_site("blog"), load("{}"), NOW + timedelta(days=30, seconds=1)).total == 1
    pages.add("other", ["https://other.example"], NOW, COMMAND_LINE)
    assert tryout(pages.get_site("other"), load("{}"), NOW).total == 0


def test_what_came_while_the_filter_had_no_say_is_scored_now(
    reader: Reader, operator: Operator, clock: TimeMachineFixture
) -> None:
    for place in range(12):
        operator.approves(*fill(1, body=f"The clock at platform {place} was slow, my uncle wound it himself."))
        operator.runs("comment", "spam", *fill(1, body=f"Cheap watches {place}! Buy replica watches, order today!"))
    sets(operator, "spam=off", "repeats=no")
    said = reader.posts("Order replica watches today, cheap watches!").json["comment"]["id"]
    assert row(said)["spam_score"] is None
    wanted = changed(load(stored("sites")[0]["policy"]), {"spam": "hold"})
    assert tryout(pages.get_site("blog"), wanted, NOW).by_rule == {"looks-like-spam": 1}
    sets(operator, "spam=hold")
    assert row(reader.posts("Order cheap watches today, replica watches!").json["comment"]["id"])["rule"] is not None


def test_what_no_rule_was_asked_about_is_left_out(reader: Reader) -> None:
    fill(2)  # as an import
    asked = reader.posts("Why?").json["comment"]["id"]
    comments.answer(asked, comments.load_answer({"body": "Because."}), "ann", COMMAND_LINE, NOW)
    tried = tryout(pages.get_site("blog"), changed(load("{}"), {"publish": "none"}), NOW)
    assert (tried.total, [each.comment_id for each in tried.would_change]) == (1, [asked])


def test_it_stops_when_its_time_is_up_and_says_of_how_many_it_speaks(reader: Reader, operator: Operator) -> None:
    for place in range(3):
        reader.posts(f"Comment {place}.")
    assert "thirty days 3 comments were" in operator.runs("rules", "try", "blog", "publish=none")
    wanted, times = changed(load("{}"), {"publish": "none"}), iter([5.0, 5.1])
    tried = tryout(pages.get_site("blog"), wanted, NOW, lambda: NOW + timedelta(seconds=next(times)))
    assert (tried.total, tried.of, tried.by_rule) == (2, 3, {"hold-all": 2})
    assert [each.comment_id for each in tried.would_change] == [3, 2]
    assert tried.looked_at == "the last 2 of 3 comments"


def test_it_goes_through_more_than_it_reads_at_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.policy import tryout as room

    for place in range(7):
        reader.posts(f"Comment {place}.")
    monkeypatch.setattr(room, "_BATCH", 2)
    assert tryout(pages.get_site("blog"), load("{}"), NOW).total == 7
    monkeypatch.setattr(room, "MOST", 5)
    tried = tryout(pages.get_site("blog"), changed(load("{}"), {"publish": "none"}), NOW)
    assert [each.comment_id for each in tried.would_change] == [7, 6, 5, 4, 3]
