"""The audit log: who did what to what, and why. The database refuses to change or to remove an entry."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.models.base import LongId, Model, Moment


class AuditEntry(Model):
    """One act. What it was about is named, not referred to: it may be gone when the entry is read.

    `actor` is an operator's name, or "command line" or "policy"; `via` the door: ui, api, cli, mail, policy. Entries of
    one bulk act share their `batch`, under which they can be undone. `details` is JSON, without any comment's text.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_comment_id", "comment_id"),
        Index("ix_audit_site_id", "site_id", "id"),
        Index("ix_audit_batch", "batch"),
        Index("ix_audit_actor", "actor", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    actor: Mapped[str] = mapped_column(String(64))
    via: Mapped[str] = mapped_column(String(8))
    verb: Mapped[str] = mapped_column(String(40))
    site_id: Mapped[int | None]
    page_id: Mapped[int | None] = mapped_column(LongId)
    comment_id: Mapped[int | None] = mapped_column(LongId)
    subject: Mapped[str] = mapped_column(String(300), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    batch: Mapped[str | None] = mapped_column(String(24))
    details: Mapped[str] = mapped_column(Text, default="{}")
