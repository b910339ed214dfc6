"""Many lessons at once: the outcome is that of one after the other, the work a fraction of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import database
from service.people.audit import COMMAND_LINE
from service.policy import spam
from service.policy.spam import Facts, Lesson
from tests.conftest import NOW, fill, statements, stored

WORDS = ("clock", "right", "twice", "buy", "cheap", "pills", "now", "https://pills.example/")


def learns(lessons: list[Lesson], at_once: int) -> None:
    """Teach lessons, so many in a transaction."""
    for start in range(0, len(lessons), at_once):
        with database.write() as connection:
            spam.teach_all(connection, lessons[start : start + at_once], NOW)


def tables() -> list[Any]:
    """Return all that the filter keeps."""
    words = sorted(tuple(row.values()) for row in stored("spam_words"))
    return [words, sorted(tuple(row.values()) for row in stored("spam_lessons"))]


@pytest.mark.parametrize("most", [spam.MOST_WORDS, 60], ids=["all words kept", "words forgotten"])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_many_at_once_leave_what_one_after_the_other_leaves(
    app: Flask, monkeypatch: pytest.MonkeyPatch, most: int, data: st.DataObject
) -> None:
    monkeypatch.setattr(spam, "MOST_WORDS", most)
    monkeypatch.setattr(spam, "_LOOK_EVERY", 4)
    monkeypatch.setattr(spam, "_KEPT", 6)
    ids = fill(30)
    said = [data.draw(st.lists(st.sampled_from(WORDS), max_size=6)) for _ in ids]
    tokens = [spam.tokens_of(Facts(" ".join(words))) for words in said]
    told = data.draw(st.lists(st.tuples(st.integers(0, 29), st.sampled_from([True, False, None])), min_size=20))
    first = [Lesson(each, tokens[place], place % 2 == 0) for place, each in enumerate(ids)]
    lessons = first + [Lesson(ids[place], tokens[place], is_spam) for place, is_spam in told]
    left = []
    for at_once in (1, data.draw(st.integers(2, 90))):
        spam.reset(COMMAND_LINE, NOW)
        learns(lessons, at_once)
        left.append(tables())
    assert left[0] == left[1]
    learns([Lesson(each, tokens[place], None) for place, each in enumerate(ids)], 30)
    assert stored("spam_lessons") == []
    if most > 60:  # what was forgotten and learnt anew meanwhile cannot be taken back to nothing
        assert stored("spam_words") == []


def test_what_was_taught_a_moment_ago_decides_what_is_hard(app: Flask) -> None:
    told = [("The clock is right.", False), ("Buy cheap pills now!", True)] * 12 + [("The clock is right.", True)]
    lessons = [
        Lesson(each, spam.tokens_of(Facts(said)), is_spam)
        for each, (said, is_spam) in zip(fill(len(told)), told, strict=True)
    ]
    learns(lessons, len(lessons))
    assert [row["hard"] for row in stored("spam_lessons")][-2:] == [0, 1]


def test_fifty_lessons_ask_the_database_once_what_it_knows(app: Flask) -> None:
    lessons = [
        Lesson(each, spam.tokens_of(Facts("The clock is right.", f"Ann {place}")), True)
        for place, each in enumerate(fill(49))
    ]
    with statements() as sent:
        learns(lessons, 49)
    asked = [each for each in sent if each.startswith("SELECT")]
    assert len(asked) <= 3, asked  # what was taught of them, the row that locks, what is known
