"""Indexes by which a page's ends, what came since, and an author's newest comments are found at once."""

from alembic import op
from sqlalchemy import text

from service.database.online import create_index

revision = "0003"
down_revision = "0002"

PUBLISHED = "state = 'published'"


def upgrade() -> None:
    create_index("ix_comments_page", "comments", ["page_id", "id"])
    create_index("ix_comments_reader", "comments", ["reader_id", "id"])
    create_index("ix_comments_author", "comments", ["site_id", "name", "id"])
    kept = text(PUBLISHED)
    create_index("ix_comments_span", "comments", ["page_id", "created"], sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    for name in ("page", "reader", "author", "span"):
        op.drop_index(f"ix_comments_{name}", table_name="comments")
