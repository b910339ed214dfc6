"""Indexes go in whose place 0003 put others."""

from alembic import op

from service.database.online import drop_index

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("page_id", "reader_id", "name"):
        drop_index(f"ix_comments_{name}", "comments")


def downgrade() -> None:
    op.create_index("ix_comments_page_id", "comments", ["page_id"])
    op.create_index("ix_comments_reader_id", "comments", ["reader_id"])
    op.create_index("ix_comments_name", "comments", ["site_id", "name"])
