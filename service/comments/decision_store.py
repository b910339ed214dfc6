"""SQL for decisions: how a comment stands, which reports they answer, which audit entries undo them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from service.database import AnyRow
from service.models import AuditEntry, Comment, CommentEdit, Page, Report


def put(connection: Connection, comment_id: int, values: Mapping[str, Any]) -> None:
    """Set columns of a comment that no reader sees a change of by itself."""
    connection.execute(update(Comment).where(Comment.id == comment_id).values(**values))


def sites_of(connection: Connection, comment_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return for each comment that there is the ids of its site and of its page."""
    found = select(Comment.id, Comment.site_id, Comment.page_id).where(Comment.id.in_(comment_ids))
    return {row.id: (row.site_id, row.page_id) for row in connection.execute(found)}


#: the id of the last change of a comment's text
NEWEST_EDIT = select(func.max(CommentEdit.id)).where(CommentEdit.comment_id == Comment.id).scalar_subquery()


def rows(connection: Connection, comment_ids: Sequence[int]) -> dict[int, AnyRow]:
    """Return all of those comments that there are, by their ids, each with `newest_edit`, the id of its last change."""
    found = select(*Comment.__table__.columns, Page.url, NEWEST_EDIT.label("newest_edit"))
    found = found.join(Page, Page.id == Comment.page_id).where(Comment.id.in_(comment_ids))
    return {row.id: row for row in connection.execute(found)}


def newest_edit(connection: Connection, comment_id: int) -> int:
    """Return the id of the last change of a comment's text, 0 for none."""
    found = select(func.max(CommentEdit.id)).where(CommentEdit.comment_id == comment_id)
    return connection.execute(found).scalar() or 0


def open_reports(connection: Connection, comment_id: int, *, counted: bool = False) -> list[int]:
    """Return the readers whose reports of a comment nobody has answered yet; or of these only what is counted."""
    found = select(Report.reader_id).where(Report.comment_id == comment_id, Report.upheld.is_(None))
    if counted:
        found = found.where(Report.counted)
    return list(connection.execute(found.order_by(Report.reader_id)).scalars())


def answer_reports(
    connection: Connection, comment_id: int, readers: Sequence[int], was: bool | None, became: bool | None
) -> None:
    """Set what became of those readers' reports of a comment, where it still is what it was."""
    if readers:
        asked = (Report.comment_id == comment_id, Report.reader_id.in_(readers), Report.upheld.is_(was))
        connection.execute(update(Report).where(*asked).values(upheld=became))


def rejecting(connection: Connection, readers: Sequence[int], since: datetime) -> dict[int, int]:
    """Return for each of the readers how many reports made since then were rejected; those without any are absent."""
    found = (
        select(Report.reader_id, func.count())
        .where(Report.reader_id.in_(readers), Report.upheld.is_(False), Report.created > since)
        .group_by(Report.reader_id)
    )
    return {reader_id: count for reader_id, count in connection.execute(found)}


def find_report(connection: Connection, comment_id: int, reader_id: int) -> AnyRow | None:
    """Return a reader's report of a comment."""
    found = select(Report.created, Report.upheld, Report.counted)
    return connection.execute(found.where(Report.comment_id == comment_id, Report.reader_id == reader_id)).first()


def put_report(
    connection: Connection,
    comment_id: int,
    reader_id: int,
    reason: str,
    now: datetime,
    upheld: bool | None,
    counted: bool,
) -> None:
    """Store a reader's report of a comment in the place of an earlier one."""
    connection.execute(delete(Report).where(Report.comment_id == comment_id, Report.reader_id == reader_id))
    values = {"comment_id": comment_id, "reader_id": reader_id, "reason": reason, "created": now}
    connection.execute(insert(Report).values(**values, upheld=upheld, counted=counted))


def withdraw_reports(connection: Connection, reader_id: int) -> None:
    """Take back a reader's reports; those that nobody has answered no longer count."""
    mine = select(Report.comment_id).where(Report.reader_id == reader_id)
    counted = mine.where(Report.upheld.is_(None), Report.counted).scalar_subquery()
    fewer = update(Comment).where(Comment.id.in_(counted), Comment.reports > 0).values(reports=Comment.reports - 1)
    connection.execute(fewer)
    connection.execute(delete(Report).where(Report.reader_id == reader_id))


def entries(connection: Connection, batch: str, verbs: Sequence[str]) -> Sequence[AnyRow]:
    """Return the audit entries of a batch, oldest first."""
    found = select(AuditEntry.id, AuditEntry.site_id, AuditEntry.comment_id, AuditEntry.details)
    found = found.where(AuditEntry.batch == batch, AuditEntry.verb.in_(verbs))
    return connection.execute(found.order_by(AuditEntry.id)).all()


def last_decisions(connection: Connection, comment_ids: Sequence[int], verbs: Sequence[str]) -> dict[int, AnyRow]:
    """Return who decided last on each of the comments, and why, by the comments' ids."""
    newest = select(func.max(AuditEntry.id)).where(AuditEntry.comment_id.in_(comment_ids), AuditEntry.verb.in_(verbs))
    found = select(AuditEntry.comment_id, AuditEntry.at, AuditEntry.actor, AuditEntry.reason)
    found = found.where(AuditEntry.id.in_(newest.group_by(AuditEntry.comment_id)))
    return {row.comment_id: row for row in connection.execute(found)} if comment_ids else {}


def details_of(connection: Connection, entry_id: int) -> str:
    """Return the details of an audit entry."""
    return connection.execute(select(AuditEntry.details).where(AuditEntry.id == entry_id)).scalar_one()


def entries_about(connection: Connection, comment_id: int, verbs: Sequence[str]) -> Sequence[AnyRow]:
    """Return the audit entries about a comment, oldest first."""
    found = select(AuditEntry.id, AuditEntry.details)
    found = found.where(AuditEntry.comment_id == comment_id, AuditEntry.verb.in_(verbs))
    return connection.execute(found.order_by(AuditEntry.id)).all()


def add_version(connection: Connection, row: AnyRow, actor: str, now: datetime) -> None:
    """Keep what a comment says in its row, before an operator changes it."""
    said = {"body": row.body, "name": row.name, "website": row.website}
    connection.execute(insert(CommentEdit).values(comment_id=row.id, at=now, actor=actor, **said))


def versions(connection: Connection, comment_id: int, after: int = 0) -> Sequence[AnyRow]:
    """Return what a comment said before each change, oldest first; of the changes after the one with that id."""
    columns = (CommentEdit.at, CommentEdit.actor, CommentEdit.body, CommentEdit.name, CommentEdit.website)
    found = select(*columns).where(CommentEdit.comment_id == comment_id, CommentEdit.id > after)
    return connection.execute(found.order_by(CommentEdit.id)).all()


def reports(connection: Connection, comment_id: int, limit: int) -> Sequence[AnyRow]:
    """Return the reports of a comment, newest first."""
    found = select(Report.reader_id, Report.reason, Report.created, Report.upheld)
    found = found.where(Report.comment_id == comment_id).order_by(Report.created.desc())
    return connection.execute(found.limit(limit)).all()
