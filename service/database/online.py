"""What migrations need to change a schema that others work with meanwhile; see migrations/README.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import text

#: rows that are given a value in one transaction
BATCH = 5_000


def create_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Create an index while the table is written; what a try that failed has left of it goes first.

    The revision's transaction ends before it, so it belongs at the revision's end, or into one of its own.
    """
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        # what waits for its turn here keeps nobody waiting
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)


def drop_index(name: str, table: str) -> None:
    """Drop an index while the table is used; like create_index() at a revision's end."""
    if op.get_bind().dialect.name != "postgresql":
        op.drop_index(name, table)
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)


def fill(table: str, assignment: str, where: str) -> None:
    """Give existing rows a value in batches: `assignment` and `where` are SQL, and `where` is untrue once it is done.

    On PostgreSQL each batch is a transaction of its own, so that nobody waits for all of them.
    """
    if op.get_bind().dialect.name != "postgresql":
        op.execute(f"UPDATE {table} SET {assignment} WHERE {where}")
        return
    batch = text(
        f"UPDATE {table} SET {assignment} WHERE ctid = ANY(ARRAY("
        f"SELECT ctid FROM {table} WHERE {where} LIMIT {BATCH} FOR UPDATE SKIP LOCKED))"
    )
    left = text(f"SELECT EXISTS (SELECT FROM {table} WHERE {where})")
    with op.get_context().autocommit_block():
        while op.get_bind().execute(left).scalar():
            op.execute(batch)
