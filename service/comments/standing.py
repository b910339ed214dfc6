"""How a comment stands: its state and all that belongs to it. Changed in one place, together with its audit entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from service.comments import decision_store, store
from service.comments.gate import Writing
from service.database import AnyRow
from service.people import audit
from service.people.audit import Actor


@dataclass(frozen=True)
class Standing:
    """What a decision sets and undoing it sets back; see models.Comment."""

    state: str
    rule: str | None = None
    shadow: bool = False
    checked: bool = False
    reports: int = 0
    erase_at: datetime | None = None
    erased_state: str | None = None


@dataclass(frozen=True)
class Answered:
    """The reports that a decision answered, by their readers, and what `upheld` was and became."""

    readers: tuple[int, ...] = ()
    was: bool | None = None
    became: bool | None = None

    def turned(self) -> Answered:
        """Return what undoing does to them."""
        return Answered(self.readers, self.became, self.was)


@dataclass(frozen=True)
class Change:
    """A change of one comment as the audit log keeps it; `undid` is the entry of the change that it took back.

    `edit` is the newest change of its text by then, 0 for none: by its number, the log keeps no text.
    """

    before: Standing
    after: Standing
    answered: Answered
    edit: int
    undid: int | None = None


def of(row: AnyRow) -> Standing:
    """Return how the comment in a full row stands."""
    return Standing(row.state, row.rule, row.shadow, row.checked, row.reports, row.erase_at, row.erased_state)


def change(
    writing: Writing,
    row: AnyRow,
    after: Standing,
    answered: Answered,
    actor: Actor,
    verb: str,
    reason: str = "",
    batch: str | None = None,
    undid: int | None = None,
) -> None:
    """Let a comment stand otherwise, with all that follows for its thread, and record it in the same transaction."""
    edit = decision_store.newest_edit(writing.connection, row.id)
    store.set_state(writing, row.id, after.state, after.rule)
    decision_store.put(writing.connection, row.id, asdict(after))
    audit.record(
        writing.connection,
        actor,
        verb,
        writing.now,
        site_id=row.site_id,
        page_id=row.page_id,
        comment_id=row.id,
        subject=row.url,
        reason=reason,
        batch=batch,
        details=_details(Change(of(row), after, answered, edit, undid)),
    )


def _details(change: Change) -> dict[str, Any]:
    made: dict[str, Any] = {"before": _plain(change.before), "after": _plain(change.after)}
    if change.answered.readers:
        made["reports"] = asdict(change.answered)
    if change.edit:
        made["edit"] = change.edit
    return made | ({"undid": change.undid} if change.undid is not None else {})


def _plain(standing: Standing) -> dict[str, Any]:
    # what is as it mostly is goes without saying
    values = {name: value for name, value in asdict(standing).items() if value or name in ("state", "rule")}
    return values | ({"erase_at": standing.erase_at.isoformat()} if standing.erase_at else {})


def parse(details: str) -> Change:
    """Return the change that an audit entry tells of."""
    told = json.loads(details)
    reports = told.get("reports", {})
    readers: Sequence[int] = reports.get("readers", ())
    answered = Answered(tuple(readers), reports.get("was"), reports.get("became"))
    return Change(_standing(told["before"]), _standing(told["after"]), answered, told.get("edit", 0), told.get("undid"))


def _standing(told: Mapping[str, Any]) -> Standing:
    erase_at = told.get("erase_at")
    return Standing(**(dict(told) | {"erase_at": datetime.fromisoformat(erase_at) if erase_at else None}))
