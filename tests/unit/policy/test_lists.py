"""Words and patterns: what they match, what is refused at saving, and that no list and no text makes them slow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy import lists
from service.policy.lists import fold, pattern_fault, patterns, spread, word_fault, words
from tests import cost


def found(entry: str, text: str) -> bool:
    return words((entry,)).found(spread(text)) == (entry,)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("casino", "The CASINO, of course."),
        ("casino", "casino"),
        ("Casino", "a casino"),
        ("buy now", "Buy\n\n now!"),
        ("strasse", "Die Straße"),
        ("ﬁne", "fine"),
        ("cafe\u0301", "CAFÉ"),
        ("casino*", "two casinos"),
        ("casino*", "casino"),
        ("*casino", "an onlinecasino."),
        ("*casino*", "myonlinecasino24"),
        ("via*gra", "via123gra"),
        ("buy via*", "buy viagra"),
        ("c*s*no", "cassino"),
        ("example.org", "see https://example.org/x"),
        ("赌场", "在线赌场网站"),
        ("*赌场*", "赌场"),
        ("हिन्दी", "यह हिन्दी है"),
        ("💰", "money💰💰"),
        ("viagra", "vi\u00adagra"),
        ("viagra", "v\u200diagra"),
        ("viagra", "v\u034fi\u2060a\ufe0fg\u061cra"),
        ("viagra", "ｖｉ\u00adａｇｒａ"),
        ("vi\u00adagra", "viagra"),
        ("via*gra", "via\u200d123gra"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("می\u200cخواهم", "میخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("$$$", "$$$ fast"),
    ],
)
def test_a_word_matches(entry: str, text: str) -> None:
    assert word_fault(entry) is None
    assert found(entry, text)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("casino", "casinos"),
        ("casino", "occasion"),
        ("ass", "a classic assessment"),
        ("buy now", "buy it now"),
        ("casino*", "mycasino"),
        ("*casino", "casinos"),
        ("via*gra", "via gra"),
        ("c*t", "the cats in iron"),
        ("हिन", "हिन्दी"),
        ("example.org", "example org"),
    ],
)
def test_another_word_does_not(entry: str, text: str) -> None:
    assert not found(entry, text)


@pytest.mark.parametrize("entry", ["*", "**", "  ", "* *", "x" * 101])
def test_an_entry_that_says_nothing_is_a_fault(entry: str) -> None:
    assert word_fault(entry)


@pytest.mark.parametrize(
    "entry", ["(", "a(?=b)", r"(a)\1", "[a", "*", "x*", "", "a{1001}", "((a{100}){100}){100}", "x" * 301]
)
def test_a_pattern_that_cannot_be_used_is_a_fault(entry: str) -> None:
    assert pattern_fault(entry)


@pytest.mark.parametrize("entry", ["(a+)+$", r"^https?://\S+$", "casino|poker", r"\p{Cyrillic}{20}", "(?s)a.*b"])
def test_a_pattern_that_can_be_used_is_none(entry: str) -> None:
    assert pattern_fault(entry) is None


def test_a_fault_names_the_pattern_and_what_is_wrong() -> None:
    assert pattern_fault("buy(") == "“buy(” is no pattern that can be used: missing ): buy(."


def test_patterns_do_not_look_at_the_case() -> None:
    assert patterns(("casino",)).found("CASINO") == ("casino",)


@pytest.mark.parametrize("text", ["ca\u00adsino", "ca\u200dsino", "ｃａｓｉｎｏ", "ＣＡ\u00adＳＩＮＯ"])
def test_patterns_look_at_the_text_as_it_is_folded_too(text: str) -> None:
    assert patterns(("casino",)).found(text) == ("casino",)


@pytest.mark.parametrize(("entry", "text"), [("\u00ad", "ca\u00adsino"), ("ｃａ", "ｃａ"), ("ß", "Straße")])
def test_patterns_look_at_the_text_as_it_stands(entry: str, text: str) -> None:
    assert patterns((entry,)).found(text) == (entry,)


def test_what_would_take_a_backtracking_engine_for_ever_is_answered() -> None:
    assert patterns((r"(a+)+$", r"(a|aa)+$", r"(.*a){20}$")).found("a" * 10_000 + "b") == ()


LETTERS = st.text(alphabet="abAB *ßéहि赌$.", min_size=1, max_size=30)


@given(st.lists(st.text(alphabet="abß", min_size=1, max_size=8), min_size=1, max_size=8), st.data())
def test_every_word_of_a_text_is_found_in_it_and_in_capitals(text: list[str], data: Any) -> None:
    word = data.draw(st.sampled_from(text))
    assert found(word, " ".join(text))
    assert found(word, ", ".join(text).upper())
    assert found(f"{word[:1]}*", " ".join(text))


@given(
    st.lists(st.text(alphabet="ab", min_size=1, max_size=6), max_size=8), st.text(alphabet="ab", min_size=1, max_size=6)
)
def test_a_word_is_found_exactly_where_it_stands_alone(text: list[str], word: str) -> None:
    assert found(word, " ".join(text)) == (word in text)


@given(
    st.lists(st.text(alphabet="ab", min_size=1, max_size=6), max_size=6),
    st.text(alphabet="ab*", min_size=1, max_size=6),
)
def test_a_star_means_any_letters_of_one_word(text: list[str], entry: str) -> None:
    import re

    if word_fault(entry):
        return
    expected = re.compile(entry.replace("*", "[ab]*"))
    assert found(entry, " ".join(text)) == any(expected.fullmatch(word) for word in text)


@given(LETTERS, LETTERS)
def test_no_entry_and_no_text_is_an_error(entry: str, text: str) -> None:
    if word_fault(entry) is None:
        words((entry,)).found(spread(text))


@given(st.text(max_size=40))
def test_a_pattern_is_either_a_fault_or_can_be_asked(entry: str) -> None:
    if pattern_fault(entry) is None:
        patterns((entry,)).found("A fine clock.")


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_full_list_asks_an_expression_only_where_its_piece_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counting:
        def __init__(self, expression: str) -> None:
            self.expression = expression

        def search(self, text: str) -> bool:
            asked.append(self.expression)
            return False

    monkeypatch.setattr(lists, "compiled", Counting)
    full = lists.Words([f"word{place}*{'x' * 80}" for place in range(lists.WORDS)])
    assert full.found(spread("A fine clock. " * 700)) == ()
    assert asked == []
    assert full.found(spread(f"word7 {'x' * 80} word7y{'x' * 80}")) == ()
    assert 0 < len(asked) <= lists.WORDS


@pytest.mark.parametrize(
    ("before", "entry", "text"),
    [
        (r"\Qa|b", "casino", "a casino"),
        (r"(?P<same>x)y", r"(?P<same>c)asino", "a casino"),
        (r"(?s)a.b", "i.c|si", "casi\nco"),
        (r"\p{L}{20}\p{L}{20}", r"\p{L}{40}casino", f"{'я' * 40}casino"),
        ("a|b", "^$|casino", "casino"),
    ],
)
def test_patterns_that_are_asked_together_match_as_each_does_alone(before: str, entry: str, text: str) -> None:
    entries = (before, entry)
    assert patterns(entries).found(text) == tuple(each for each in entries if patterns((each,)).found(text))
    assert entry in patterns(entries).found(text)


@given(st.lists(LETTERS, min_size=1, max_size=30), LETTERS)
def test_a_list_finds_what_its_entries_find(entries: list[str], text: str) -> None:
    good = tuple(dict.fromkeys(entry for entry in entries if word_fault(entry) is None))
    assert words(good).found(spread(text)) == tuple(each for each in good if found(each, text))[:5]
    good = tuple(dict.fromkeys(entry for entry in entries if pattern_fault(entry) is None))
    assert patterns(good).found(text) == tuple(each for each in good if patterns((each,)).found(text))[:5]


def test_full_lists_cost_a_comment_next_to_nothing() -> None:
    text = "The clocks of this town are wound by hand, every Sunday. " * 20
    known = words(tuple(f"{place}{'ж' * 90}{place}" for place in range(lists.WORDS)))
    full = patterns(tuple(f"pat{place}tern" for place in range(lists.PATTERNS)))

    def twenty_comments() -> None:
        for _ in range(20):
            assert known.found(spread(text)) == full.found(text) == ()

    # looks one by one cost twice that
    assert cost.of(twenty_comments, enough=1.5) < 1.5


def test_no_more_matches_are_named_than_somebody_reads() -> None:
    entries = tuple(f"word{place}" for place in range(50))
    assert len(words(entries).found(spread(" ".join(entries)))) == 5
    assert len(patterns(entries).found(" ".join(entries))) == 5
