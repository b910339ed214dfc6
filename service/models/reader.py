"""Readers: whoever writes, known only by a key kept in the host page's storage."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.models.base import LongId, Model, Moment


class Reader(Model):
    """A reader of one site. `key_hash` is the SHA-256 of the reader key; the key itself is never stored."""

    __tablename__ = "readers"
    __table_args__ = (UniqueConstraint("site_id", "key_hash"), {"sqlite_autoincrement": True})  # bans name ids

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    key_hash: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(Moment)


class Vote(Model):
    """A reader's vote on a comment: 1 up, -1 down. Taken back, it is gone."""

    __tablename__ = "votes"
    __table_args__ = (CheckConstraint("value IN (1, -1)", name="value"),)

    comment_id: Mapped[int] = mapped_column(LongId, ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    reader_id: Mapped[int] = mapped_column(
        LongId, ForeignKey("readers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    value: Mapped[int]


class Report(Model):
    """A reader's report of a comment, one each. `upheld` is what an operator's decision on the comment made of it.

    One that is not `counted` came from an address that had reported the comment already, or from somebody banned.
    """

    __tablename__ = "reports"

    comment_id: Mapped[int] = mapped_column(LongId, ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    reader_id: Mapped[int] = mapped_column(
        LongId, ForeignKey("readers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    reason: Mapped[str] = mapped_column(String(300))
    created: Mapped[datetime] = mapped_column(Moment)
    upheld: Mapped[bool | None]
    counted: Mapped[bool] = mapped_column(default=True)
