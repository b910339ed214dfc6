"""Cost grows with what is shown, not with what is stored: CPU time at few and at many comments, as ratios.

`python -m tests.bench.flat [--comments N] [--rounds N]`. Two databases (SQLite) in one process, of 1,000 and of N
comments, asked in turns; CPU time of this process, medians. "once" is without the cache, "ready" what the layer in
front of Flask answers out of it. A thread of 10 shows 10 comments, the longer ones 200 on their first page.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from flask import Flask
from rich.console import Console
from rich.table import Table

from service import comments, create_app, database
from service.comments import Asked
from service.database import db
from service.settings import load
from service.threads import Cache
from service.web.quick import Quick
from tests.bench import rows

SMALL = 1_000
#: top-level comments of a thread with three replies each; the last two show as much as the second does
THREADS = {10: (10, 0), 200: (50, 3), 1_000: (250, 3), 100_000: (25_000, 3)}
_KEYS = itertools.count()


@dataclass
class Stored:
    """A database, the application on it, and its threads' addresses by their size."""

    app: Flask
    threads: dict[int, str]
    quick: Quick
    bytes_each: float


def stored(folder: Path, number: int) -> Stored:
    """Fill a database with so many comments, and the threads."""
    settings = replace(
        load(),
        data_dir=folder,
        database_url=f"sqlite:///{folder}/afterword.db",
        limit_posts=(),
        limit_page_posts=(),
        limit_repeats=(),
    )
    app = create_app(settings)
    with app.app_context():
        before = (folder / "afterword.db").stat().st_size
        with database.write() as connection:
            # all pages that are touched until the commit, so that none is written twice: some gigabytes for millions
            connection.exec_driver_sql("PRAGMA cache_size=-8000000")
            rows.crowd(connection, number)
            connection.exec_driver_sql("PRAGMA cache_size=-2000")
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        size = (folder / "afterword.db").stat().st_size - before
        threads = {}
        with database.write() as connection:
            for total, (top, replies) in THREADS.items():
                threads[total] = rows.thread(connection, f"of-{total}", top, replies)
    return Stored(app, threads, Quick(app), size / number)


Work = Callable[[], object]


def works(each: Stored) -> dict[str, Work]:
    """Return what is measured on a database, by its name."""
    client = each.app.test_client(use_cookies=False)
    ready, none = each.app.extensions["afterword_cache"], Cache(0)
    accepts = [(b"accept-encoding", b"br")]
    found: dict[str, Work] = {}

    def get(path: str, query: str, kept: Cache) -> None:
        each.app.extensions["afterword_cache"] = kept
        assert client.get(path, query_string=query, headers={"Accept-Encoding": "br"}).status_code == 200

    def quick(path: str, query: bytes) -> None:
        for _ in range(20):  # some microseconds each
            now = datetime.now(UTC)
            ready = each.quick.find(path, query, now)
            assert ready is not None
            each.quick.answer(path, ready, accepts, now)

    def post(page: str, parent: int | None) -> None:
        each.app.extensions["afterword_cache"] = ready
        body = {"page": page, "body": f"Plenty, {next(_KEYS)}.", "author": {"name": "Ann"}, "parent": parent}
        answer = client.post("/api/v1/comments", json=body, headers={"Origin": rows.ORIGIN})
        assert answer.status_code == 201, answer.text

    for total, page in each.threads.items():
        query = urlencode({"page": page})
        for sort in ("oldest", "newest", "best"):
            asked = urlencode({"page": page, "sort": sort})
            found[f"first page, {sort}, once: {total:,} in the thread"] = lambda asked=asked: get(
                "/api/v1/thread", asked, none
            )
        # the first answer is kept, and what asked for it is known from then on
        get("/api/v1/thread", query, ready)
        found[f"first page, ready: {total:,} in the thread"] = lambda query=query: quick(
            "/api/v1/thread", query.encode()
        )
    for total, page in each.threads.items():
        with database.read() as connection:
            first = connection.exec_driver_sql(
                "SELECT min(c.id) FROM comments c JOIN pages p ON p.id = c.page_id WHERE p.url = ?", (page,)
            ).scalar_one()
        found[f"a post: {total:,} in the thread"] = lambda page=page: post(page, None)
        found[f"a reply: {total:,} in the thread"] = lambda page=page, first=first: post(page, first)
    addresses = [
        f"https://site{1 + number % 20}.example.org/{number}" for number in range(1, 11)
    ]  # a longer query has no ready answer
    counted = urlencode({"page": addresses}, doseq=True)
    found["counts of 10 pages, once"] = lambda: get("/api/v1/counts", counted, none)
    get("/api/v1/counts", counted, ready)
    found["counts of 10 pages, ready"] = lambda: quick("/api/v1/counts", counted.encode())
    for view in ("published", "all"):
        found[f"queue, {view}"] = lambda view=view: comments.look(Asked(view), None, rows.NOW)
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comments", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=25)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = (SMALL, chosen.comments)
        each = {number: stored(Path(folder) / str(number), number) for number in sizes}
        made: dict[int, dict[str, Work]] = {}
        for number, one in each.items():
            with one.app.app_context():
                made[number] = works(one)
        spent: dict[tuple[str, int], list[float]] = {}
        # what is compared takes turns; what is written comes last, for a page that is written to has no ready answer
        groups = [list(group) for _, group in itertools.groupby(made[SMALL], lambda name: name[:7])]
        for group in groups:
            for name, (number, one) in itertools.product(group * chosen.rounds, each.items()):
                with one.app.app_context():
                    before = time.process_time()
                    made[number][name]()
                    spent.setdefault((name, number), []).append((time.process_time() - before) * 1e6)
        for one in each.values():
            one.quick.close()
    table = Table("CPU time", f"µs, {SMALL:,}", f"µs, {chosen.comments:,}", "ratio", "to 200 in a thread", box=None)
    for name in made[SMALL]:
        few, many = (median(spent[name, number]) for number in sizes)
        # of each round, for the machine is not the same in all of them
        ratio = median(b / a for a, b in zip(spent[name, SMALL], spent[name, chosen.comments], strict=True))
        kind, _, size = name.partition(": ")
        like = f"{kind}: 200 in the thread"
        pairs = zip(spent[name, chosen.comments], spent[like, chosen.comments], strict=True) if size else ()
        beside = f"{median(a / b for a, b in pairs):.2f}" if size else ""
        scale = 20 if "ready" in name else 1
        table.add_row(name, f"{few / scale:,.0f}", f"{many / scale:,.0f}", f"{ratio:.2f}", beside)
    console = Console(width=120)
    console.print(table)
    console.print(f"A comment takes {each[chosen.comments].bytes_each:,.0f} bytes in the file, indexes and all.")


if __name__ == "__main__":
    main()
