"""Who keeps comments from showing where no rule does: the last decision on each, as the log has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.comments import decision_store
from service.comments.moderate import UNDOABLE
from service.database import AnyRow


@dataclass(frozen=True)
class ByHand:
    """Who let a comment stand as it does, and why."""

    at: datetime
    actor: str
    reason: str


#: such decisions by the ids of their comments
Hands = Mapping[int, ByHand]


def find(connection: Connection, rows: Iterable[AnyRow]) -> Hands:
    """Return who decided on the comments, by their ids; those that show, or that a rule or nobody holds, are absent."""
    asked = [row.id for row in rows if row.checked and row.rule is None and row.state != "published"]
    found = decision_store.last_decisions(connection, asked, UNDOABLE)
    return {comment_id: ByHand(row.at, row.actor, row.reason) for comment_id, row in found.items()}
