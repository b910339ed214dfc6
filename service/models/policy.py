"""What policy remembers: bans, and what the spam filter has learnt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.models.base import LongId, Model, Moment


class Ban(Model):
    """Somebody or something that may not comment, on one site or, with no site, on all.

    `kind` says what `value` is: a reader's id, a name, an e-mail address or its domain, a pattern of addresses linked
    to, a network. A `shadow` ban hides the comment from everybody but its author.
    """

    __tablename__ = "bans"
    __table_args__ = (
        CheckConstraint("kind IN ('reader', 'name', 'email', 'url', 'address')", name="kind"),
        Index("ix_bans_kind_value", "kind", "value"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(254))
    shadow: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300), default="")
    until: Mapped[datetime | None] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(Moment)


class SpamWord(Model):
    """In how many good comments and in how much spam a token was seen; the empty token counts the comments.

    `hard_good` and `hard_spam` say how many of those the filter had judged wrong, or nearly, when it was taught. `last`
    is the number of the lesson that touched the token last.
    """

    __tablename__ = "spam_words"

    word: Mapped[str] = mapped_column(String(80), primary_key=True)
    good: Mapped[int] = mapped_column(default=0)
    spam: Mapped[int] = mapped_column(default=0)
    hard_good: Mapped[int] = mapped_column(default=0)
    hard_spam: Mapped[int] = mapped_column(default=0)
    last: Mapped[int] = mapped_column(default=0)


class SpamLesson(Model):
    """What the filter was told about a comment, so that another decision takes it back first.

    `hard` says that the lesson counted twice (policy.spam.bayes).
    """

    __tablename__ = "spam_lessons"

    comment_id: Mapped[int] = mapped_column(LongId, ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    spam: Mapped[bool]
    hard: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Moment)
