"""Rows for measuring and for plans, by bulk SQL on either database, on top of what `tests.bench.queue` stores."""

from __future__ import annotations

from sqlalchemy import Connection, text

from tests.bench.queue import BODY, NOW, PAGES, READERS, fill

#: of the site on which threads are measured
ORIGIN = "https://site1.example.org"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: an id as a path holds it, in seven base-36 digits
_STEP = " || ".join(f"substr('{_DIGITS}', CAST(1 + id / {36**place} % 36 AS INTEGER), 1)" for place in range(6, -1, -1))
_MANY = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :number)"


def crowd(connection: Connection, number: int) -> None:
    """Store so many comments on 2,000 pages of 20 sites, with what their pages count."""
    fill(connection, number)
    connection.execute(
        text(
            "UPDATE pages SET version = 1, last_number = :number, count = (SELECT count(*) FROM comments"
            " WHERE page_id = pages.id AND state || '' = 'published')"
        ),
        {"number": number},
    )


def thread(connection: Connection, name: str, top_level: int, replies: int) -> str:
    """Store a page of site 1 with a thread, so many replies to each top-level comment, and return its address."""
    first = connection.execute(text("SELECT coalesce(max(id), 0) + 1 FROM comments")).scalar_one()
    page_id = connection.execute(text("SELECT max(id) + 1 FROM pages")).scalar_one()
    total = top_level * (replies + 1)
    values = {"number": total, "page": page_id, "first": first, "each": replies + 1, "now": NOW.replace(tzinfo=None)}
    connection.execute(
        text(
            "INSERT INTO pages (id, site_id, key, url, title, version, count, last_number, opened, created)"
            " VALUES (:page, 1, :key, :url, 'Page', 1, :number, :top, FALSE, :now)"
        ),
        values | {"key": f"{ORIGIN.removeprefix('https://')}/{name}", "url": f"{ORIGIN}/{name}", "top": top_level},
    )
    made = (
        f"{_MANY}, row AS (SELECT i, :first + i AS id, i % :each AS turn FROM n)"
        f" SELECT id, 1, :page, CASE WHEN turn > 0 THEN id - turn END, CASE WHEN turn > 0 THEN id - turn END,"
        f" CASE WHEN turn > 0 THEN {_STEP} ELSE '' END, CASE WHEN turn > 0 THEN 1 ELSE 0 END,"
        " CASE WHEN turn = 0 THEN i / :each + 1 END, CAST(:body AS TEXT) || i, CAST(:body AS TEXT) || i, 1,"
        f" 'Reader ' || (1 + i * 7 % {READERS}), '', '', FALSE, 1 + i * 7 % {READERS}, 'published', 0, 0, 0,"
        " (i * 7919 % 1000) / 1000.0, CASE WHEN turn = 0 THEN :each - 1 ELSE 0 END, :now, FALSE, FALSE, 0 FROM row"
    )
    if connection.dialect.name == "postgresql":
        made = made.replace(":first", "CAST(:first AS bigint)").replace(":each", "CAST(:each AS integer)")
        made = made.replace(":page", "CAST(:page AS bigint)").replace(":number", "CAST(:number AS integer)")
        made = made.replace(":now", "CAST(:now AS timestamptz)")
    connection.execute(
        text(
            "INSERT INTO comments (id, site_id, page_id, parent_id, root_id, path, depth, number, body, html, pipeline,"
            " name, email, website, operator, reader_id, state, up, down, score, rank, replies, created, shadow,"
            f" checked, reports) {made}"
        ),
        values | {"body": BODY},
    )
    return f"{ORIGIN}/{name}"


def beside(connection: Connection, number: int) -> None:
    """Store so many rows in each of the tables that a write looks into as well; in PostgreSQL, go on counting ids."""
    values = {"number": number, "now": NOW.replace(tzinfo=None)}
    for rows in (
        f"INSERT INTO spent (bucket, at) {_MANY} SELECT 'bucket' || (i % 900), :now FROM n",
        "INSERT INTO retries (site_id, key, fingerprint, comment_id, created)"
        f" {_MANY} SELECT 1 + i % 20, 'key' || i, 'f', 1 + i, :now FROM n",
        f"INSERT INTO votes {_MANY} SELECT 1 + i, 1 + i % {READERS}, 1 FROM n",
        "INSERT INTO spam_words (word, good, spam, hard_good, hard_spam, last)"
        f" {_MANY} SELECT 'w' || i, 1, 1, 0, 0, 0 FROM n",
        f"INSERT INTO spam_lessons {_MANY} SELECT 1 + i, FALSE, FALSE, :now FROM n",
        "INSERT INTO bans (site_id, kind, value, shadow, actor, reason, created)"
        f" {_MANY} SELECT 1 + i % 20, 'name', 'somebody' || i, FALSE, 'ann', '', :now FROM n",
        f"INSERT INTO reports {_MANY} SELECT 1 + i, 7, 'Rude.', :now, TRUE, TRUE FROM n WHERE (1 + i) % 500 <> 99",
        "INSERT INTO comment_edits (comment_id, at, actor, body, name, website)"
        f" {_MANY} SELECT 1 + i, :now, '', 'Before.', 'Ann', '' FROM n",
        "INSERT INTO audit (at, actor, via, verb, comment_id, subject, reason, details)"
        f" {_MANY} SELECT :now, 'ann', 'ui', 'approve', 1 + i, '', '', '{{}}' FROM n",
    ):
        if connection.dialect.name == "postgresql":
            rows = rows.replace(":now", "CAST(:now AS timestamptz)")
        connection.execute(text(rows.replace("{{}}", "{}")), values)
    if connection.dialect.name == "postgresql":
        for table in ("sites", "pages", "readers", "comments"):
            last = f"(SELECT max(id) FROM {table})"
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})"))


__all__ = ["NOW", "ORIGIN", "PAGES", "beside", "crowd", "thread"]
