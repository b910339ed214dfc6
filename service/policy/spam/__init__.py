"""The spam filter: it learns from this service's own decisions, says why, and never deletes.

Whoever judges a comment calls `score`; whoever decides on one calls `teach`, with the same facts, in the transaction of
the decision. The filter is one for all sites of a service. It keeps counts of tokens, never a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service import database
from service.people import audit
from service.people.audit import Actor
from service.policy.spam import bayes, portable, store
from service.policy.spam.bayes import ENOUGH, HOLD_AT, MARK_AT, Score, Sign
from service.policy.spam.slate import Slate
from service.policy.spam.tokens import Facts, facts_of
from service.policy.spam.tokens import tokens as tokens_of

__all__ = [
    "ENOUGH",
    "HOLD_AT",
    "MARK_AT",
    "MEDIA",
    "Facts",
    "Lesson",
    "Score",
    "Sign",
    "Status",
    "export",
    "facts_of",
    "load",
    "reset",
    "score",
    "status",
    "teach",
    "teach_all",
    "tokens_of",
    "unteach",
    "was_taught",
]

#: what an export is, for the web: lines of JSON
MEDIA = "application/x-ndjson"
#: tokens kept at most; about 100 MB
MOST_WORDS = 500_000
#: how many lessons may pass until the table is looked at again
_LOOK_EVERY = 50
#: how many lessons a token stays in any case
_KEPT = 500


@dataclass(frozen=True)
class Status:
    """What the filter knows: lessons of each kind, tokens, and whether those are enough to judge."""

    good: int
    spam: int
    words: int
    ready: bool


@dataclass(frozen=True)
class Lesson:
    """What a decision says of a comment, whose tokens are made before any lock; None takes back what was taught."""

    comment_id: int
    tokens: tuple[str, ...]
    is_spam: bool | None


def score(connection: Connection, facts: Callable[[], Facts]) -> Score:
    """Return how likely spam a comment is, and why; its facts are made only if there is something to hold against."""
    _, totals = store.known(connection, ())
    if not bayes.is_ready(totals):
        return bayes.classify((), {}, totals)  # it would not judge, whatever the tokens are
    found = tokens_of(facts())
    return bayes.classify(found, *store.known(connection, found))


def teach(connection: Connection, comment_id: int, facts: Facts, is_spam: bool, now: datetime) -> None:
    """Learn a decision on a comment; what was taught of it before is taken back first."""
    teach_all(connection, [Lesson(comment_id, tokens_of(facts), is_spam)], now)


def teach_all(connection: Connection, lessons: Sequence[Lesson], now: datetime) -> None:
    """Learn decisions on comments, with the outcome of teaching one after the other, at a fraction of its cost."""
    before = store.lessons_of(connection, [lesson.comment_id for lesson in lessons])
    after = dict(before)
    slate = Slate(connection, (token for lesson in lessons for token in lesson.tokens))
    for lesson in lessons:
        former = after.get(lesson.comment_id)
        if lesson.is_spam == (former[0] if former else None):
            continue
        if former is not None:
            slate.take(lesson.tokens, bayes.lesson(*after.pop(lesson.comment_id)))
        if lesson.is_spam is not None:
            hard = bayes.is_hard(lesson.tokens, slate.counts, slate.totals, lesson.is_spam)
            after[lesson.comment_id] = (lesson.is_spam, hard)
            number = slate.add(lesson.tokens, bayes.lesson(lesson.is_spam, hard))
            if number % _LOOK_EVERY == 0:
                slate.prune(MOST_WORDS, number - _KEPT)
    slate.write()
    store.remove_lessons(connection, [each for each in before if after.get(each) != before[each]])
    store.add_lessons(connection, {each: after[each] for each in after if after[each] != before.get(each)}, now)


def unteach(connection: Connection, comment_id: int, facts: Facts) -> bool:
    """Take back what was taught of a comment, whose facts are still those of the lesson.

    Returns whether anything was taught. To be called before a comment's text changes: what a lesson has added is found
    by the text alone.
    """
    former = store.lessons_of(connection, [comment_id])
    for lesson in former.values():
        found = tokens_of(facts)
        slate = Slate(connection, found)
        slate.take(found, bayes.lesson(*lesson))
        slate.write()
        store.remove_lessons(connection, [comment_id])
    return bool(former)


def settle(connection: Connection, comment_id: int) -> None:
    """Let what was taught of a comment stay for good: its text goes, and without it no lesson can be taken back."""
    store.remove_lessons(connection, [comment_id])


def was_taught(connection: Connection, comment_id: int) -> bool:
    """Tell whether anything was taught of a comment."""
    return bool(store.lessons_of(connection, [comment_id]))


def status() -> Status:
    """Return what the filter knows."""
    with database.read() as connection:
        return _status(connection)


def _status(connection: Connection) -> Status:
    _, totals = store.known(connection, ())
    return Status(totals.good, totals.spam, store.size(connection), bayes.is_ready(totals))


def reset(actor: Actor, now: datetime) -> Status:
    """Forget everything that was learnt; returns what that was."""
    with database.write() as connection:
        before = _status(connection)
        store.clear(connection)
        _record(connection, actor, "spam.reset", now, before)
    return before


def export() -> Iterator[str]:
    """Yield all that was learnt as lines of JSON, for load() here or elsewhere."""
    with database.read() as connection:
        # all of it before the first goes out: who reads slowly keeps no transaction open
        lines = list(portable.written(store.size(connection), store.every(connection)))
    yield from lines


def load(lines: Iterable[str], actor: Actor, now: datetime, *, replace: bool = False) -> Status:
    """Add what export() wrote to what is known, or put it in its place; returns what is known then.

    What is replaced cannot be taken back lesson by lesson any more. Raises Malformed, with nothing changed, when
    anything about the lines is not as export() writes it.
    """
    counts = portable.read(lines, MOST_WORDS)
    with database.write() as connection:
        if replace:
            store.clear(connection)
        _, totals = store.known(connection, ())
        added = counts.get(store.ALL, bayes.NONE)
        number = totals.good + totals.spam + added.good + added.spam
        store.add(connection, counts, dict.fromkeys(counts, number))
        store.prune(connection, MOST_WORDS, number)
        after = _status(connection)
        _record(connection, actor, "spam.replace" if replace else "spam.load", now, after)
    return after


def _record(connection: Connection, actor: Actor, verb: str, now: datetime, about: Status) -> None:
    details = {"good": about.good, "spam": about.spam, "words": about.words}
    audit.record(connection, actor, verb, now, subject="spam filter", details=details)
