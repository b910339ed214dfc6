"""Sites, pages, comments, readers; answers kept for retries and what was spent of limits."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SHOWN = "(state = 'published' OR replies > 0)"


def upgrade() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("www", sa.String(length=8), nullable=False),
        sa.Column("names", sa.String(length=8), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("edit_minutes", sa.Integer(), nullable=False),
        sa.Column("votes", sa.String(length=4), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("names IN ('required', 'optional')", name=op.f("ck_sites_names")),
        sa.CheckConstraint("votes IN ('both', 'up', 'off')", name=op.f("ck_sites_votes")),
        sa.CheckConstraint("www IN ('drop', 'keep')", name=op.f("ck_sites_www")),
        sa.CheckConstraint("depth BETWEEN 0 AND 6", name=op.f("ck_sites_depth")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("name", name=op.f("uq_sites_name")),
    )
    op.create_table(
        "spent",
        sa.Column("id", LONG, nullable=False),
        sa.Column("bucket", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent")),
    )
    op.create_index("ix_spent_at", "spent", ["at"], unique=False)
    op.create_index("ix_spent_bucket_spent_at", "spent", ["bucket", "at"], unique=False)

    op.create_table(
        "origins",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_origins_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_origins")),
    )
    op.create_index("ix_origins_site_id", "origins", ["site_id"], unique=False)

    op.create_table(
        "pages",
        sa.Column("id", LONG, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column(
            "key",
            sa.String(length=2048).with_variant(sa.String(length=2048, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.String(length=300), nullable=True),
        sa.Column("reopens", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_pages_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_pages_site_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "readers",
        sa.Column("id", LONG, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_readers_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readers")),
        sa.UniqueConstraint("site_id", "key_hash", name=op.f("uq_readers_site_id_key_hash")),
    )
    op.create_table(
        "comments",
        sa.Column("id", LONG, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("page_id", LONG, nullable=False),
        sa.Column("parent_id", LONG, nullable=True),
        sa.Column("root_id", LONG, nullable=True),
        sa.Column(
            "path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("website", sa.String(length=2048), nullable=False),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("reader_id", LONG, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=True),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Double(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_state", sa.String(length=10), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=True),
        sa.Column("source_id", sa.String(length=120), nullable=True),
        sa.CheckConstraint("state IN ('published', 'pending', 'spam', 'deleted')", name=op.f("ck_comments_state")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_comments_page_id_pages"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id_comments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["readers.id"], name=op.f("fk_comments_reader_id_readers"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["root_id"], ["comments.id"], name=op.f("fk_comments_root_id_comments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_comments_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("page_id", "number", name=op.f("uq_comments_page_id_number")),
        sa.UniqueConstraint("site_id", "source", "source_id", name=op.f("uq_comments_site_id_source_source_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_comments_best",
        "comments",
        ["page_id", sa.text("rank DESC"), "number"],
        unique=False,
        sqlite_where=sa.text(f"parent_id IS NULL AND {SHOWN}"),
        postgresql_where=sa.text(f"parent_id IS NULL AND {SHOWN}"),
    )
    op.create_index("ix_comments_erase_at", "comments", ["erase_at"], unique=False)
    op.create_index("ix_comments_page_id", "comments", ["page_id"], unique=False)
    op.create_index("ix_comments_parent_id", "comments", ["parent_id"], unique=False)
    op.create_index("ix_comments_reader_id", "comments", ["reader_id"], unique=False)
    op.create_index(
        "ix_comments_replies",
        "comments",
        ["root_id", "path"],
        unique=False,
        sqlite_where=sa.text(SHOWN),
        postgresql_where=sa.text(SHOWN),
    )
    op.create_index("ix_comments_state", "comments", ["state", "id"], unique=False)
    op.create_index(
        "ix_comments_top_level",
        "comments",
        ["page_id", "number"],
        unique=False,
        sqlite_where=sa.text(f"parent_id IS NULL AND {SHOWN}"),
        postgresql_where=sa.text(f"parent_id IS NULL AND {SHOWN}"),
    )

    op.create_table(
        "reports",
        sa.Column("comment_id", LONG, nullable=False),
        sa.Column("reader_id", LONG, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_reports_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["readers.id"], name=op.f("fk_reports_reader_id_readers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", "reader_id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_reader_id", "reports", ["reader_id"], unique=False)

    op.create_table(
        "retries",
        sa.Column("id", LONG, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("comment_id", LONG, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_retries_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_retries_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retries")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_retries_site_id_key")),
    )
    op.create_index("ix_retries_comment_id", "retries", ["comment_id"], unique=False)
    op.create_index("ix_retries_created", "retries", ["created"], unique=False)

    op.create_table(
        "votes",
        sa.Column("comment_id", LONG, nullable=False),
        sa.Column("reader_id", LONG, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.CheckConstraint("value IN (1, -1)", name=op.f("ck_votes_value")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_votes_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["readers.id"], name=op.f("fk_votes_reader_id_readers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", "reader_id", name=op.f("pk_votes")),
    )
    op.create_index("ix_votes_reader_id", "votes", ["reader_id"], unique=False)


def downgrade() -> None:
    for table in ("votes", "reports", "retries", "comments", "readers", "pages", "origins", "spent", "sites"):
        op.drop_table(table)
