"""This room's SQL: what the filter knows of tokens, and what it was taught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from service import database
from service.models import SpamLesson, SpamWord
from service.policy.spam.bayes import NONE, Count

#: the token under which whole comments are counted
ALL = ""
#: values in one IN list, well below every engine's bound
_AT_ONCE = 500
#: rows written at once
_ROWS = 5_000
#: how often a token was seen that is forgotten first, then, then
_RARE = (1, 3, 10)
_COUNTS = (SpamWord.good, SpamWord.spam, SpamWord.hard_good, SpamWord.hard_spam)
_KNOWN = database.Prepared(select(SpamWord.word, *_COUNTS).where(database.is_one_of(SpamWord.word, "words")))


def known(connection: Connection, tokens: Sequence[str]) -> tuple[dict[str, Count], Count]:
    """Return the counts of those tokens that are known, and the count of all comments."""
    found = {str(row[0]): Count(*row[1:]) for row in _KNOWN.all(connection, {"words": [ALL, *tokens]})}
    totals = found.pop(ALL, NONE)
    return found, totals


def hold(connection: Connection) -> None:
    """Let no other transaction teach until this one ends; under SQLite none can anyhow.

    Nothing is there to be held before the very first lesson, and nothing to be taken back then either.
    """
    connection.execute(select(SpamWord.good).where(SpamWord.word == ALL).with_for_update())


def add(connection: Connection, counts: Mapping[str, Count], last: Mapping[str, int]) -> None:
    """Add to the counts of tokens, known or not; `last` is the lesson that touched them, where one did."""
    # in one order always, so that two transactions never wait for each other
    words = sorted(counts)
    put: Any = sqlite.insert(SpamWord) if connection.dialect.name == "sqlite" else postgresql.insert(SpamWord)
    new = put.excluded
    columns = ("good", "spam", "hard_good", "hard_spam")
    changed = {name: getattr(SpamWord, name) + getattr(new, name) for name in columns}
    changed["last"] = case((new.last > 0, new.last), else_=SpamWord.last)
    put = put.on_conflict_do_update(index_elements=[SpamWord.word], set_=changed)
    for start in range(0, len(words), _ROWS):
        part = words[start : start + _ROWS]
        connection.execute(put, [_row(word, counts[word], last.get(word, 0)) for word in part])


def forget(connection: Connection, words: Sequence[str]) -> None:
    """Forget tokens of which nothing is left."""
    words = sorted(words)
    for start in range(0, len(words), _AT_ONCE):
        connection.execute(delete(SpamWord).where(SpamWord.word.in_(words[start : start + _AT_ONCE])))


def _row(word: str, count: Count, last: int) -> dict[str, Any]:
    return {
        "word": word,
        "good": count.good,
        "spam": count.spam,
        "hard_good": count.hard_good,
        "hard_spam": count.hard_spam,
        "last": last,
    }


def lessons_of(connection: Connection, comment_ids: Sequence[int]) -> dict[int, tuple[bool, bool]]:
    """Return whether comments were taught as spam and whether that was hard; those not taught are absent."""
    found: dict[int, tuple[bool, bool]] = {}
    for start in range(0, len(comment_ids), _AT_ONCE):
        these = SpamLesson.comment_id.in_(comment_ids[start : start + _AT_ONCE])
        rows = connection.execute(select(SpamLesson.comment_id, SpamLesson.spam, SpamLesson.hard).where(these))
        found |= {row.comment_id: (row.spam, row.hard) for row in rows}
    return found


def add_lessons(connection: Connection, lessons: Mapping[int, tuple[bool, bool]], now: datetime) -> None:
    """Note what was taught of comments: whether as spam, and whether that was hard."""
    rows = [{"comment_id": each, "spam": spam, "hard": hard, "at": now} for each, (spam, hard) in lessons.items()]
    if rows:
        connection.execute(insert(SpamLesson), rows)


def remove_lessons(connection: Connection, comment_ids: Sequence[int]) -> None:
    """Forget that comments were taught."""
    for start in range(0, len(comment_ids), _AT_ONCE):
        these = SpamLesson.comment_id.in_(comment_ids[start : start + _AT_ONCE])
        connection.execute(delete(SpamLesson).where(these))


def size(connection: Connection) -> int:
    """Return how many tokens are known."""
    counted = select(func.count()).select_from(SpamWord).where(SpamWord.word != ALL)
    return int(connection.execute(counted).scalar_one())


def prune(connection: Connection, most: int, before: int) -> None:
    """Forget tokens that no lesson from number `before` on has touched, the rarest first, until `most` are left.

    Of those that are as rare as each other it is the longest untouched, so that it matters to nothing else in which
    order tokens have come into the table.
    """
    for seen in _RARE:
        if (beyond := size(connection) - most) <= 0:
            return
        old = select(SpamWord.word).where(
            SpamWord.good + SpamWord.spam <= seen, SpamWord.last < before, SpamWord.word != ALL
        )
        oldest = old.order_by(SpamWord.last, SpamWord.word).limit(beyond)
        connection.execute(delete(SpamWord).where(SpamWord.word.in_(oldest.scalar_subquery())))


def every(connection: Connection) -> Iterator[tuple[str, Count]]:
    """Yield all tokens and their counts, the count of all comments first."""
    rows = select(SpamWord.word, *_COUNTS).order_by(SpamWord.word).execution_options(yield_per=1000)
    for row in connection.execute(rows):
        yield str(row[0]), Count(*row[1:])


def clear(connection: Connection) -> None:
    """Forget everything."""
    connection.execute(delete(SpamLesson))
    connection.execute(delete(SpamWord))
