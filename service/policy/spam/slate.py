"""Counts of tokens while lessons change them: read once, changed in memory, written once.

Lessons follow each other, each judged by what the ones before it have left: so they cannot be counted side by side, but
neither must each ask the database anew, with the write lock held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from service.policy.spam import store
from service.policy.spam.bayes import NONE, Count


class Slate:
    """What is known of some tokens, `counts`, and of all comments, `totals`, as the lessons so far have left it."""

    counts: dict[str, Count]
    totals: Count

    def __init__(self, connection: Connection, tokens: Iterable[str]) -> None:
        self._connection = connection
        self._tokens = tuple(dict.fromkeys(tokens))
        store.hold(connection)
        self._read()

    def _read(self) -> None:
        self._before, self._totals = store.known(self._connection, self._tokens)
        self.counts, self.totals = dict(self._before), self._totals
        self._last: dict[str, int] = {}

    def add(self, tokens: Sequence[str], lesson: Count) -> int:
        """Count a lesson, and return its number."""
        self.totals = self.totals.plus(lesson)
        number = self.totals.good + self.totals.spam
        for token in (store.ALL, *tokens):
            self._last[token] = number
        for token in tokens:
            self.counts[token] = self.counts.get(token, NONE).plus(lesson)
        return number

    def take(self, tokens: Sequence[str], lesson: Count) -> None:
        """Take a lesson back; of what was forgotten or learnt anew meanwhile, never more than there is."""
        self.totals = _left(self.totals, lesson)
        for token in tokens:
            left = _left(self.counts.get(token, NONE), lesson)
            if left != NONE:
                self.counts[token] = left
            elif token in self.counts:
                del self.counts[token]

    def prune(self, most: int, before: int) -> None:
        """Forget tokens as the store does, so that at most `most` stay."""
        if store.size(self._connection) + len(self.counts) - len(self._before) > most:
            self.write()
            store.prune(self._connection, most, before)
            self._read()

    def write(self) -> None:
        """Write what was changed."""
        before = self._before | {store.ALL: self._totals}
        after = self.counts | {store.ALL: self.totals}
        changed = {}
        for word, count in after.items():
            former = before.get(word, NONE)
            if word in self._last or count != former:
                changed[word] = count.minus(former) if former != NONE else count
        gone = [word for word, count in before.items() if count != NONE and after.get(word, NONE) == NONE]
        for word in gone:
            changed.pop(word, None)
        store.add(self._connection, changed, self._last)
        store.forget(self._connection, gone)


def _left(count: Count, lesson: Count) -> Count:
    left = count.plus(lesson, -1)
    return left if left.good or left.spam else NONE
