"""This room's SQL: inserting comments, changing their state, and the answers kept for retries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from service import database
from service.comments.gate import Writing
from service.database import AnyRow
from service.errors import Invalid
from service.models import Comment, Page, Retry

#: A reply below this depth hangs, as stored, beside the one it answers: a bound for `path`, not for the conversation.
DEEPEST = 50
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: values in one IN list, well below every engine's bound
_AT_ONCE = 500
#: base-36 digits of an id in a path: 78 thousand million comments
_STEP = 7
# what each new comment asks and says, made once
_PARENT = database.Prepared(
    select(
        Comment.id,
        Comment.root_id,
        Comment.path,
        Comment.depth,
        Comment.state,
        Comment.shadow,
        Comment.told,
        Comment.reader_id,
    ).where(Comment.id == bindparam("comment"), Comment.page_id == bindparam("page"))
)
_INSERT = database.Prepared(insert(Comment).returning(Comment.id))
_PLACE = database.Prepared(update(Comment).where(Comment.id == bindparam("comment")))
_COUNT = (
    update(Comment)
    .where(Comment.id.in_(bindparam("above", expanding=True)))
    .values(replies=Comment.replies + bindparam("change"))
)
_UNNUMBERED = database.Prepared(
    select(Comment.id).where(Comment.id == bindparam("root"), Comment.number.is_(None), Comment.replies > 0)
)
_RETRY = database.Prepared(
    select(Retry.comment_id, Retry.fingerprint, Retry.created).where(
        Retry.site_id == bindparam("site"), Retry.key == bindparam("used"), Retry.created > bindparam("since")
    )
)
_OLD_RETRY = database.Prepared(
    delete(Retry).where(
        Retry.site_id == bindparam("site"), Retry.key == bindparam("used"), Retry.created <= bindparam("since")
    )
)
_SWEEP_RETRIES = delete(Retry).where(Retry.id.in_(database.outdated(Retry.id, Retry.created)))


@dataclass(frozen=True)
class Parent:
    """The comment that is replied to, as far as its reply's place follows from it."""

    id: int
    root_id: int | None
    path: str
    depth: int
    hidden: bool = False


def get_parent(connection: Connection, page_id: int, comment_id: int, reader_id: int | None = None) -> Parent:
    """Return the published comment of this page with that id, or raise Invalid.

    To a reader also an own one that is hidden from all others: whoever is not to know of it can reply to it.
    """
    row = _PARENT.first(connection, {"comment": comment_id, "page": page_id})
    hidden = row is not None and reader_id is not None and seems_published(row, reader_id)
    if row is None or not (row.state == "published" or hidden):
        raise Invalid({"parent": ["The comment that this replies to is no longer there."]})
    return Parent(row.id, row.root_id, row.path, row.depth, hidden)


def is_hidden(row: AnyRow) -> bool:
    """Tell whether a comment is hidden from everybody but its author, who is not told."""
    return bool(row.shadow and row.state == "spam")


def seems_published(row: AnyRow, reader_id: int | None) -> bool:
    """Tell whether a comment looks published to this reader, as its author, and to nobody else."""
    return reader_id is not None and row.reader_id == reader_id and is_hidden(row) and row.told != "pending"


def find_any_parent(connection: Connection, page_id: int, comment_id: int) -> Parent | None:
    """Return the comment of this page with that id, whatever its state."""
    found = select(Comment.id, Comment.root_id, Comment.path, Comment.depth)
    row = connection.execute(found.where(Comment.id == comment_id, Comment.page_id == page_id)).first()
    return None if row is None else Parent(*row)


def adopted(connection: Connection, site_id: int, source: str, source_ids: Sequence[str]) -> dict[str, int]:
    """Return which of another system's comments are here already, by their ids there."""
    found = select(Comment.source_id, Comment.id).where(Comment.site_id == site_id, Comment.source == source)
    here: dict[str, int] = {}
    for start in range(0, len(source_ids), _AT_ONCE):
        part = source_ids[start : start + _AT_ONCE]
        here |= {str(row.source_id): row.id for row in connection.execute(found.where(Comment.source_id.in_(part)))}
    return here


def insert_comment(writing: Writing, parent: Parent | None, values: Mapping[str, Any]) -> int:
    """Store a comment in its place in the thread, and return its id."""
    published = values["state"] == "published"
    placed: dict[str, Any] = {"page_id": writing.page.id, "site_id": writing.page.site_id}
    if parent is None:
        placed |= {"depth": 0, "path": "", "number": writing.next_number() if published else None}
    else:
        placed |= {
            "parent_id": parent.id,
            "root_id": parent.root_id or parent.id,
            "depth": min(parent.depth + 1, DEEPEST),
        }
        placed["path"] = ""  # known once the id is
    defaults = {"name": "", "email": "", "website": "", "operator": False, "replies": 0}
    defaults |= {"up": 0, "down": 0, "score": 0, "rank": 0.0}
    comment_id = int(_INSERT.first(writing.connection, defaults | placed | dict(values)).id)
    if parent is not None:
        above = parent.path[: (DEEPEST - 1) * _STEP]
        placed["path"] = above + _digits(comment_id)
        _PLACE.run(writing.connection, {"comment": comment_id, "path": placed["path"]})
    if published:
        writing.came.append(values["created"])
        _show(writing, placed.get("root_id"), placed["path"], placed.get("parent_id"), 1)
    return comment_id


def set_state(writing: Writing, comment_id: int, state: str, rule: str | None) -> bool:
    """Set a comment's state, with all that follows for the thread; returns whether it was another before."""
    columns = (Comment.state, Comment.root_id, Comment.path, Comment.parent_id, Comment.number, Comment.replies)
    found = select(*columns, Comment.created).where(Comment.id == comment_id, Comment.page_id == writing.page.id)
    row = writing.connection.execute(found).one()
    if row.state == state:
        return False
    values: dict[str, Any] = {"state": state, "rule": rule}
    if state == "published":
        values |= {"erase_at": None, "erased_state": None}  # what shows again is not erased behind anybody's back
    if state == "published" and row.parent_id is None and row.number is None:
        values["number"] = writing.next_number()
    writing.connection.execute(update(Comment).where(Comment.id == comment_id).values(**values))
    change = (state == "published") - (row.state == "published")
    if change:
        (writing.came if change > 0 else writing.went).append(row.created)
        _show(writing, row.root_id, row.path, row.parent_id, change)
    elif row.replies:
        writing.visible = True  # what holds its place says why it is not there
    return True


def _show(writing: Writing, root_id: int | None, path: str, parent_id: int | None, change: int) -> None:
    # a published comment came (+1) or went (-1): everything above it counts it
    writing.visible = True
    writing.published += change
    if root_id is None:
        return
    steps = [path[start : start + _STEP] for start in range(0, len(path), _STEP)]
    above = {root_id, *(int(step, 36) for step in steps[:-1])} | ({parent_id} if parent_id else set())
    writing.connection.execute(_COUNT, {"above": sorted(above), "change": change})
    _number_root(writing, root_id)


def _number_root(writing: Writing, root_id: int) -> None:
    # a top-level comment that was never published itself is numbered when it first shows, for its replies' sake
    if _UNNUMBERED.first(writing.connection, {"root": root_id}) is not None:
        numbered = update(Comment).where(Comment.id == root_id).values(number=writing.next_number())
        writing.connection.execute(numbered)


def _digits(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits.rjust(_STEP, "0")


def pages_of(connection: Connection, comment_ids: Sequence[int]) -> dict[int, int]:
    """Return for each comment that there is the id of its page."""
    found = select(Comment.id, Comment.page_id).where(Comment.id.in_(comment_ids))
    return {comment_id: page_id for comment_id, page_id in connection.execute(found)}


def find_comment(connection: Connection, comment_id: int) -> AnyRow | None:
    """Return all of one comment, for an operator."""
    found = select(*Comment.__table__.columns, Page.url).join(Page, Page.id == Comment.page_id)
    return connection.execute(found.where(Comment.id == comment_id)).first()


def find_retry(connection: Connection, site_id: int, key: str, since: datetime) -> Any:
    """Return the comment, the fingerprint and the moment kept under an idempotency key."""
    return _RETRY.first(connection, {"site": site_id, "used": key, "since": since})


def insert_retry(
    connection: Connection, site_id: int, key: str, fingerprint: str, comment_id: int, now: datetime, since: datetime
) -> bool:
    """Keep an answer under its idempotency key, in place of one that is from before `since`.

    Returns False, with nothing kept, when another writer was faster.
    """
    _OLD_RETRY.run(connection, {"site": site_id, "used": key, "since": since})
    values = {"site_id": site_id, "key": key, "fingerprint": fingerprint, "comment_id": comment_id, "created": now}
    return database.insert_if_new(connection, Retry, values) is not None


def sweep_retries(connection: Connection, before: datetime, limit: int) -> int:
    """Delete up to `limit` answers that are out of date, and return how many."""
    return connection.execute(_SWEEP_RETRIES, {"before": before, "most": limit}).rowcount
