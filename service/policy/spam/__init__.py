"""The spam filter: it learns from this service's own decisions, says why, and never deletes.

Whoever judges a comment calls `score`; whoever decides on one calls `teach`, with the same facts, in the transaction of
the decision. The filter is one for all sites of a service. It keeps counts of tokens, never a comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service import database
from service.people import audit
from service.people.audit import Actor
from service.policy.spam import bayes, portable, store
from service.policy.spam.bayes import ENOUGH, HOLD_AT, MARK_AT, Score, Sign
from service.policy.spam.tokens import Facts, facts_of
from service.policy.spam.tokens import tokens as tokens_of

__all__ = [
    "ENOUGH",
    "HOLD_AT",
    "MARK_AT",
    "MEDIA",
    "Facts",
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


def score(connection: Connection, facts: Facts) -> Score:
    """Return how likely spam a comment is, and why."""
    found = tokens_of(facts)
    return bayes.classify(found, *store.known(connection, found))


def teach(connection: Connection, comment_id: int, facts: Facts, is_spam: bool, now: datetime) -> None:
    """Learn a decision on a comment; what was taught of it before is taken back first."""
    former = store.lesson_of(connection, comment_id)
    if former is not None and former[0] == is_spam:
        return
    unteach(connection, comment_id, facts)
    found = tokens_of(facts)
    counts, totals = store.known(connection, found)
    hard = bayes.is_hard(found, counts, totals, is_spam)
    number = totals.good + totals.spam + 1
    store.add(connection, dict.fromkeys((store.ALL, *found), bayes.lesson(is_spam, hard)), number)
    store.add_lesson(connection, comment_id, is_spam, hard, now)
    if number % _LOOK_EVERY == 0:
        store.prune(connection, MOST_WORDS, number - _KEPT)


def unteach(connection: Connection, comment_id: int, facts: Facts) -> bool:
    """Take back what was taught of a comment, whose facts are still those of the lesson.

    Returns whether anything was taught. To be called before a comment's text changes: what a lesson has added is found
    by the text alone.
    """
    former = store.lesson_of(connection, comment_id)
    if former is None:
        return False
    store.take(connection, tokens_of(facts), bayes.lesson(*former))
    store.remove_lesson(connection, comment_id)
    return True


def was_taught(connection: Connection, comment_id: int) -> bool:
    """Tell whether anything was taught of a comment."""
    return store.lesson_of(connection, comment_id) is not None


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
        yield from portable.written(store.size(connection), store.every(connection))


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
        store.add(connection, counts, number)
        store.prune(connection, MOST_WORDS, number)
        after = _status(connection)
        _record(connection, actor, "spam.replace" if replace else "spam.load", now, after)
    return after


def _record(connection: Connection, actor: Actor, verb: str, now: datetime, about: Status) -> None:
    details = {"good": about.good, "spam": about.spam, "words": about.words}
    audit.record(connection, actor, verb, now, subject="spam filter", details=details)
