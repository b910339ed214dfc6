"""SQL for what is kept for a time only, and for all that is kept of one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, union, update

from service import database
from service.database import AnyRow
from service.models import AuditEntry, Ban, Comment, CommentEdit, Page, Report, Site, Vote

_OLD = database.outdated(Comment.id, Comment.created, Comment.address.is_not(None))
_SWEEP = update(Comment).where(Comment.id.in_(_OLD)).values(address=None)


def sweep_addresses(connection: Connection, before: datetime, limit: int) -> int:
    """Forget where up to `limit` comments from before a time came from, the oldest first, and return of how many."""
    return connection.execute(_SWEEP, {"before": before, "most": limit}).rowcount


def sweep_emails(connection: Connection, before: datetime, limit: int) -> int:
    """Forget the e-mail addresses of up to `limit` comments from before a time, and return of how many."""
    old = select(Comment.id).where(Comment.email != "", Comment.created < before)
    ids = old.limit(limit).with_for_update(skip_locked=True).scalar_subquery()
    return connection.execute(update(Comment).where(Comment.id.in_(ids)).values(email="")).rowcount


def removed(connection: Connection, before: datetime, limit: int) -> Sequence[int]:
    """Return up to `limit` comments that have been spam or deleted since before a time, and still have their text.

    When an operator last did something about a comment, the log says; before its time, none did. When one was imported
    it does not say of itself, for it has kept its date; so none goes that may have come by an import since.
    """
    since = select(AuditEntry.id).where(AuditEntry.comment_id == Comment.id, AuditEntry.at >= before)
    # of the log's last days alone, by their index, and once for all comments
    imports = select(AuditEntry.site_id).where(
        AuditEntry.at >= before, AuditEntry.verb == "site.import", AuditEntry.site_id.is_not(None)
    )
    found = select(Comment.id).where(
        Comment.state.in_(("spam", "deleted")),
        Comment.created < before,
        Comment.erase_at.is_(None),
        (Comment.body != "") | (Comment.name != ""),
        Comment.source.is_(None) | Comment.site_id.not_in(imports),
        ~since.exists(),
    )
    return connection.execute(found.limit(limit)).scalars().all()


def reader_of(connection: Connection, comment_id: int) -> AnyRow | None:
    """Return the reader who wrote a comment, and its e-mail address; None where there is no such comment."""
    found = select(Comment.reader_id, Comment.email).where(Comment.id == comment_id)
    return connection.execute(found).first()


def _written_by(email: str | None, reader_id: int | None, comment_id: int | None) -> ColumnElement[bool]:
    if email is not None:
        return (Comment.email != "") & (func.lower(Comment.email) == email.lower())
    return Comment.reader_id == reader_id if reader_id is not None else Comment.id == comment_id


def ids_of(connection: Connection, email: str | None, reader_id: int | None, comment_id: int | None) -> Sequence[int]:
    """Return the ids of the comments of one person, by one of three names for them."""
    found = select(Comment.id).where(_written_by(email, reader_id, comment_id)).order_by(Comment.id)
    return connection.execute(found).scalars().all()


def rows_of(connection: Connection, ids: Sequence[int]) -> Sequence[AnyRow]:
    """Return comments as they are stored, with their page and site."""
    columns = (
        *Comment.__table__.columns,
        Page.url.label("page_url"),
        Page.title.label("page_title"),
        Site.name.label("site"),
    )
    found = select(*columns).join(Page, Page.id == Comment.page_id).join(Site, Site.id == Comment.site_id)
    return connection.execute(found.where(Comment.id.in_(ids)).order_by(Comment.id)).all()


def edits_of(connection: Connection, ids: Sequence[int]) -> Sequence[AnyRow]:
    """Return what comments said before they were changed."""
    found = select(CommentEdit.__table__).where(CommentEdit.comment_id.in_(ids)).order_by(CommentEdit.id)
    return connection.execute(found).all()


def log_of(connection: Connection, ids: Sequence[int]) -> Sequence[AnyRow]:
    """Return what was done to comments, without who did it."""
    columns = (AuditEntry.comment_id, AuditEntry.at, AuditEntry.verb, AuditEntry.reason)
    found = select(*columns).where(AuditEntry.comment_id.in_(ids)).order_by(AuditEntry.id)
    return connection.execute(found).all()


def votes_of(connection: Connection, reader_id: int) -> Sequence[AnyRow]:
    """Return a reader's votes."""
    return connection.execute(select(Vote.comment_id, Vote.value).where(Vote.reader_id == reader_id)).all()


def reports_of(connection: Connection, reader_id: int) -> Sequence[AnyRow]:
    """Return a reader's reports."""
    columns = (Report.comment_id, Report.reason, Report.created)
    return connection.execute(select(*columns).where(Report.reader_id == reader_id)).all()


def bans_of(connection: Connection, emails: Sequence[str], readers: Sequence[int]) -> Sequence[AnyRow]:
    """Return the bans that name one of these e-mail addresses or readers."""
    by_email = select(Ban.id).where(Ban.kind == "email", func.lower(Ban.value).in_([each.lower() for each in emails]))
    by_reader = select(Ban.id).where(Ban.kind == "reader", Ban.value.in_([str(each) for each in readers]))
    columns = (Ban.kind, Ban.value, Ban.reason, Ban.until, Ban.created)
    wanted: Any = union(by_email, by_reader).subquery()
    return connection.execute(select(*columns).where(Ban.id.in_(select(wanted.c.id)))).all()
