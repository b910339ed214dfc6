"""The filter's memory: lessons are taken back exactly, it can be carried elsewhere, and forgets when told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import database
from service.errors import Malformed, Unavailable
from service.people.audit import COMMAND_LINE
from service.policy import spam
from service.policy.spam import Facts, store
from tests.conftest import NOW, fill, statements, stored
from tests.unit.policy.spam.streams import stream, taught


def teach(comment_id: int, facts: Facts, is_spam: bool) -> None:
    """Teach in a transaction of its own."""
    with database.write() as connection:
        spam.teach(connection, comment_id, facts, is_spam, NOW)


def teach_stream(length: int = 60, seed: int = 1) -> list[tuple[int, Facts, bool]]:
    """Teach a stream and return it with the ids of its comments."""
    lessons = [(i, *each) for i, each in zip(fill(length), stream(seed, length), strict=True)]
    for lesson in lessons:
        teach(*lesson)
    return lessons


def score(facts: Facts) -> spam.Score:
    """Return the score of a comment."""
    with database.read() as connection:
        return spam.score(connection, lambda: facts)


def counts() -> dict[str, tuple[int, ...]]:
    """Return all counts."""
    names = ("good", "spam", "hard_good", "hard_spam")
    return {row["word"]: tuple(row[name] for name in names) for row in stored("spam_words")}


def log() -> list[dict[str, Any]]:
    """Return the audit entries about the filter."""
    return [entry for entry in stored("audit") if entry["verb"].startswith("spam.")]


def test_the_database_counts_as_memory_does(app: Flask) -> None:
    teach_stream()
    pupil = taught(1, 60)
    known = {word: (c.good, c.spam, c.hard_good, c.hard_spam) for word, c in pupil.counts.items()}
    totals = pupil.totals
    known[""] = (totals.good, totals.spam, totals.hard_good, totals.hard_spam)
    assert counts() == known
    for facts, _ in stream(2, 10):
        assert score(facts) == pupil.judges(facts)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_taught_and_taken_back_leaves_no_trace(app: Flask, data: st.DataObject) -> None:
    spam.reset(COMMAND_LINE, NOW)
    teach_stream(30, seed=data.draw(st.integers(0, 3)))
    before = counts()
    text, name = st.text(max_size=80), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    drawn = [
        (i, Facts(data.draw(text), data.draw(name)), data.draw(st.booleans()))
        for i in fill(data.draw(st.integers(1, 4)))
    ]
    for lesson in drawn:
        teach(*lesson)
    assert counts() != before
    for comment_id, facts, _ in data.draw(st.permutations(drawn)):
        with database.write() as connection:
            assert spam.unteach(connection, comment_id, facts)
            assert not spam.unteach(connection, comment_id, facts)
    assert counts() == before


def test_another_decision_takes_the_former_back_and_the_same_one_adds_nothing(app: Flask) -> None:
    (comment_id,) = fill(1)
    facts = Facts("A fine clock.")
    teach(comment_id, facts, True)
    teach(comment_id, facts, True)
    assert counts()["w:clock"] == (0, 1, 0, 0)
    teach(comment_id, facts, False)
    assert counts()["w:clock"] == (1, 0, 0, 0)
    assert counts()[""] == (1, 0, 0, 0)
    assert [row["spam"] for row in stored("spam_lessons")] == [0]


def test_a_score_is_two_queries_however_long_the_text_and_one_before_anything_was_taught(app: Flask) -> None:
    long = Facts(" ".join(f"word{number} https://a{number}.example/" for number in range(900)), "A B C D E F")
    with statements() as sent:
        assert not score(long).ready
    assert len(sent) == 1
    teach_stream()
    with statements() as sent:
        assert score(long).ready
    assert len(sent) == 2


def test_a_lesson_is_rolled_back_with_the_decision(app: Flask) -> None:
    (comment_id,) = fill(1)
    with pytest.raises(Unavailable), database.write() as connection:  # noqa: PT012
        spam.teach(connection, comment_id, Facts("A clock."), True, NOW)
        store.add_lessons(connection, {comment_id: (True, False)}, NOW)  # the rest of the transaction fails
    assert counts() == {}
    assert stored("spam_lessons") == []


def test_reset_forgets_everything_and_is_in_the_audit_log(app: Flask) -> None:
    teach_stream()
    before = spam.status()
    assert (before.good + before.spam, before.ready) == (60, True)
    assert spam.reset(COMMAND_LINE, NOW) == before
    assert spam.status() == spam.Status(0, 0, 0, False)
    assert stored("spam_lessons") == []
    (entry,) = log()
    assert (entry["verb"], entry["actor"]) == ("spam.reset", COMMAND_LINE.name)
    assert json.loads(entry["details"])["words"] == before.words


def test_what_is_exported_can_be_read_elsewhere(app: Flask) -> None:
    teach_stream()
    before, lines = counts(), list(spam.export())
    spam.reset(COMMAND_LINE, NOW)
    known = spam.load(lines, COMMAND_LINE, NOW)
    assert counts() == before
    assert known == spam.status()
    assert list(spam.export()) == lines
    assert [entry["verb"] for entry in log()] == ["spam.reset", "spam.load"]


def test_an_import_adds_to_what_is_known_or_replaces_it(app: Flask) -> None:
    lessons = teach_stream()
    before, lines = counts(), list(spam.export())
    spam.load(lines, COMMAND_LINE, NOW)
    assert counts() == {word: tuple(2 * each for each in count) for word, count in before.items()}
    spam.load(lines, COMMAND_LINE, NOW, replace=True)
    assert counts() == before
    with database.write() as connection:
        assert not spam.unteach(connection, lessons[0][0], lessons[0][1])


def test_an_empty_filter_can_be_exported_and_read(app: Flask) -> None:
    assert spam.load(list(spam.export()), COMMAND_LINE, NOW).words == 0


def _changed(place: int, field: int, value: Any) -> Any:
    def change(lines: list[str]) -> list[str]:
        parsed = json.loads(lines[place])
        parsed[field] = value
        return [*lines[:place], json.dumps(parsed), *lines[place + 1 :]]

    return change


_DAMAGES: dict[str, Any] = {
    "empty": lambda lines: [],
    "no head": lambda lines: lines[1:],
    "another head": lambda lines: ['{"format": "mail"}', *lines[1:]],
    "another version": lambda lines: [lines[0].replace('"version": 1', '"version": 99'), *lines[1:]],
    "cut off": lambda lines: lines[:-3],
    "a line cut": lambda lines: [*lines[:-1], lines[-1][:-4]],
    "a line twice": lambda lines: [*lines, lines[-1]],
    "a line too many": lambda lines: [*lines, '["w:zzzzz", 1, 0, 0, 0]'],
    "no totals": lambda lines: [lines[0], *lines[2:], '["w:zzzzz", 1, 0, 0, 0]'],
    "not JSON": lambda lines: [*lines[:5], "<html>", *lines[6:]],
    "deep JSON": lambda lines: [*lines[:5], "[" * 1900, *lines[6:]],
    "negative": _changed(5, 1, -1),
    "a fraction": _changed(5, 1, 0.5),
    "true": _changed(5, 1, True),
    "huge": _changed(5, 1, 10**12),
    "more than were taught": _changed(5, 1, 10**6),
    "harder than taught": _changed(5, 3, 10**6),
    "no such kind": _changed(5, 0, "z:word"),
    "a long token": _changed(5, 0, "w:" + "x" * 90),
    "NUL": _changed(5, 0, "w:\x00"),
    "half a surrogate": _changed(5, 0, "w:\ud800"),
}


@pytest.mark.parametrize("damage", _DAMAGES.values(), ids=_DAMAGES.keys())
@pytest.mark.parametrize("replace", [False, True])
def test_an_import_of_a_damaged_file_changes_nothing(app: Flask, damage: Any, replace: bool) -> None:
    for comment_id, (facts, is_spam) in zip(fill(3), stream(1, 3), strict=True):
        teach(comment_id, facts, is_spam)
    before, lessons = counts(), stored("spam_lessons")
    with pytest.raises(Malformed):
        spam.load(damage(list(spam.export())), COMMAND_LINE, NOW, replace=replace)
    assert counts() == before
    assert stored("spam_lessons") == lessons
    assert log() == []


def test_of_too_many_tokens_the_rare_and_old_are_forgotten(app: Flask) -> None:
    teach_stream(20)
    with database.write() as connection:
        most = store.size(connection) // 2
        spread = max(counts().items(), key=lambda item: sum(item[1][:2]) if item[0] else 0)[0]
        store.prune(connection, most, before=1)
        assert store.size(connection) > most  # none of them is old yet
        store.prune(connection, most, before=21)
        assert store.size(connection) == most
    assert {"", spread} <= set(counts())
    assert counts()[""] == (*counts()[""][:2], 0, counts()[""][3])


def test_the_table_stays_bounded_as_lessons_go_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spam, "MOST_WORDS", 300)
    monkeypatch.setattr(spam, "_LOOK_EVERY", 10)
    monkeypatch.setattr(spam, "_KEPT", 0)
    teach_stream(40)
    assert spam.status().words <= 300
