"""The filter's arithmetic: what must hold whatever was taught."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.policy.spam import HOLD_AT, MARK_AT, bayes
from service.policy.spam.bayes import ENOUGH, NONE, Count
from service.policy.spam.tokens import Facts, tokens
from tests.unit.policy.spam.streams import Pupil, stream, taught

SPAM = Facts("Please visit my page and win a free clock https://win.example/now")


def test_a_small_stream_is_told_apart() -> None:
    pupil = taught()
    judged = [(pupil.judges(facts).probability >= HOLD_AT, is_spam) for facts, is_spam in stream(2, 300)]
    spam = [held for held, is_spam in judged if is_spam]
    good = [held for held, is_spam in judged if not is_spam]
    assert sum(spam) / len(spam) > 0.95
    assert sum(good) / len(good) < 0.02


@pytest.mark.parametrize(("good", "spam"), [(0, 0), (ENOUGH - 1, 100), (100, ENOUGH - 1)])
def test_before_enough_lessons_of_each_kind_nothing_is_said(good: int, spam: int) -> None:
    pupil = Pupil()
    for is_spam, number in ((False, good), (True, spam)):
        for _ in range(number):
            pupil.learns(SPAM, is_spam)
    score = pupil.judges(SPAM)
    assert (score.ready, score.probability, score.signs, score.taught) == (False, 0.0, (), good + spam)


def test_a_token_that_was_never_seen_says_nothing() -> None:
    pupil = taught()
    known = ("w:cheap", "w:clock")
    strange = (*known, "w:qwertz", "b:qwertz asdf", "c:qwer", "n:nobody")
    assert bayes.classify(known, pupil.counts, pupil.totals) == bayes.classify(strange, pupil.counts, pupil.totals)


def test_a_comment_of_strange_tokens_is_not_held() -> None:
    pupil = taught()
    assert bayes.classify(("w:qwertz",), pupil.counts, pupil.totals).probability < HOLD_AT


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 5), which=st.integers(0, 79))
def test_teaching_the_same_spam_again_raises_its_probability(seed: int, which: int) -> None:
    pupil = taught(seed)
    facts, _ = stream(seed, 80)[which]
    before = pupil.judges(facts).probability
    for _ in range(3):
        pupil.learns(facts, True)
        after = pupil.judges(facts).probability
        assert after >= before
        before = after


def test_a_wrong_judgement_is_put_right_by_few_lessons() -> None:
    pupil = taught()
    facts = Facts("Visit my page, please: it has a free map of the old station.")
    assert pupil.judges(facts).probability >= HOLD_AT
    for _ in range(3):
        pupil.learns(facts, False)
    assert pupil.judges(facts).probability < HOLD_AT


def test_the_signs_name_what_is_really_there_and_where_it_was_seen() -> None:
    pupil = taught()
    score = pupil.judges(SPAM)
    there = set(tokens(SPAM))
    assert score.decisive
    assert all(sign.token in there and sign.count == pupil.counts[sign.token] for sign in score.decisive)
    weights = [abs(weight) for _, weight in score.signs]
    assert weights == sorted(weights, reverse=True)
    count = pupil.counts["b:win a"]
    sign = bayes.Sign("b:win a", 1.0, count)
    assert bayes.sentence(sign) == f"the words “win a” ({count.spam} of {count.good + count.spam} were spam)"


def test_a_lesson_the_filter_was_wrong_about_is_hard_and_an_easy_one_is_not() -> None:
    pupil = taught()
    found = tokens(SPAM)
    assert bayes.is_hard(found, pupil.counts, pupil.totals, is_spam=False)
    assert not bayes.is_hard(found, pupil.counts, pupil.totals, is_spam=True)
    assert not bayes.is_hard(found, {}, NONE, is_spam=True)


def test_a_count_never_falls_below_nothing() -> None:
    assert Count(1, 0, 0, 0).plus(Count(2, 1, 1, 1), -1) == NONE


def test_probabilities_stay_within_bounds_at_any_size() -> None:
    many = Count(10**8, 10**8, 10**8, 10**8)
    found = tuple(f"w:{number}" for number in range(400))
    for count in (Count(good=10**8), Count(spam=10**8)):
        assert 0 <= bayes.classify(found, dict.fromkeys(found, count), many).probability <= 1


def test_marking_asks_for_more_than_holding() -> None:
    assert 0 < HOLD_AT < MARK_AT < 1
