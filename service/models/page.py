"""Pages: one row for each address that carries a thread."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.models.base import LongId, Model, Moment, ascii_text


class Page(Model):
    """A page of a site, found by its page key.

    `version` grows with every change that a reader can see; `count` is how many published comments it has; a page is
    closed by hand from `closed_at` on, until `reopens` if that is set; `opened` says that it was opened by hand, which
    the site's rules for closing do not undo. `first_comment` and `last_comment` are when published ones were written.
    """

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("site_id", "key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(ascii_text(2048))
    url: Mapped[str] = mapped_column(String(2048))
    title: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=0)
    count: Mapped[int] = mapped_column(default=0)
    last_number: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_reason: Mapped[str | None] = mapped_column(String(300))
    reopens: Mapped[datetime | None] = mapped_column(Moment)
    opened: Mapped[bool] = mapped_column(default=False)
    first_comment: Mapped[datetime | None] = mapped_column(Moment)
    last_comment: Mapped[datetime | None] = mapped_column(Moment)
    created: Mapped[datetime] = mapped_column(Moment)
