"""An operator decides on comments: publish, spam, delete, hold; and undoes it. Possible on a closed page too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service import database, pages
from service.comments import decision_store, gate, standing, store
from service.comments.gate import Writing
from service.comments.standing import Answered, Standing
from service.database import AnyRow
from service.errors import Conflict, Invalid, NotFound
from service.pages import Place
from service.people import audit
from service.people.audit import Actor
from service.policy import spam

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
    skipped: list[int] = field(default_factory=list)


def moderate(
    comment_ids: Sequence[int],
    state: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    batch: str | None = None,
    allowed: frozenset[int] | None = None,
) -> Decision:
    """Give comments the state published, spam, deleted or pending.

    `allowed` are the sites that may be touched, None for all. Raises, with nothing done, NotFound when one of the
    comments does not exist or is not of those sites, Conflict when one that shall be published was deleted by its
    author, or has no text left, Invalid for more than MOST.
    """
    if len(comment_ids) > MOST:
        raise Invalid({"ids": [f"At most {MOST} comments can be decided on at once."]})
    batch = batch or audit.new_batch()
    changed = []
    with database.read() as connection:
        places, ids = _places(connection, comment_ids, allowed)
    with gate.write_several(places, now) as writings:
        for writing in writings:
            for comment_id in ids[writing.page.id]:
                row = store.find_comment(writing.connection, comment_id)
                if row is not None and _decide(writing, row, state, actor, reason, batch):
                    changed.append(comment_id)
    return Decision(batch, changed)


def undo(batch: str, actor: Actor, now: datetime, allowed: frozenset[int] | None = None) -> Decision:
    """Let the comments of a batch stand as they did before it; what it returns can itself be undone.

    A comment on which something else was decided since, or whose text is gone, is skipped. Raises NotFound when there
    is no such batch, or not all of it is of the `allowed` sites.
    """
    with database.read() as connection:
        entries = {row.comment_id: row for row in decision_store.entries(connection, batch, UNDOABLE)}
        if not entries or any(allowed is not None and row.site_id not in allowed for row in entries.values()):
            raise NotFound("batch of decisions")
        there = [each for each in entries if each in _located(connection, list(entries))]
        places, ids = _places(connection, there, allowed)
    new_batch = audit.new_batch()
    changed = []
    with gate.write_several(places, now) as writings:
        for writing in writings:
            changed += [each for each in ids[writing.page.id] if _revert(writing, entries[each], actor, new_batch)]
    return Decision(new_batch, changed, [each for each in entries if each not in set(changed)])


def _refuse_withdrawn(row: AnyRow) -> None:
    # within the lock: an author may take a comment back at the moment that it is approved
    if not row.body:
        raise Conflict(f"Comment {row.id} was erased; there is nothing left to publish.")
    if row.erase_at is not None:
        raise Conflict(f"Comment {row.id} was deleted by its author and is not published against their will.")


def _decide(writing: Writing, row: AnyRow, state: str, actor: Actor, reason: str, batch: str) -> bool:
    if state == "published":
        _refuse_withdrawn(row)
    before = standing.of(row)
    published = state == "published"
    after = Standing(
        state,
        shadow=before.shadow and not published,
        checked=True,
        # what its author deleted stays to be erased, but is not the author's to have back any more
        erase_at=None if published else before.erase_at,
    )
    if after == before:
        return False
    readers = decision_store.open_reports(writing.connection, row.id)
    answered = Answered(tuple(readers), None, not published)
    _answer(writing, row, answered)
    standing.change(writing, row, after, answered, actor, _VERBS[state], reason, batch)
    if state != "deleted":  # which may have any reason, and so teaches nothing
        _teach(writing.connection, row, _TEACHES.get(state), writing.now)
    return True


def _revert(writing: Writing, entry: AnyRow, actor: Actor, batch: str) -> bool:
    row = store.find_comment(writing.connection, entry.comment_id)
    told = standing.parse(entry.details)
    target = told.before
    if row is None or (row.state, row.checked) != (told.after.state, told.after.checked):
        return False
    if not _holds(decision_store.entries_about(writing.connection, row.id, _DECISIVE), entry.id):
        return False
    if not row.body and target.state != "deleted":
        return False
    answered = told.answered.turned()
    _answer(writing, row, answered)
    reports = max(target.reports, row.reports)
    if answered.readers:  # those of readers who were forgotten meanwhile are gone, others may have come
        reports = len(decision_store.open_reports(writing.connection, row.id, counted=True))
    standing.change(writing, row, replace(target, reports=reports), answered, actor, _UNDO, "", batch, entry.id)
    _teach(writing.connection, row, _TEACHES.get(target.state) if target.checked else None, writing.now)
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


def _teach(connection: Connection, row: AnyRow, is_spam: bool | None, now: datetime) -> None:
    # tells the spam filter what a comment is; None takes back what it was told
    facts = spam.facts_of(row.html, row.name, row.website)
    if is_spam is None:
        spam.unteach(connection, row.id, facts)
    elif row.html:  # of what was erased there is nothing to learn
        spam.teach(connection, row.id, facts, is_spam, now)


def _places(
    connection: Connection, comment_ids: Sequence[int], allowed: frozenset[int] | None
) -> tuple[list[Place], dict[int, list[int]]]:
    # the pages, and the comments by the ids of their pages; NotFound where one is missing, or of a site not allowed
    located = _located(connection, comment_ids)
    for comment_id in comment_ids:
        if comment_id not in located or (allowed is not None and located[comment_id][0] not in allowed):
            raise NotFound(f"comment as {comment_id}")
    by_page: dict[int, list[int]] = {}
    for comment_id in dict.fromkeys(comment_ids):
        by_page.setdefault(located[comment_id][1], []).append(comment_id)
    return [pages.place_of(connection, page_id) for page_id in by_page], by_page


def _located(connection: Connection, comment_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for start in range(0, len(comment_ids), MOST):
        found |= decision_store.sites_of(connection, comment_ids[start : start + MOST])
    return found


def get_comment(comment_id: int, allowed: frozenset[int] | None = None) -> dict[str, Any]:
    """Return everything stored of a comment. Raises NotFound when there is none, or it is of no `allowed` site."""
    with database.read() as connection:
        row = store.find_comment(connection, comment_id)
    if row is None or (allowed is not None and row.site_id not in allowed):
        raise NotFound(f"comment as {comment_id}")
    return dict(row._mapping)
