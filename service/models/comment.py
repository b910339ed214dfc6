"""Comments, and the two small tables that writing one needs: answers kept for retries, and what was spent of limits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.models.base import LongId, Model, Moment, ascii_text

#: A comment shows when it is published, or when it holds the place of one whose replies are. Written out, not bound:
#: a partial index serves a query only when both say the same words.
SHOWN = "(state = 'published' OR replies > 0)"
PUBLISHED = "state = 'published'"


class Comment(Model):
    """One entry of a thread.

    `path` holds the ids from the top-level comment's reply down to this one, each in seven base-36 digits, so that
    sorting by it is display order; a top-level comment's is empty. `root_id` is the top-level comment a reply hangs
    under. `replies` counts the published comments below. `number` is given when a top-level comment is first published
    and never changes. `pipeline` is the version of the renderer that made `html` from `body`. `score` is votes up less
    votes down, `rank` orders by both (policy.ranking). What its author deleted can be had back, in `erased_state`,
    until `erase_at`; then its text is erased.

    `rule` is what held it, `why` that rule's signs as JSON, `spam_score` what the spam filter said of it (0 to 1);
    `checked` says that an operator has decided on it, `reports` how many readers have reported it since. A `shadow`
    comment looks to its author as if nobody had banned them: its state is `told` then. `address` is the author's,
    truncated and kept for some days only.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint("state IN ('published', 'pending', 'spam', 'deleted')", name="state"),
        UniqueConstraint("site_id", "source", "source_id"),
        UniqueConstraint("page_id", "number"),
        Index(
            "ix_comments_top_level",
            "page_id",
            "number",
            sqlite_where=text(f"parent_id IS NULL AND {SHOWN}"),
            postgresql_where=text(f"parent_id IS NULL AND {SHOWN}"),
        ),
        Index(
            "ix_comments_best",
            "page_id",
            text("rank DESC"),
            "number",
            sqlite_where=text(f"parent_id IS NULL AND {SHOWN}"),
            postgresql_where=text(f"parent_id IS NULL AND {SHOWN}"),
        ),
        Index("ix_comments_replies", "root_id", "path", sqlite_where=text(SHOWN), postgresql_where=text(SHOWN)),
        Index("ix_comments_state", "state", "id"),
        Index("ix_comments_site_state", "site_id", "state", "id"),
        Index("ix_comments_reported", "id", sqlite_where=text("reports > 0"), postgresql_where=text("reports > 0")),
        # PostgreSQL's indexes do not hold the id by themselves, and would sort an author's, a page's comments by it
        Index("ix_comments_page", "page_id", "id"),
        Index("ix_comments_reader", "reader_id", "id"),
        Index("ix_comments_author", "site_id", "name", "id"),
        Index("ix_comments_span", "page_id", "created", sqlite_where=text(PUBLISHED), postgresql_where=text(PUBLISHED)),
        Index(
            "ix_comments_email", "email", "id", sqlite_where=text("email <> ''"), postgresql_where=text("email <> ''")
        ),
        Index(
            "ix_comments_rule",
            "rule",
            "id",
            sqlite_where=text("rule IS NOT NULL"),
            postgresql_where=text("rule IS NOT NULL"),
        ),
        Index("ix_comments_created", "created", "id"),
        Index(
            "ix_comments_address",
            "created",
            sqlite_where=text("address IS NOT NULL"),
            postgresql_where=text("address IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    page_id: Mapped[int] = mapped_column(LongId, ForeignKey("pages.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(LongId, ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    root_id: Mapped[int | None] = mapped_column(LongId, ForeignKey("comments.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(ascii_text(400), default="")
    depth: Mapped[int] = mapped_column(default=0)
    number: Mapped[int | None]
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    pipeline: Mapped[int]
    name: Mapped[str] = mapped_column(String(64), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    website: Mapped[str] = mapped_column(String(2048), default="")
    operator: Mapped[bool] = mapped_column(default=False)
    reader_id: Mapped[int | None] = mapped_column(LongId, ForeignKey("readers.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str | None] = mapped_column(String(40))
    up: Mapped[int] = mapped_column(default=0)
    down: Mapped[int] = mapped_column(default=0)
    score: Mapped[int] = mapped_column(default=0)
    rank: Mapped[float] = mapped_column(default=0.0)
    replies: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(Moment)
    edited: Mapped[datetime | None] = mapped_column(Moment)
    erase_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    erased_state: Mapped[str | None] = mapped_column(String(10))
    why: Mapped[str | None] = mapped_column(Text)
    spam_score: Mapped[float | None]
    shadow: Mapped[bool] = mapped_column(default=False)
    told: Mapped[str | None] = mapped_column(String(10))
    checked: Mapped[bool] = mapped_column(default=False)
    reports: Mapped[int] = mapped_column(default=0)
    address: Mapped[str | None] = mapped_column(String(43))
    source: Mapped[str | None] = mapped_column(String(20))
    source_id: Mapped[str | None] = mapped_column(String(120))


class CommentEdit(Model):
    """What a comment said before it was changed, and who changed it: an operator's name, or nothing for its author."""

    __tablename__ = "comment_edits"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    comment_id: Mapped[int] = mapped_column(LongId, ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(64), default="")
    body: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(64))
    website: Mapped[str] = mapped_column(String(2048))


class Retry(Model):
    """What was answered under an idempotency key, kept for two days: the same request gets the same answer."""

    __tablename__ = "retries"
    __table_args__ = (UniqueConstraint("site_id", "key"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    comment_id: Mapped[int] = mapped_column(LongId, ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(Moment, index=True)


class Spent(Model):
    """One use of a limit. `bucket` names what is limited; for an address it is a keyed hash that changes daily."""

    __tablename__ = "spent"
    __table_args__ = (Index(None, "bucket", "at"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    bucket: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
