"""On both databases every statement goes by an index, reads no more than is shown, and sorts no thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import text

from service import comments, create_app, database
from service.comments import Asked, queue_store
from service.pages import Fresh
from service.settings import load
from service.threads import Cache
from tests.bench import queue, rows
from tests.conftest import Reader
from tests.plans import Plan, explained
from tests.postgres import Server

#: enough for PostgreSQL to find an index worth its while, where there is one
COMMENTS, BESIDE = 60_000, 20_000
#: what no index knows as a whole: so many comments are looked at for one answer, and no more
LOOKED_AT = ("rule", "a month of spam")
SORTS = ("oldest", "newest", "best")
LIMITS = {"POSTS": "100000/minute", "PAGE_POSTS": "100000/minute", "REPEATS": "1/minute"}

# two databases of 72,000 comments are filled first
pytestmark = pytest.mark.slow


@dataclass
class Crowd:
    """The application on a database of many comments."""

    app: Flask
    wide: str  # a page with a thread of many top-level comments
    deep: str  # one with many replies to each
    reader: Reader

    def plans(self, work: Callable[[], object], **most: int) -> list[Plan]:
        """Return the plans of what `work` asks of the database; `most` as in explained()."""
        with explained(**most) as found:
            work()
        assert found
        return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """One, on each of the databases."""
    folder = tmp_path_factory.mktemp("plans")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERWORD_DATA_DIR", str(folder))
        patch.setenv("AFTERWORD_DATABASE_URL", f"sqlite:///{folder}/afterword.db")
        if request.param == "postgresql":
            server: Server = request.getfixturevalue("server")
            patch.setenv("AFTERWORD_DATABASE_URL", server.add("plans", "template"))
            # as docs/running.md says for any disk without a moving arm
            server.does("ALTER DATABASE plans SET random_page_cost = 1.1")
        for name, value in LIMITS.items():
            patch.setenv(f"AFTERWORD_LIMIT_{name}", value)
        app = create_app(load())
    app.config["TESTING"] = False  # errors are answered as they are in life
    with app.app_context():
        with database.write() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0")) if request.param == "postgresql" else None
            rows.crowd(connection, COMMENTS)
            wide = rows.thread(connection, "wide", 5_000, 1)
            deep = rows.thread(connection, "deep", 60, 100)
            rows.beside(connection, BESIDE)
        if request.param == "postgresql":
            request.getfixturevalue("server").does("VACUUM ANALYZE", "plans")
        yield Crowd(app, wide, deep, Reader(app.test_client(use_cookies=False), rows.ORIGIN))
        database.close_database()


@pytest.fixture(autouse=True)
def _nothing_is_ready(crowd: Crowd) -> None:
    crowd.app.extensions["afterword_cache"] = Cache(0)


def well(plans: list[Plan]) -> None:
    """Fail, showing the plan, where a statement goes through more than it shows."""
    bad = [plan for plan in plans if plan.faults]
    assert not bad, "\n\n".join(f"{plan.faults}\n{plan.statement}\n{plan.whole}" for plan in bad)


@pytest.mark.parametrize("page", ["wide", "deep"])
@pytest.mark.parametrize("sort", SORTS)
def test_a_thread_is_read_from_any_place(crowd: Crowd, sort: str, page: str) -> None:
    address = getattr(crowd, page)
    middle = crowd.reader.sees(address, sort=sort, number=30)
    well(crowd.plans(lambda: crowd.reader.sees(address, sort=sort)))
    well(crowd.plans(lambda: crowd.reader.sees(address, sort=sort, number=30)))
    well(crowd.plans(lambda: crowd.reader.sees(address, sort=sort, before=middle["previous"])))
    after = crowd.reader.sees(address, sort=sort)["next"]
    well(crowd.plans(lambda: crowd.reader.sees(address, sort=sort, after=after)))
    reply = max(comment["id"] for comment in middle["comments"])
    well(crowd.plans(lambda: crowd.reader.sees(address, sort=sort, at=reply)))


@pytest.mark.parametrize("sort", ["oldest", "newest"])
def test_what_came_since_is_read(crowd: Crowd, sort: str) -> None:
    since = crowd.reader.sees(crowd.wide)["comments"][0]["id"] + 5_000
    found = crowd.plans(lambda: crowd.reader.sees(crowd.wide, since=since, sort=sort))
    well(found)
    assert any("ix_comments_page" in plan.whole for plan in found)


def test_replies_are_read_from_any_place(crowd: Crowd) -> None:
    seen = crowd.reader.sees(crowd.deep)["comments"]
    first, more = seen[0]["id"], seen[0]["more"]
    well(crowd.plans(lambda: crowd.reader.sees(crowd.deep, parent=first)))
    well(crowd.plans(lambda: crowd.reader.sees(crowd.deep, parent=first, after=more)))
    well(crowd.plans(lambda: crowd.reader.sees(crowd.deep, at=first + 90)))


def test_the_look_before_each_cached_answer(crowd: Crowd) -> None:
    fresh = Fresh(database.looking())
    wanted = [(1 + number % 20, f"site{1 + number % 20}.example.org/{number}") for number in range(100)]
    try:
        well(crowd.plans(lambda: fresh.versions(7)))
        versions, found = fresh.counts(range(1, 21), wanted)
        assert (len(versions), len(found)) == (20, 99)  # there is no page 0
        well(crowd.plans(lambda: fresh.counts(range(1, 21), wanted)))
    finally:
        fresh.close()


def test_counts_of_a_hundred_pages(crowd: Crowd) -> None:
    asked = [f"https://site{1 + number % 20}.example.org/{number}" for number in range(1, 101)]

    def ask() -> None:
        answer = crowd.reader.client.get("/api/v1/counts", query_string={"page": asked})
        assert len(answer.json["counts"]) == 100

    well(crowd.plans(ask))


def test_all_that_a_reader_writes(crowd: Crowd) -> None:
    reader = Reader(crowd.reader.client, rows.ORIGIN)

    def write() -> None:
        made = reader.posts("Plenty of w7 and w8.", {"Idempotency-Key": "a-key-of-its-own"}, page=crowd.wide)
        assert made.status_code == 201, made.text
        parent, headers = made.json["comment"]["id"], reader.headers()
        again = reader.posts("Plenty of w7 and w8.", {"Idempotency-Key": "a-key-of-its-own"}, page=crowd.wide)
        assert again.json["comment"]["id"] == parent
        reply = reader.posts("A reply.", page=crowd.wide, parent=parent)
        assert reply.status_code == 201, reply.text
        own = f"/api/v1/comments/{reply.json['comment']['id']}"
        edited = reader.client.patch(own, json={"body": "Another."}, headers=headers)
        assert edited.status_code == 200, edited.text
        other = crowd.reader.sees(crowd.deep)["comments"][0]["id"]
        voted = reader.client.put(f"/api/v1/comments/{other}/vote", json={"value": 1}, headers=headers)
        assert voted.status_code == 200, voted.text
        told = reader.client.post(f"/api/v1/comments/{other}/report", json={"reason": "Rude."}, headers=headers)
        assert told.status_code in (200, 202, 204), told.text
        assert reader.client.delete(own, headers=headers).status_code in (200, 204)

    found = crowd.plans(write)
    assert {"INSERT INTO comments", "INSERT INTO spent", "UPDATE pages SET", "DELETE FROM retries"} <= {
        " ".join(re.split(r"\s+", plan.statement)[:3]) for plan in found
    }
    well(found)


@pytest.mark.parametrize("allowed", [None, frozenset([3, 8])], ids=["all sites", "two sites"])
@pytest.mark.parametrize("name", [name for name in queue.ASKED if "word" not in name])
def test_the_queue(crowd: Crowd, name: str, allowed: frozenset[int] | None) -> None:
    asked: Asked = queue.ASKED[name]
    most = {"read": queue_store.SCAN, "sorted_": queue_store.SCAN} if name in LOOKED_AT else {}
    well(crowd.plans(lambda: comments.look(asked, allowed, queue.NOW), **most))


def test_a_table_that_is_read_as_a_whole_is_found(crowd: Crowd) -> None:
    def read(statement: str) -> list[Plan]:
        with database.read() as connection:
            return crowd.plans(lambda: connection.execute(text(statement)).first())

    assert read("SELECT count(*) FROM comments WHERE body = 'x'")[0].faults
    assert read("SELECT body FROM comments WHERE page_id = 2001 AND id > 0 ORDER BY body LIMIT 3")[0].faults
    assert read("SELECT body FROM comments WHERE id = 7")[0].faults == []
