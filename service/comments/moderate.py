"""An operator decides on comments: publish, spam, delete, hold; and undoes it. Possible on a closed page too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service import database
from service.comments import decision_store, standing, steps, version
from service.comments.gate import Writing
from service.comments.standing import Answered, Standing
from service.comments.steps import Skipped, Step
from service.database import AnyRow
from service.errors import Conflict, Invalid, NotFound
from service.people import audit
from service.people.audit import Actor

#: what may be decided, and the state that it gives
DECISIONS = {"approve": "published", "spam": "spam", "delete": "deleted", "hold": "pending"}
#: comments decided on at once: ten pages of the queue
MOST = 500
_VERBS = {state: f"comment.{decision}" for decision, state in DECISIONS.items()}
_UNDO = "comment.undo"
#: whether an operator's decision says that a comment is spam
_TEACHES = {"published": False, "spam": True}
#: what can be undone
UNDOABLE = (*_VERBS.values(), _UNDO)
#: what was done to a comment since is not undone along with what went before
_DECISIVE = (*UNDOABLE, "comment.erase")


@dataclass(frozen=True)
class Decision:
    """What came of a decision: the batch to undo it by, the comments that stand otherwise now, those left alone."""

    batch: str
    changed: list[int]
    skipped: list[Skipped] = field(default_factory=list)


def moderate(
    comment_ids: Sequence[int],
    state: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    batch: str | None = None,
    allowed: frozenset[int] | None = None,
    seen: Mapping[int, str] | None = None,
) -> Decision:
    """Give comments the state published, spam, deleted or pending.

    `allowed` are the sites that may be touched, None for all; `seen` the versions that were looked at (see version.py):
    a comment that is another by now is skipped. So is, of several, one that shall be published and was deleted by its
    author; one without a text can only be deleted. Raises, with nothing done, NotFound when one of the comments does
    not exist or is not of those sites, Conflict when the only one is such a one, Invalid for more than MOST.
    """
    if len(comment_ids) > MOST:
        raise Invalid({"ids": [f"At most {MOST} comments can be decided on at once."]})
    batch = batch or audit.new_batch()
    ids = list(dict.fromkeys(comment_ids))
    _require(ids, allowed)

    def act(step: Step, writing: Writing, row: AnyRow) -> str | bool:
        return _decide(step, writing, row, state, (seen or {}).get(row.id), actor, reason, batch)

    # what is deleted may have any reason, and so teaches nothing
    done = steps.each(ids, now, act, learns=state != "deleted")
    if len(ids) == 1 and done.skipped:
        _refuse(done.skipped[0])
    return Decision(batch, done.changed, done.skipped)


def undo(batch: str, actor: Actor, now: datetime, allowed: frozenset[int] | None = None) -> Decision:
    """Let the comments of a batch stand as they did before it; what it returns can itself be undone.

    A comment on which something else was decided since, or whose text is gone, is skipped; so is one that would show
    again with a text that was changed since. Raises NotFound when there is no such batch, or not all of it is of the
    `allowed` sites.
    """
    with database.read() as connection:
        entries = {row.comment_id: row for row in decision_store.entries(connection, batch, UNDOABLE)}
    if not entries or any(allowed is not None and row.site_id not in allowed for row in entries.values()):
        raise NotFound("batch of decisions")
    new_batch = audit.new_batch()

    def act(step: Step, writing: Writing, row: AnyRow) -> str | bool:
        return _revert(step, writing, row, entries[row.id], actor, new_batch)

    done = steps.each(list(entries), now, act, learns=True)
    return Decision(new_batch, done.changed, done.skipped)


def _refuse(skipped: Skipped) -> None:
    if skipped.reason == "erased":
        raise Conflict(f"Comment {skipped.id} was erased; there is nothing left to decide on.")
    if skipped.reason == "withdrawn":
        raise Conflict(f"Comment {skipped.id} was deleted by its author and is not published against their will.")


def _decide(
    step: Step, writing: Writing, row: AnyRow, state: str, seen: str | None, actor: Actor, reason: str, batch: str
) -> str | bool:
    # within the lock: an author may change a comment or take it back at the moment that it is approved
    published = state == "published"
    if not row.body and state != "deleted":
        return "erased"
    if published and row.erase_at is not None:
        return "withdrawn"
    before = standing.of(row)
    after = Standing(
        state,
        shadow=before.shadow and not published,
        checked=True,
        # what its author deleted stays to be erased, but is not the author's to have back any more
        erase_at=None if published else before.erase_at,
    )
    if after == before:
        return False
    if seen is not None and seen != version.of(row):
        return "edited" if version.is_edited(row, seen) else "decided"
    readers = decision_store.open_reports(writing.connection, row.id)
    answered = Answered(tuple(readers), None, not published)
    _answer(writing, row, answered)
    standing.change(writing, row, after, answered, actor, _VERBS[state], reason, batch)
    if state != "deleted":
        step.teach(row, _TEACHES.get(state))
    return True


def _revert(step: Step, writing: Writing, row: AnyRow, entry: AnyRow, actor: Actor, batch: str) -> str | bool:
    told = standing.parse(entry.details)
    target = told.before
    if (row.state, row.checked) != (told.after.state, told.after.checked):
        return "decided"
    if not _holds(decision_store.entries_about(writing.connection, row.id, _DECISIVE), entry.id):
        return "decided"
    if not row.body and target.state != "deleted":
        return "erased"
    edited = (row.newest_edit or 0) != told.edit
    if edited and target.state == "published":
        return "edited"  # nobody has passed what it says now
    # of what is erased by now no report waits for an answer again
    answered = told.answered.turned() if row.body else Answered()
    _answer(writing, row, answered)
    reports = max(target.reports, row.reports) if row.body else 0
    if answered.readers:  # those of readers who were forgotten meanwhile are gone, others may have come
        reports = len(decision_store.open_reports(writing.connection, row.id, counted=True))
    standing.change(writing, row, replace(target, reports=reports), answered, actor, _UNDO, "", batch, entry.id)
    step.teach(row, _TEACHES.get(target.state) if target.checked and not edited else None)
    return True


def _holds(entries: Sequence[AnyRow], entry_id: int) -> bool:
    # whether that decision is the last one about its comment, those that were taken back left out
    standing_by: list[int] = []
    for entry in entries:
        if standing_by and standing.parse(entry.details).undid == standing_by[-1]:
            standing_by.pop()
        else:
            standing_by.append(entry.id)
    return entry_id in (entries[-1].id, *standing_by[-1:])


def _answer(writing: Writing, row: AnyRow, answered: Answered) -> None:
    decision_store.answer_reports(writing.connection, row.id, answered.readers, answered.was, answered.became)


def _require(comment_ids: Sequence[int], allowed: frozenset[int] | None) -> None:
    with database.read() as connection:
        located = decision_store.sites_of(connection, comment_ids)
    for comment_id in comment_ids:
        if comment_id not in located or (allowed is not None and located[comment_id][0] not in allowed):
            raise NotFound(f"comment as {comment_id}")


def get_comment(comment_id: int, allowed: frozenset[int] | None = None) -> dict[str, Any]:
    """Return all that is stored of a comment, and its version. Raises NotFound: there is none of an `allowed` site."""
    with database.read() as connection:
        row = decision_store.rows(connection, [comment_id]).get(comment_id)
    if row is None or (allowed is not None and row.site_id not in allowed):
        raise NotFound(f"comment as {comment_id}")
    return dict(row._mapping) | {"version": version.of(row)}
