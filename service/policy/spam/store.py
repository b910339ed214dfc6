"""This room's SQL: what the filter knows of tokens, and what it was taught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.models import SpamLesson, SpamWord
from service.policy.spam.bayes import NONE, Count

#: the token under which whole comments are counted
ALL = ""
#: values in one IN list, well below every engine's bound; a comment's tokens and ALL fit into one
_AT_ONCE = 500
#: rows written at once
_ROWS = 5_000
#: how often a token was seen that is forgotten first, then, then
_RARE = (1, 3, 10)
_COUNTS = (SpamWord.good, SpamWord.spam, SpamWord.hard_good, SpamWord.hard_spam)
_EMPTY = (SpamWord.good == 0, SpamWord.spam == 0)


def known(connection: Connection, tokens: Sequence[str]) -> tuple[dict[str, Count], Count]:
    """Return the counts of those tokens that are known, and the count of all comments."""
    asked = [ALL, *tokens]
    found: dict[str, Count] = {}
    for start in range(0, len(asked), _AT_ONCE):
        rows = select(SpamWord.word, *_COUNTS).where(SpamWord.word.in_(asked[start : start + _AT_ONCE]))
        found |= {str(row[0]): Count(*row[1:]) for row in connection.execute(rows)}
    totals = found.pop(ALL, NONE)
    return found, totals


def add(connection: Connection, counts: Mapping[str, Count], last: int) -> None:
    """Add to the counts of tokens, known or not."""
    # in one order always, so that two transactions never wait for each other
    words = sorted(counts)
    put: Any = sqlite.insert(SpamWord) if connection.dialect.name == "sqlite" else postgresql.insert(SpamWord)
    new = put.excluded
    columns = ("good", "spam", "hard_good", "hard_spam")
    changed = {name: getattr(SpamWord, name) + getattr(new, name) for name in columns} | {"last": new.last}
    put = put.on_conflict_do_update(index_elements=[SpamWord.word], set_=changed)
    for start in range(0, len(words), _ROWS):
        connection.execute(put, [_row(word, counts[word], last) for word in words[start : start + _ROWS]])


def take(connection: Connection, tokens: Sequence[str], count: Count) -> None:
    """Take the same off the counts of tokens, and forget those of which nothing is left."""
    less = {
        "good": _less(SpamWord.good, count.good),
        "spam": _less(SpamWord.spam, count.spam),
        "hard_good": _less(SpamWord.hard_good, count.hard_good),
        "hard_spam": _less(SpamWord.hard_spam, count.hard_spam),
    }
    asked = sorted([ALL, *tokens])
    for start in range(0, len(asked), _AT_ONCE):
        these = SpamWord.word.in_(asked[start : start + _AT_ONCE])
        connection.execute(update(SpamWord).where(these).values(less))
        connection.execute(delete(SpamWord).where(these, *_EMPTY))


def _less(column: Any, number: int) -> Any:
    # a token may have been forgotten and learnt anew meanwhile: never below nothing
    return case((column > number, column - number), else_=0)


def _row(word: str, count: Count, last: int) -> dict[str, Any]:
    return {"word": word, "last": last} | asdict(count)


def lesson_of(connection: Connection, comment_id: int) -> tuple[bool, bool] | None:
    """Return whether a comment was taught as spam and whether that was hard, None if it was not taught."""
    row = connection.execute(
        select(SpamLesson.spam, SpamLesson.hard).where(SpamLesson.comment_id == comment_id)
    ).first()
    return None if row is None else (row.spam, row.hard)


def add_lesson(connection: Connection, comment_id: int, spam: bool, hard: bool, now: datetime) -> None:
    """Note what was taught of a comment."""
    connection.execute(insert(SpamLesson).values(comment_id=comment_id, spam=spam, hard=hard, at=now))


def remove_lesson(connection: Connection, comment_id: int) -> None:
    """Forget that a comment was taught."""
    connection.execute(delete(SpamLesson).where(SpamLesson.comment_id == comment_id))


def size(connection: Connection) -> int:
    """Return how many tokens are known."""
    counted = select(func.count()).select_from(SpamWord).where(SpamWord.word != ALL)
    return int(connection.execute(counted).scalar_one())


def prune(connection: Connection, most: int, before: int) -> None:
    """Forget tokens that no lesson from number `before` on has touched, the rarest first, until `most` are left."""
    for seen in _RARE:
        if (beyond := size(connection) - most) <= 0:
            return
        old = select(SpamWord.word).where(
            SpamWord.good + SpamWord.spam <= seen, SpamWord.last < before, SpamWord.word != ALL
        )
        connection.execute(delete(SpamWord).where(SpamWord.word.in_(old.limit(beyond).scalar_subquery())))


def every(connection: Connection) -> Iterator[tuple[str, Count]]:
    """Yield all tokens and their counts, the count of all comments first."""
    rows = select(SpamWord.word, *_COUNTS).order_by(SpamWord.word).execution_options(yield_per=1000)
    for row in connection.execute(rows):
        yield str(row[0]), Count(*row[1:])


def clear(connection: Connection) -> None:
    """Forget everything."""
    connection.execute(delete(SpamLesson))
    connection.execute(delete(SpamWord))
