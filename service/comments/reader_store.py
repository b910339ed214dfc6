"""SQL for what readers do with comments that are there: edit, erase, vote, report, list, forget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, union, update

from service.comments.gate import Writing
from service.database import AnyRow
from service.models import Comment, CommentEdit, Page, Report, Vote
from service.policy import ranking, spam

_ERASED: dict[str, Any] = {"body": "", "html": "", "name": "", "email": "", "website": "", "reader_id": None}
_ERASED |= {"address": None, "why": None}  # the signs of a rule may quote the text

_DUE = (
    select(Comment.id)
    .join(Page, Page.id == Comment.page_id)
    .where(Comment.erase_at <= bindparam("now"))
    .order_by(Comment.erase_at)
    .limit(bindparam("most"))
)
_DUE_HELD = _DUE.with_for_update(skip_locked=True)


def set_text(writing: Writing, comment_id: int, body: str, html: str, pipeline: int) -> None:
    """Store another text of a comment."""
    take_back_lesson(writing.connection, comment_id)
    values = {"body": body, "html": html, "pipeline": pipeline, "edited": writing.now}
    writing.connection.execute(update(Comment).where(Comment.id == comment_id).values(**values))
    writing.visible = True


def take_back_lesson(connection: Connection, comment_id: int) -> None:
    """Let the spam filter forget a comment whose text is about to change: by that text alone its lesson is found."""
    if spam.was_taught(connection, comment_id):
        found = select(Comment.html, Comment.name, Comment.website).where(Comment.id == comment_id)
        spam.unteach(connection, comment_id, spam.facts_of(*connection.execute(found).one()))


def set_erasure(connection: Connection, comment_id: int, at: datetime | None, state: str | None) -> None:
    """Say when a deleted comment is erased, and which state it can be given back until then."""
    connection.execute(update(Comment).where(Comment.id == comment_id).values(erase_at=at, erased_state=state))


def erase_text(connection: Connection, comment_id: int) -> None:
    """Erase everything that a comment said, and who said it; former versions too. What was reported is gone with it."""
    take_back_lesson(connection, comment_id)
    values = _ERASED | {"erase_at": None, "erased_state": None, "reports": 0}
    waiting = (Report.comment_id == comment_id, Report.upheld.is_(None))
    connection.execute(update(Report).where(*waiting).values(upheld=True))
    connection.execute(update(Comment).where(Comment.id == comment_id).values(**values))
    connection.execute(delete(CommentEdit).where(CommentEdit.comment_id == comment_id))


def due(connection: Connection, now: datetime, limit: int, *, held: bool = False) -> Sequence[int]:
    """Return the ids of up to `limit` comments whose time to be had back is over.

    With `held` only those on whose page nobody else writes; nobody does then until the transaction ends.
    """
    return connection.execute(_DUE_HELD if held else _DUE, {"now": now, "most": limit}).scalars().all()


def sweep_erased(connection: Connection, now: datetime, limit: int) -> int:
    """Erase the text of up to `limit` comments whose time to be had back is over, and return of how many."""
    found = due(connection, now, limit, held=True)
    for comment_id in found:
        erase_text(connection, comment_id)
    return len(found)


def find_vote(connection: Connection, comment_id: int, reader_id: int) -> int:
    """Return a reader's vote on a comment, 0 for none."""
    found = select(Vote.value).where(Vote.comment_id == comment_id, Vote.reader_id == reader_id)
    return connection.execute(found).scalar() or 0


def set_vote(connection: Connection, comment_id: int, reader_id: int, value: int) -> None:
    """Store a reader's vote in the place of any earlier one; 0 takes it back."""
    connection.execute(delete(Vote).where(Vote.comment_id == comment_id, Vote.reader_id == reader_id))
    if value:
        connection.execute(insert(Vote).values(comment_id=comment_id, reader_id=reader_id, value=value))


def set_score(connection: Connection, comment_id: int, up: int, down: int) -> None:
    """Store how often a comment was voted up and down, and what follows for its place among others."""
    values = {"up": up, "down": down, "score": up - down, "rank": ranking.rank(up, down)}
    connection.execute(update(Comment).where(Comment.id == comment_id).values(**values))


def comments_of(
    connection: Connection, reader_id: int, page_id: int | None, before: int | None, limit: int
) -> Sequence[AnyRow]:
    """Return a reader's comments, newest first, those with smaller ids than `before`; not those already erased."""
    found = (
        select(*Comment.__table__.columns, Page.url.label("page_url"), Page.title.label("page_title"))
        .join(Page, Page.id == Comment.page_id)
        .where(Comment.reader_id == reader_id)
    )
    if page_id is not None:
        found = found.where(Comment.page_id == page_id)
    if before is not None:
        found = found.where(Comment.id < before)
    return connection.execute(found.order_by(Comment.id.desc()).limit(limit)).all()


def votes_of(connection: Connection, reader_id: int, page_id: int | None) -> dict[int, int]:
    """Return a reader's votes by comment."""
    found = select(Vote.comment_id, Vote.value).where(Vote.reader_id == reader_id)
    if page_id is not None:
        found = found.join(Comment, Comment.id == Vote.comment_id).where(Comment.page_id == page_id)
    return {comment_id: value for comment_id, value in connection.execute(found)}


def reports_of(connection: Connection, reader_id: int, page_id: int | None) -> Sequence[AnyRow]:
    """Return a reader's reports, newest first."""
    found = select(Report.comment_id, Report.reason, Report.created).where(Report.reader_id == reader_id)
    if page_id is not None:
        found = found.join(Comment, Comment.id == Report.comment_id).where(Comment.page_id == page_id)
    return connection.execute(found.order_by(Report.created.desc(), Report.comment_id.desc())).all()


def pages_of_reader(connection: Connection, reader_id: int) -> Sequence[int]:
    """Return the ids of the pages that a reader wrote or voted on."""
    wrote = select(Comment.page_id).where(Comment.reader_id == reader_id)
    voted = select(Comment.page_id).join(Vote, Vote.comment_id == Comment.id).where(Vote.reader_id == reader_id)
    return connection.execute(union(wrote, voted)).scalars().all()


def comments_on(connection: Connection, reader_id: int, page_id: int) -> Sequence[int]:
    """Return the ids of a reader's comments on a page."""
    found = select(Comment.id).where(Comment.reader_id == reader_id, Comment.page_id == page_id)
    return connection.execute(found).scalars().all()


def withdraw_votes(connection: Connection, reader_id: int, page_id: int) -> Iterator[int]:
    """Take back a reader's votes on a page and yield the comments whose score changed by it."""
    found = (
        select(Comment.id, Comment.up, Comment.down, Vote.value)
        .join(Vote, Vote.comment_id == Comment.id)
        .where(Vote.reader_id == reader_id, Comment.page_id == page_id)
    )
    for comment_id, up, down, value in connection.execute(found).all():
        set_vote(connection, comment_id, reader_id, 0)
        set_score(connection, comment_id, up - (value == 1), down - (value == -1))
        yield comment_id
