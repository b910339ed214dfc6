"""Operators and their sessions, the audit log, bans and the spam filter's memory; what closing and moderation keep."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: an entry of the audit log is neither changed nor removed, whoever asks
APPEND_ONLY = "the audit log is append-only"


def _tables_of_0001() -> list[sa.Table]:
    known = sa.MetaData()
    sites = sa.Table(
        "sites",
        known,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("www", sa.String(length=8), nullable=False),
        sa.Column("names", sa.String(length=8), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("edit_minutes", sa.Integer(), nullable=False),
        sa.Column("votes", sa.String(length=4), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("names IN ('required', 'optional')", name="ck_sites_names"),
        sa.CheckConstraint("votes IN ('both', 'up', 'off')", name="ck_sites_votes"),
        sa.CheckConstraint("www IN ('drop', 'keep')", name="ck_sites_www"),
        sa.CheckConstraint("depth BETWEEN 0 AND 6", name="ck_sites_depth"),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
        sa.UniqueConstraint("name", name="uq_sites_name"),
    )
    readers = sa.Table(
        "readers",
        known,
        sa.Column("id", LONG, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_readers_site_id_sites", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_readers"),
        sa.UniqueConstraint("site_id", "key_hash", name="uq_readers_site_id_key_hash"),
    )
    return [sites, readers]


def _remake(autoincrement: bool) -> None:
    """Say whether SQLite may give the id of a row that was removed to another.

    It may not where others remember ids: what the log tells of a site, or a ban of a reader, would be the next one's.
    """
    if op.get_bind().dialect.name == "sqlite":
        for table in _tables_of_0001():
            kept = {"sqlite_autoincrement": autoincrement}
            with op.batch_alter_table(table.name, recreate="always", copy_from=table, table_kwargs=kept):
                pass


def upgrade() -> None:
    _remake(True)
    op.create_table(
        "audit",
        sa.Column("id", LONG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("via", sa.String(length=8), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("page_id", LONG, nullable=True),
        sa.Column("comment_id", LONG, nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("batch", sa.String(length=24), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_actor", "audit", ["actor", "id"])
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_batch", "audit", ["batch"])
    op.create_index("ix_audit_comment_id", "audit", ["comment_id"])
    op.create_index("ix_audit_site_id", "audit", ["site_id", "id"])
    op.create_table(
        "operators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("all_sites", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'moderator')", name=op.f("ck_operators_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("name", name=op.f("uq_operators_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "spam_words",
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("spam", sa.Integer(), nullable=False),
        sa.Column("hard_good", sa.Integer(), nullable=False),
        sa.Column("hard_spam", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_spam_words")),
    )
    op.create_table(
        "bans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('reader', 'name', 'email', 'url', 'address')", name=op.f("ck_bans_kind")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_bans_site_id_sites"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bans_kind_value", "bans", ["kind", "value"])
    op.create_index("ix_bans_site_id", "bans", ["site_id"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("maker_id", sa.Integer(), nullable=True),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_invitations_operator_id_operators"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["operators.id"], name=op.f("fk_invitations_maker_id_operators"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invitations_maker_id", "invitations", ["maker_id"])
    op.create_index("ix_invitations_operator_id", "invitations", ["operator_id"])
    op.create_table(
        "operator_sites",
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_operator_sites_operator_id_operators"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_operator_sites_site_id_sites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("operator_id", "site_id", name=op.f("pk_operator_sites")),
    )
    op.create_index("ix_operator_sites_site_id", "operator_sites", ["site_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_recovery_codes_operator_id_operators"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("operator_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", LONG, nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("agent", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=43), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_sessions_operator_id_operators"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_operator_id", "sessions", ["operator_id"])
    op.create_index("ix_sessions_seen", "sessions", ["seen"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("maker_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_tokens_operator_id_operators"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["tokens.id"], name=op.f("fk_tokens_maker_id_tokens"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_tokens_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tokens_maker_id", "tokens", ["maker_id"])
    op.create_index("ix_tokens_operator_id", "tokens", ["operator_id"])
    op.create_table(
        "comment_edits",
        sa.Column("id", LONG, nullable=False),
        sa.Column("comment_id", LONG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("website", sa.String(length=2048), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_comment_edits_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_edits")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comment_edits_comment_id", "comment_edits", ["comment_id"])
    op.create_table(
        "spam_lessons",
        sa.Column("comment_id", LONG, nullable=False),
        sa.Column("spam", sa.Boolean(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_spam_lessons_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_spam_lessons")),
    )
    op.add_column("comments", sa.Column("why", sa.Text(), nullable=True))
    op.add_column("comments", sa.Column("spam_score", sa.Double(), nullable=True))
    op.add_column("comments", sa.Column("shadow", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("comments", sa.Column("told", sa.String(length=10), nullable=True))
    op.add_column("comments", sa.Column("checked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("comments", sa.Column("reports", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("comments", sa.Column("address", sa.String(length=43), nullable=True))
    op.create_index(
        "ix_comments_address",
        "comments",
        ["created"],
        sqlite_where=sa.text("address IS NOT NULL"),
        postgresql_where=sa.text("address IS NOT NULL"),
    )
    op.create_index("ix_comments_created", "comments", ["created", "id"])
    for column, kept in (("email", "email <> ''"), ("rule", "rule IS NOT NULL")):
        op.create_index(
            f"ix_comments_{column}",
            "comments",
            [column, "id"],
            sqlite_where=sa.text(kept),
            postgresql_where=sa.text(kept),
        )
    op.create_index("ix_comments_name", "comments", ["site_id", "name"])
    op.create_index(
        "ix_comments_reported",
        "comments",
        ["id"],
        sqlite_where=sa.text("reports > 0"),
        postgresql_where=sa.text("reports > 0"),
    )
    op.create_index("ix_comments_site_state", "comments", ["site_id", "state", "id"])
    op.add_column("reports", sa.Column("upheld", sa.Boolean(), nullable=True))
    op.add_column("reports", sa.Column("counted", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("pages", sa.Column("opened", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("pages", sa.Column("first_comment", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pages", sa.Column("last_comment", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sites", sa.Column("closing", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("sites", sa.Column("policy", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("sites", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sites", sa.Column("closed_reason", sa.String(length=300), nullable=True))
    op.add_column("sites", sa.Column("reopens", sa.DateTime(timezone=True), nullable=True))

    for column, pick in (("first_comment", "min"), ("last_comment", "max")):
        op.execute(
            f"UPDATE pages SET {column} = (SELECT {pick}(created) FROM comments"
            " WHERE comments.page_id = pages.id AND comments.state = 'published')"
        )
    op.execute(
        "UPDATE comments SET reports = (SELECT count(*) FROM reports WHERE reports.comment_id = comments.id)"
        " WHERE id IN (SELECT comment_id FROM reports)"
    )
    _guard_audit()


def _guard_audit() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb} BEFORE {verb.upper()} ON audit"
                f" BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
    )


def downgrade() -> None:
    for table in (
        "spam_lessons",
        "comment_edits",
        "tokens",
        "sessions",
        "recovery_codes",
        "operator_sites",
        "invitations",
        "bans",
        "spam_words",
        "operators",
        "audit",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_append_only()")
    for index in ("address", "created", "email", "name", "reported", "rule", "site_state"):
        op.drop_index(f"ix_comments_{index}", table_name="comments")
    for table, columns in (
        ("comments", ("why", "spam_score", "shadow", "told", "checked", "reports", "address")),
        ("pages", ("opened", "first_comment", "last_comment")),
        ("reports", ("upheld", "counted")),
        ("sites", ("closing", "policy", "closed_at", "closed_reason", "reopens")),
    ):
        for column in columns:
            op.drop_column(table, column)
    _remake(False)
