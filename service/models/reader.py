"""Readers: whoever writes, known only by a key kept in the host page's storage."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.models.base import LongId, Model, Moment


class Reader(Model):
    """A reader of one site. `key_hash` is the SHA-256 of the reader key; the key itself is never stored."""

    __tablename__ = "readers"
    __table_args__ = (UniqueConstraint("site_id", "key_hash"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    key_hash: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(Moment)
