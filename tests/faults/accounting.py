"""What must hold between what clients were told and what is stored, whatever happened in between.

A set test: A were acknowledged, R refused, U is unknown (no answer, or one of 5xx), D is in the database. Nothing of A
is missing in D, nothing of R is there, and what is there was sent.
"""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import make_url

from tests.faults.clients import Ledger
from tests.faults.harness import Service
from tests.postgres import superior

try:
    # the same as the service: an SQLite with the WAL-reset fault must not meet a writer, not even as a reader
    from pysqlite3 import dbapi2 as DRIVER
except ImportError:
    import sqlite3 as DRIVER

_COMMENTS = """
    SELECT comments.*, pages.url, retries.key FROM comments
    JOIN pages ON pages.id = comments.page_id LEFT JOIN retries ON retries.comment_id = comments.id
"""
#: each index agrees with its table, and is in order
_INDEXES = """
    SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'i' AND a.amname = 'btree' AND n.nspname = 'public'
"""


def connect(where: Service | Path) -> Any:
    """Return a connection, which begins nothing by itself, to a service's database or that of SQLite in a folder."""
    if isinstance(where, Service) and where.database:
        url = make_url(where.database).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True, row_factory=dict_row)
    folder = where.data if isinstance(where, Service) else where
    connection = DRIVER.connect(folder / "afterword.db", timeout=30, isolation_level=None)
    connection.row_factory = DRIVER.Row
    return connection


def query(where: Service | Path, sql: str, *values: Any) -> list[Any]:
    """Return the rows of a query on that database, all of one moment; `sql` has a question mark for each value."""
    with contextlib.closing(connect(where)) as connection:
        marks = "%s" if isinstance(connection, psycopg.Connection) else "?"
        return list(connection.execute(sql.replace("?", marks), values))


def stored(where: Service | Path) -> list[Any]:
    """Return all comments with their page's address and the idempotency key they were sent with."""
    return query(where, _COMMENTS)


def settle_accounts(ledger: Ledger, data: Path | None = None, further_changes: int = 0) -> int:
    """Fail unless the database agrees with the ledger and with itself; returns how many comments are stored.

    Only the ledger's pages are looked at. `further_changes` is how often they were closed or opened meanwhile.
    """
    where = data or ledger.service
    pages = {sent.page for sent in ledger.sent}
    rows = [row for row in stored(where) if row["url"] in pages]
    faults = [*ledger.faults_of_file(), *_between(ledger, rows), *_within(where, pages, rows, further_changes)]
    assert not faults, "\n".join(faults)
    return len(rows)


def _between(ledger: Ledger, rows: list[Any]) -> list[str]:
    faults = [f"comment {row['id']} has no idempotency key" for row in rows if row["key"] is None]
    by_key = {row["key"]: row for row in rows}
    sent_keys = {sent.key for sent in ledger.sent}
    faults += [f"key {key} was never sent" for key in by_key.keys() - sent_keys]
    faults += [
        f"{count} rows hold {body!r}" for body, count in Counter(row["body"] for row in rows).items() if count > 1
    ]
    given = Counter(number for sent in ledger.sent for number in sent.acknowledged)
    faults += [f"id {number} was given to {count} comments" for number, count in given.items() if count > 1]
    for sent in ledger.sent:
        row = by_key.get(sent.key)
        if len(sent.acknowledged) > 1:
            faults.append(f"{sent.key} was acknowledged as {sorted(sent.acknowledged)}")
        if sent.acknowledged and (row is None or row["id"] not in sent.acknowledged):
            faults.append(f"{sent.key} was acknowledged as {sent.acknowledged}, stored is {row and row['id']}")
        if row is not None and not sent.acknowledged and not sent.unknown:
            faults.append(f"{sent.key} is stored, though it was refused: {[answer.status for answer in sent.answers]}")
        if row is not None and (row["body"], row["url"], row["parent_id"]) != (sent.body, sent.page, sent.parent):
            faults.append(f"{sent.key} is stored as {dict(row)}")
    return faults


def _within(where: Service | Path, pages: set[str], rows: list[Any], further_changes: int) -> list[str]:
    faults = _broken(where)
    on_page: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        on_page[row["url"]].append(row)
    versions = published = 0
    for page in query(where, "SELECT * FROM pages"):
        here = on_page[page["url"]]
        if page["url"] not in pages:
            continue
        versions, published = versions + page["version"], published + len(here)
        numbers = sorted(row["number"] for row in here if row["parent_id"] is None)
        if page["count"] != len(here) or {row["state"] for row in here} > {"published"}:
            faults.append(f"{page['url']} counts {page['count']} comments and has {len(here)}")
        dates = [row["created"] for row in here]
        if (page["first_comment"], page["last_comment"]) != (min(dates, default=None), max(dates, default=None)):
            faults.append(f"{page['url']} has its first and last at {page['first_comment']}, {page['last_comment']}")
        if numbers != list(range(1, len(numbers) + 1)) or page["last_number"] != len(numbers):
            faults.append(f"{page['url']} ends at number {page['last_number']} and has {numbers}")
    if versions != published + further_changes:
        faults.append(f"{published} comments and {further_changes} other changes made {versions} versions")
    below = Counter(row["root_id"] for row in rows)
    for row in rows:
        if row["parent_id"] is None and row["replies"] != below[row["id"]]:
            faults.append(f"comment {row['id']} counts {row['replies']} replies and has {below[row['id']]}")
    return faults


def _broken(where: Service | Path) -> list[str]:
    """Return what the database itself finds wrong with its files."""
    with contextlib.closing(connect(where)) as connection:
        if isinstance(connection, psycopg.Connection):
            with contextlib.closing(superior(connection)) as link:
                link.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
                try:
                    link.execute(_INDEXES)
                except psycopg.errors.IndexCorrupted as error:
                    return [str(error)]
            return []
        faults = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        return faults + [f"foreign key: {tuple(row)}" for row in connection.execute("PRAGMA foreign_key_check")]
