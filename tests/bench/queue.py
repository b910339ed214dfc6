"""CPU time of the queue on a database of many comments, and the plans of its queries.

`python -m tests.bench.queue [--comments N] [--rounds N] [--plans]`. The comments are stored by bulk SQL: of a hundred
two wait, three are spam, three are deleted, one of five hundred is reported; they lie on 20 sites and 2,000 pages.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, event, text

from service import comments, create_app, database
from service.comments import Asked

NOW = datetime(2026, 5, 14, 18, 20, tzinfo=UTC)
SITES, PAGES, READERS = 20, 2_000, 20_000
#: a comment of this length is longer than most
BODY = "It was ten to when I looked up, and I thought: plenty. " * 4
_FIRST = NOW - timedelta(days=1000)

ASKED: dict[str, Asked] = {
    "pending": Asked("pending"),
    "reported": Asked("reported"),
    "spam": Asked("spam"),
    "all": Asked("all"),
    "all, oldest first": Asked("all", order="oldest"),
    "all, one site": Asked("all", site="site3"),
    "pending, one site": Asked("pending", site="site3"),
    "reported, one site": Asked("reported", site="site3"),
    "page by id": Asked("all", page="7"),
    "page by address": Asked("pending", page="https://site8.example.org/7"),
    "author by name": Asked("all", author="Reader 4711"),
    "author by e-mail": Asked("all", author="r4711@example.org"),
    "author by reader's id": Asked("all", author="4711"),
    "rule": Asked("pending", rule="many-links"),
    "a month of all": Asked("all", since=_FIRST + timedelta(days=400), until=_FIRST + timedelta(days=430)),
    "a month of spam": Asked("spam", since=_FIRST + timedelta(days=400), until=_FIRST + timedelta(days=430)),
    "a word that is everywhere": Asked("all", text="plenty"),
    "a word that is nowhere": Asked("all", text="zymurgy"),
    "a word, one site, pending": Asked("pending", site="site3", text="zymurgy"),
}


def fill(connection: Connection, number: int) -> None:
    """Store sites, pages, readers and comments."""
    site = "INSERT INTO sites (id, name, www, names, depth, edit_minutes, votes, version, created, closing, policy)"
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :number)"
    values = {"number": SITES, "now": NOW.replace(tzinfo=None)}
    connection.execute(
        text(f"{site} {many} SELECT i, 'site' || i, 'drop', 'required', 5, 15, 'both', 1, :now, '{{}}', '{{}}' FROM n"),
        values,
    )
    connection.execute(
        text(f"INSERT INTO origins {many} SELECT 'https://site' || i || '.example.org', i FROM n"), values
    )
    connection.execute(
        text(
            "INSERT INTO pages (id, site_id, key, url, title, version, count, last_number, opened, created)"
            f" {many} SELECT i, 1 + i % {SITES}, 'site' || (1 + i % {SITES}) || '.example.org/' || i,"
            f" 'https://site' || (1 + i % {SITES}) || '.example.org/' || i, 'Page ' || i, 1, 0, 0, FALSE, :now FROM n"
        ),
        values | {"number": PAGES},
    )
    connection.execute(
        text(
            f"INSERT INTO readers (id, site_id, key_hash, created) {many}"
            f" SELECT i, 1 + i % {SITES}, 'k' || i, :now FROM n"
        ),
        values | {"number": READERS},
    )
    created = "strftime('%Y-%m-%d %H:%M:%S.000000', :first, '+' || (i * 86400000 / :number) || ' seconds')"
    if connection.dialect.name == "postgresql":
        created = "CAST(CAST(:first AS text) AS timestamptz) + (CAST(i AS bigint) * 86400000 / :number) * interval '1s'"
    connection.execute(
        text(
            "INSERT INTO comments (site_id, page_id, parent_id, path, depth, number, body, html, pipeline, name, email,"
            " website, operator, reader_id, state, rule, up, down, score, rank, replies, created, shadow, checked,"
            f" reports) {many} SELECT 1 + (1 + i % {PAGES}) % {SITES}, 1 + i % {PAGES}, NULL, '', 0, i,"
            " CAST(:body AS TEXT) || i, CAST(:body AS TEXT) || i, 1,"
            f" 'Reader ' || (1 + i * 7 % {READERS}), 'r' || (1 + i * 7 % {READERS}) || '@example.org', '', FALSE,"
            f" 1 + i * 7 % {READERS}, CASE WHEN i % 100 < 2 THEN 'pending' WHEN i % 100 < 5 THEN 'spam'"
            " WHEN i % 100 < 8 THEN 'deleted' ELSE 'published' END,"
            " CASE WHEN i % 100 < 2 THEN CASE WHEN i % 3 <> 0 THEN 'many-links' ELSE 'words' END END,"
            " 0, 0, 0, 0.0, 0,"
            f" {created}, FALSE, FALSE, CASE WHEN i % 500 = 99 THEN 2 ELSE 0 END FROM n"
        ),
        {"number": number, "body": BODY, "first": _FIRST.strftime("%Y-%m-%d %H:%M:%S")},
    )
    connection.execute(
        text(
            "INSERT INTO reports SELECT id, 1 + (id * 3) % :r, 'Rude.', created, CAST(NULL AS BOOLEAN), TRUE"
            " FROM comments WHERE reports > 0"
        ),
        {"r": READERS},
    )


@contextmanager
def noted() -> Iterator[list[tuple[str, object]]]:
    """Collect the statements that are sent meanwhile, with their parameters."""
    sent: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append((statement, parameters))

    event.listen(database.db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.db.engine, "before_cursor_execute", note)


def plans(asked: Asked, allowed: frozenset[int] | None = None) -> list[list[str]]:
    """Return the plan of each query that an answer takes, line by line."""
    with noted() as sent:
        comments.look(asked, allowed, NOW)
    with database.read() as connection:
        made = []
        for statement, parameters in sent:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
            made.append([str(row[3]) for row in rows])
    return made


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comments", type=int, default=200_000, help="1000000 takes a minute to store")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--plans", action="store_true", help="print every plan")
    chosen = parser.parse_args()
    console = Console(width=160)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AFTERWORD_DATA_DIR"] = folder
        with create_app().app_context():
            with database.write() as connection:
                fill(connection, chosen.comments)
            table = Table(f"{chosen.comments:,} comments", "p50 ms", "worst", "entries", "partial", "queries", box=None)
            for name, asked in ASKED.items():
                spent = []
                with noted() as sent:
                    part = comments.look(asked, None, NOW)
                for _ in range(chosen.rounds):
                    before = time.process_time()
                    comments.look(asked, None, NOW)
                    spent.append((time.process_time() - before) * 1e3)
                figures = (f"{median(spent):.1f}", f"{max(spent):.1f}", str(len(part.entries)), str(part.partial))
                table.add_row(name, *figures, str(len(sent)))
            console.print(table)
            for name, asked in ASKED.items() if chosen.plans else ():
                console.print(f"\n[bold]{name}")
                for plan in plans(asked):
                    console.print("\n".join(f"    {line}" for line in plan), markup=False, highlight=False)
                    console.print()


if __name__ == "__main__":
    main()
