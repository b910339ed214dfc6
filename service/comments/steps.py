"""Many comments decided on in steps, each a transaction of its own: other writers, readers who post, get in between.

One transaction for five hundred would hold the only write lock for seconds. All steps are one batch, and undone as
one; where the database fails on the way, what was not reached is told with what was left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service import database, pages
from service.comments import decision_store, gate
from service.comments.gate import Writing
from service.database import AnyRow
from service.errors import StorageFull, Unavailable
from service.policy import spam

#: comments of one step: with long texts of rare words it has the lock for half a second
AT_ONCE = 25


@dataclass(frozen=True)
class Skipped:
    """A comment that was left as it is, and why: see REASONS."""

    id: int
    reason: str


#: why a comment is left as it is
REASONS = {
    "edited": "its text was changed since it was looked at",
    "decided": "it stands otherwise than when it was looked at, or something else was decided since",
    "withdrawn": "its author has deleted it",
    "erased": "its text is erased",
    "gone": "it is not there any more",
    "busy": "the database could not be written any more when its turn came",
}


@dataclass
class Done:
    """What came of the steps so far."""

    changed: list[int] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


class Step:
    """One transaction, and what the spam filter is told at its end."""

    def __init__(self, read: Iterable[AnyRow]) -> None:
        self._read = {row.id: (_said(row), _tokens(row)) for row in read}
        self.lessons: list[spam.Lesson] = []

    def teach(self, row: AnyRow, is_spam: bool | None) -> None:
        """Tell the filter what a comment is; None takes back what it was told."""
        if is_spam is not None and not row.html:
            return  # of what was erased there is nothing to learn
        said, tokens = self._read.get(row.id, (None, ()))
        self.lessons.append(spam.Lesson(row.id, tokens if said == _said(row) else _tokens(row), is_spam))


#: does something to a comment and returns whether anything changed, or why it left the comment alone
Act = Callable[[Step, Writing, AnyRow], str | bool]


def each(comment_ids: Sequence[int], now: datetime, act: Act, learns: bool) -> Done:
    """Do something to each of the comments; `learns` says that the spam filter will be told of it."""
    done = Done()
    for start in range(0, len(comment_ids), AT_ONCE):
        if start:
            database.give_way()
        try:
            changed, skipped = _step(comment_ids[start : start + AT_ONCE], now, act, learns)
        except (StorageFull, Unavailable):
            if not done.changed:
                raise
            done.skipped += [Skipped(comment_id, "busy") for comment_id in comment_ids[start:]]
            break
        done.changed += changed
        done.skipped += skipped
    return done


def _step(comment_ids: Sequence[int], now: datetime, act: Act, learns: bool) -> tuple[list[int], list[Skipped]]:
    changed, skipped = [], []
    with database.read() as connection:
        read = decision_store.rows(connection, comment_ids)
        places = pages.places_of(connection, {row.page_id for row in read.values()})
    step = Step(read.values() if learns else ())  # its tokens are made here, before the lock
    with gate.write_several(places.values(), now) as writings:
        on = {writing.page.id: writing for writing in writings}
        rows = decision_store.rows(writings[0].connection, comment_ids) if writings else {}
        for comment_id in comment_ids:
            row = rows.get(comment_id)
            made = act(step, on[row.page_id], row) if row is not None and row.page_id in on else "gone"
            if isinstance(made, str):
                skipped.append(Skipped(comment_id, made))
            elif made:
                changed.append(comment_id)
        if step.lessons:
            spam.teach_all(writings[0].connection, step.lessons, now)
    return changed, skipped


def _said(row: AnyRow) -> tuple[str, str, str]:
    return (row.html, row.name, row.website)


def _tokens(row: AnyRow) -> tuple[str, ...]:
    return spam.tokens_of(spam.facts_of(*_said(row)))
