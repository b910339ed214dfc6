"""What a batch of decisions did: told after the act, where it can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from service import database
from service.comments import decision_store, standing
from service.comments.moderate import UNDOABLE
from service.comments.standing import Change


@dataclass(frozen=True)
class Batch:
    """Comments that were decided on together; `state` is None where an undoing left them in several.

    `undid`, that it took something back; `again`, that it took an undoing back. `kept`: all of them showed before and
    do after it; `rejected` is how many reports it answered so.
    """

    id: str
    state: str | None
    comment_ids: tuple[int, ...]
    undid: bool
    again: bool
    kept: bool
    rejected: int


def find_batch(batch: str, allowed: frozenset[int] | None) -> Batch | None:
    """Return what a batch did; None when there is none such, or not all of it is of the `allowed` sites."""
    with database.read() as connection:
        entries = decision_store.entries(connection, batch, UNDOABLE)
        if not entries or any(allowed is not None and entry.site_id not in allowed for entry in entries):
            return None
        changes = [standing.parse(entry.details) for entry in entries]
        turns = _turns(connection, changes[0])
    states = {change.after.state for change in changes}
    return Batch(
        batch,
        state=states.pop() if len(states) == 1 else None,
        comment_ids=tuple(entry.comment_id for entry in entries),
        undid=turns % 2 == 1,
        again=turns > 0 and turns % 2 == 0,
        kept=all(change.before.state == change.after.state == "published" for change in changes),
        rejected=sum(len(change.answered.readers) for change in changes if change.answered.became is False),
    )


def _turns(connection: Connection, change: Change) -> int:
    # how often a decision was taken back and done again: all of a batch is as one of it is
    turns = 0
    while change.undid is not None:
        turns += 1
        change = standing.parse(decision_store.details_of(connection, change.undid))
    return turns
