"""What a batch of decisions did: told after the act, where it can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from service import database
from service.comments import decision_store, standing
from service.comments.moderate import UNDOABLE


@dataclass(frozen=True)
class Batch:
    """Comments that were decided on together; `state` is None where an undoing left them in several."""

    id: str
    state: str | None
    comment_ids: tuple[int, ...]
    undid: bool


def find_batch(batch: str, allowed: frozenset[int] | None) -> Batch | None:
    """Return what a batch did; None when there is none such, or not all of it is of the `allowed` sites."""
    with database.read() as connection:
        entries = decision_store.entries(connection, batch, UNDOABLE)
    if not entries or any(allowed is not None and entry.site_id not in allowed for entry in entries):
        return None
    changes = [standing.parse(entry.details) for entry in entries]
    states = {change.after.state for change in changes}
    undid = any(change.undid is not None for change in changes)
    ids = tuple(entry.comment_id for entry in entries)
    return Batch(batch, states.pop() if len(states) == 1 else None, ids, undid)
