"""Sites, pages, comments, readers; answers kept for retries and what was spent of limits."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("www", sa.String(length=8), nullable=False),
        sa.Column("names", sa.String(length=8), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("names IN ('required', 'optional')", name=op.f("ck_sites_names")),
        sa.CheckConstraint("www IN ('drop', 'keep')", name=op.f("ck_sites_www")),
        sa.CheckConstraint("depth BETWEEN 0 AND 6", name=op.f("ck_sites_depth")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("name", name=op.f("uq_sites_name")),
    )
    op.create_table(
        "spent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bucket", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent")),
    )
    with op.batch_alter_table("spent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spent_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_spent_bucket_spent_at"), ["bucket", "at"], unique=False)

    op.create_table(
        "origins",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_origins_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_origins")),
    )
    with op.batch_alter_table("origins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_origins_site_id"), ["site_id"], unique=False)

    op.create_table(
        "pages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_readers_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readers")),
        sa.UniqueConstraint("site_id", "key_hash", name=op.f("uq_readers_site_id_key_hash")),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("root_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
        sa.Column("reader_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited", sa.DateTime(timezone=True), nullable=True),
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
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comments_page_id"), ["page_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comments_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comments_reader_id"), ["reader_id"], unique=False)
        batch_op.create_index(
            "ix_comments_replies",
            ["root_id", "path"],
            unique=False,
            sqlite_where=sa.text("(state = 'published' OR replies > 0)"),
            postgresql_where=sa.text("(state = 'published' OR replies > 0)"),
        )
        batch_op.create_index("ix_comments_state", ["state", "id"], unique=False)
        batch_op.create_index(
            "ix_comments_top_level",
            ["page_id", "number"],
            unique=False,
            sqlite_where=sa.text("parent_id IS NULL AND (state = 'published' OR replies > 0)"),
            postgresql_where=sa.text("parent_id IS NULL AND (state = 'published' OR replies > 0)"),
        )

    op.create_table(
        "retries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_retries_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_retries_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retries")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_retries_site_id_key")),
    )
    with op.batch_alter_table("retries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retries_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_retries_created"), ["created"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("retries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retries_created"))
        batch_op.drop_index(batch_op.f("ix_retries_comment_id"))

    op.drop_table("retries")
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_comments_top_level",
            sqlite_where=sa.text("parent_id IS NULL AND (state = 'published' OR replies > 0)"),
            postgresql_where=sa.text("parent_id IS NULL AND (state = 'published' OR replies > 0)"),
        )
        batch_op.drop_index("ix_comments_state")
        batch_op.drop_index(
            "ix_comments_replies",
            sqlite_where=sa.text("(state = 'published' OR replies > 0)"),
            postgresql_where=sa.text("(state = 'published' OR replies > 0)"),
        )
        batch_op.drop_index(batch_op.f("ix_comments_reader_id"))
        batch_op.drop_index(batch_op.f("ix_comments_parent_id"))
        batch_op.drop_index(batch_op.f("ix_comments_page_id"))

    op.drop_table("comments")
    op.drop_table("readers")
    op.drop_table("pages")
    with op.batch_alter_table("origins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_origins_site_id"))

    op.drop_table("origins")
    with op.batch_alter_table("spent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spent_bucket_spent_at"))
        batch_op.drop_index(batch_op.f("ix_spent_at"))

    op.drop_table("spent")
    op.drop_table("sites")
