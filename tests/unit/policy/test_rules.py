"""The rules, one by one, without a database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from service.policy import Act, Rules, Submission, Verdict, judge, rules
from service.policy.bans import Ban
from service.policy.presets import PRESETS, RULES
from service.policy.settings import preset

NOW = datetime(2026, 5, 14, 18, 20, tzinfo=UTC)
BALANCED = preset("balanced")


@dataclass(frozen=True)
class Score:
    probability: float
    signs: tuple[tuple[str, float], ...] = (("casino", 0.99), ("clock", 0.1))


def submission(**facts: Any) -> Submission:
    links = tuple(f"https://example.org/{place}" for place in range(facts.pop("links", 0)))
    return replace(Submission("Hello.", "Hello.", links, "Ann"), **facts)


def settings(**values: Any) -> Rules:
    return replace(BALANCED, **values)


def ban(kind: str, shadow: bool = False) -> Ban:
    return Ban(7, 1, "blog", kind, "x", shadow, "Enough.", None, "command line", NOW)


#: rule, settings, facts on which it says nothing, facts on which it speaks, what it says
CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], Act]] = [
    ("banned", {}, {}, {"ban": ban("reader")}, Act.REFUSE),
    ("banned", {}, {}, {"ban": ban("url", shadow=True)}, Act.SPAM),
    ("form-missing", {"form": "required"}, {"form": "good"}, {"form": "none"}, Act.REFUSE),
    ("form-missing", {"form": "required"}, {"form": "unasked"}, {"form": "none"}, Act.REFUSE),
    ("form-missing", {"min_seconds": 5}, {"form": "good"}, {"form": "none"}, Act.REFUSE),
    ("form-stale", {"min_seconds": 5}, {"form": "good"}, {"form": "stale"}, Act.HOLD),
    ("work-missing", {"work": 1}, {"work": "good"}, {"work": "none"}, Act.REFUSE),
    ("work-missing", {"work": 1}, {"work": "unasked"}, {"work": "impossible"}, Act.HOLD),
    ("trap-filled", {"trap": True}, {"trap": False}, {"trap": True}, Act.SPAM),
    ("too-quick", {"min_seconds": 5}, {"filled_seconds": 5.0}, {"filled_seconds": 4.9}, Act.HOLD),
    ("too-quick", {"min_seconds": 5}, {"filled_seconds": None}, {"filled_seconds": 0.0}, Act.HOLD),
    ("form-stale", {"form": "required"}, {"form": "good"}, {"form": "stale"}, Act.HOLD),
    ("spam-words", {"spam_words": ("casino",)}, {"text": "An occasion."}, {"text": "A CASINO!"}, Act.SPAM),
    ("spam-patterns", {"spam_patterns": ("ca[s5]ino",)}, {"text": "case"}, {"name": "Ca5ino"}, Act.SPAM),
    ("hold-words", {"hold_words": ("buy now",)}, {"text": "now buy"}, {"text": "Buy\n now."}, Act.HOLD),
    ("hold-patterns", {"hold_patterns": (r"\d{6}",)}, {"text": "12345"}, {"text": "123456"}, Act.HOLD),
    ("many-links", {"links": 5}, {"links": 5}, {"links": 6}, Act.HOLD),
    ("many-links", {"links": 0}, {"links": 0}, {"links": 1}, Act.HOLD),
    ("repeated", {"repeats": True}, {"repeated": False}, {"repeated": True}, Act.HOLD),
    ("looks-like-spam", {"spam": "hold"}, {"spam": Score(0.59)}, {"spam": Score(0.6)}, Act.HOLD),
    ("looks-like-spam", {"spam": "hold"}, {"spam": None}, {"spam": Score(1)}, Act.HOLD),
    ("looks-like-spam", {"spam": "mark"}, {"spam": Score(0.5)}, {"spam": Score(0.94)}, Act.HOLD),
    ("looks-like-spam", {"spam": "mark"}, {"spam": Score(0.5)}, {"spam": Score(0.95)}, Act.SPAM),
    ("unknown-author", {"publish": "trusted", "trust_after": 2}, {"approved": 2}, {"approved": 1}, Act.HOLD),
    ("hold-all", {"publish": "none"}, None, {}, Act.HOLD),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("rule", "values", "quiet", "speaks", "act"), CASES)
def test_a_rule_speaks_of_its_own_and_of_nothing_else(
    rule: str, values: dict[str, Any], quiet: dict[str, Any] | None, speaks: dict[str, Any], act: Act
) -> None:
    alone = next(each for each in rules.RULES if rules.name_of(each) == rule)
    if quiet is not None:
        assert alone(submission(**quiet), settings(**values)) is None
    said = alone(submission(**speaks), settings(**values))
    assert said is not None
    assert (said.act, said.rule) == (act, rule)
    assert said.reason


@pytest.mark.parametrize(("rule", "values", "quiet", "speaks", "act"), CASES)
def test_every_rule_can_be_switched_off(
    rule: str, values: dict[str, Any], quiet: dict[str, Any] | None, speaks: dict[str, Any], act: Act
) -> None:
    assert judge(submission(**speaks), settings(**values)).rule == rule
    assert judge(submission(**speaks), settings(**values, off=(rule,))) == Verdict(Act.PUBLISH)


@pytest.mark.parametrize(
    ("off", "facts"),
    [
        ({"form": "off"}, {"form": "none"}),
        ({"form": "off"}, {"form": "stale"}),
        ({"work": 0}, {"work": "none"}),
        ({"work": 0}, {"work": "impossible"}),
        ({"trap": False}, {"trap": True}),
        ({"min_seconds": 0}, {"filled_seconds": 0.0}),
        ({"min_seconds": 5, "off": ("too-quick",)}, {"form": "none"}),
        ({"repeats": False}, {"repeated": True}),
        ({"spam": "off"}, {"spam": Score(1)}),
        ({"publish": "all"}, {"approved": 0}),
    ],
)
def test_what_a_site_does_not_ask_for_is_not_judged(off: dict[str, Any], facts: dict[str, Any]) -> None:
    assert judge(submission(**facts), settings(**off)).act is Act.PUBLISH


def test_every_rule_has_a_case_and_the_name_that_settings_know() -> None:
    names = tuple(rules.name_of(rule) for rule in rules.RULES)
    assert names == RULES
    assert set(names) == {case[0] for case in CASES}


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_stops_a_known_readers_plain_comment(name: str) -> None:
    plain = submission(form="good", work="good", filled_seconds=60.0, approved=1)
    assert judge(plain, preset(name)) == Verdict(Act.PUBLISH)


def test_the_first_rule_that_says_something_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(*_: object) -> None:
        return None

    def second(*_: object) -> Verdict:
        return Verdict(Act.SPAM, "second")

    def third(*_: object) -> Verdict:
        return Verdict(Act.REFUSE, "third")

    monkeypatch.setattr(rules, "RULES", (first, second, third))
    assert judge(submission(), BALANCED).rule == "second"


def test_a_ban_in_the_shadow_is_said_to_nobody_but_the_operator() -> None:
    verdict = judge(submission(ban=ban("name", shadow=True)), BALANCED)
    assert (verdict.shadow, verdict.state, verdict.why) == (True, "spam", ("ban 7: name x",))


@pytest.mark.parametrize("kind", ["reader", "name", "email", "url", "address"])
def test_an_open_ban_is_told_without_its_reason(kind: str) -> None:
    verdict = judge(submission(ban=ban(kind)), BALANCED)
    assert verdict.reason.endswith(".")
    assert "Enough" not in verdict.reason
    assert not verdict.shadow


def test_only_what_another_form_would_mend_says_so() -> None:
    strict = settings(form="required", work=1)
    assert judge(submission(form="none"), strict).mend
    assert judge(submission(form="good", work="none"), strict).mend
    assert not judge(submission(ban=ban("reader")), strict).mend


def test_the_words_that_were_found_are_named_as_they_stand_in_the_list() -> None:
    verdict = judge(submission(text="Best CASINO, buy pills"), settings(spam_words=("pill*", "casino", "bingo")))
    assert verdict.why == ("pill*", "casino")


def test_the_signs_of_spam_are_named() -> None:
    assert judge(submission(spam=Score(0.95)), BALANCED).why == ("casino", "clock")


@pytest.mark.parametrize(
    "where",
    [
        {"name": "casino"},
        {"website": "https://casino.example/"},
        {"email": "a@casino.example"},
        {"text": "the casino"},
    ],
)
def test_lists_look_at_everything_that_was_written(where: dict[str, Any]) -> None:
    assert judge(submission(**where), settings(hold_words=("casino",))).rule == "hold-words"


def test_lists_look_at_where_links_lead() -> None:
    found = replace(submission(), links=("https://www.casino.example/",))
    assert judge(found, settings(hold_words=("casino",))).rule == "hold-words"
    assert judge(found, settings(spam_patterns=(r"casino\.example",))).rule == "spam-patterns"
