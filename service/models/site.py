"""Sites and the origins they are served from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.models.base import Model, Moment


class Site(Model):
    """A web property: its name and its settings; `version` grows with every change of them.

    `closing` and `policy` are JSON: the rules by which its pages close by themselves, and those that judge comments.
    A site is frozen from `closed_at` on, until `reopens` if that is set.
    """

    __tablename__ = "sites"
    __table_args__ = (
        CheckConstraint("www IN ('drop', 'keep')", name="www"),
        CheckConstraint("names IN ('required', 'optional')", name="names"),
        CheckConstraint("votes IN ('both', 'up', 'off')", name="votes"),
        CheckConstraint("depth BETWEEN 0 AND 6", name="depth"),
        {"sqlite_autoincrement": True},  # the log, which outlives a site, must not be taken for that of a later one
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    www: Mapped[str] = mapped_column(String(8), default="drop")
    names: Mapped[str] = mapped_column(String(8), default="required")
    depth: Mapped[int] = mapped_column(default=5)
    edit_minutes: Mapped[int] = mapped_column(default=15)
    votes: Mapped[str] = mapped_column(String(4), default="both")
    closing: Mapped[str] = mapped_column(Text, default="{}")
    policy: Mapped[str] = mapped_column(Text, default="{}")
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_reason: Mapped[str | None] = mapped_column(String(300))
    reopens: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[datetime] = mapped_column(Moment)


class Origin(Model):
    """An origin of a site. One origin belongs to one site: it decides whose page an address is."""

    __tablename__ = "origins"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), index=True)
