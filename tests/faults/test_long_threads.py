"""A thread of 100,000 comments, one of 1,000 replies to replies, 10,000 pages: what is shown is all that counts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from service import create_app, database
from service.settings import load
from service.threads import Cache
from tests import cost
from tests.bench import rows
from tests.conftest import statements
from tests.faults.accounting import DRIVER, connect, query
from tests.faults.clients import Ledger, Storm
from tests.faults.harness import ORIGIN, Service
from tests.plans import explained

#: top-level comments and the replies to each; what a part of a thread shows of them is the same
TOP, REPLIES, SHOWN = 25_000, 3, 200
PAGES, DEEP = 10_000, 1_000
#: what an answer may hold, in bytes, and what it may cost: 0.15 s of a small server, as multiples of tests.cost.unit
LARGEST, DEAREST = 200_000, 15
#: statements: the site and the page, the same inside of the read, comments, replies; and what looks for a place
FIRST, ELSEWHERE = 4, 9
SORTS = ("oldest", "newest", "best")

pytestmark = [pytest.mark.long, pytest.mark.fault("F17")]


def _engine(service: Service) -> Engine:
    if service.database:
        return create_engine(service.database)
    return create_engine(f"sqlite:///{service.data / 'afterword.db'}", module=DRIVER)


def _fill(service: Service) -> str:
    """Store a long thread, among many pages of 20 sites, and return its address; Ledgers may post there."""
    assert service.run("site", "remove", "blog", "--yes").returncode == 0
    engine = _engine(service)
    with engine.begin() as connection:
        rows.crowd(connection, 1_000)
        connection.execute(
            text(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :more)"
                " INSERT INTO pages (id, site_id, key, url, title, version, count, last_number, opened, created)"
                " SELECT :first + i, 1, 'site1.example.org/more/' || i, :origin || '/more/' || i, 'Page', 1, i, i,"
                " FALSE, created FROM n, pages WHERE id = 1"
            ),
            {"more": PAGES - rows.PAGES, "first": rows.PAGES, "origin": rows.ORIGIN},
        )
        address = rows.thread(connection, "long", TOP, REPLIES)
        rows.beside(connection, 1_000)
        connection.execute(text("INSERT INTO origins (origin, site_id) VALUES (:origin, 1)"), {"origin": ORIGIN})
    engine.dispose()
    with contextlib.closing(connect(service)) as connection:
        connection.execute("ANALYZE")
    return address


@contextlib.contextmanager
def _inside(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Give the application itself, on the service's data, so that what it asks of the database is seen."""
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(service.data))
    if service.database:
        monkeypatch.setenv("AFTERWORD_DATABASE_URL", service.database)
    app = create_app(load())
    with app.app_context():
        yield app
        database.close_database()


def _read(app: Flask, path: str, **asked: Any) -> int:
    """Ask, with no answer ready; returns how many bytes came back."""
    app.extensions["afterword_cache"] = Cache(0)
    answer = app.test_client(use_cookies=False).get(f"/api/v1/{path}?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 200, answer.text
    return len(answer.data)


def _bounded(app: Flask, path: str, queries: int, **asked: Any) -> None:
    """Fail unless it takes so few queries, each by an index, and neither long nor much to answer."""
    _read(app, path, **asked)
    with statements() as sent:
        size = _read(app, path, **asked)
    assert len(sent) <= queries, sent
    assert size < LARGEST
    assert cost.of(partial(_read, app, path, **asked), enough=DEAREST) <= DEAREST
    with explained() as plans:
        _read(app, path, **asked)
    assert [(plan.faults, plan.statement) for plan in plans if plan.faults] == []


def _part(service: Service, page: str, **asked: Any) -> dict[str, Any]:
    answer = service.ask("GET", f"/api/v1/thread?{urlencode({'page': page} | asked)}")
    assert answer.status == 200, answer
    assert int(answer.headers["Content-Length"]) < LARGEST
    found: dict[str, Any] = answer.content
    return found


def _walk(service: Service, page: str, **asked: Any) -> list[int]:
    """Return the ids of all that is shown, following the cursors."""
    found: list[int] = []
    after: dict[str, str] = {}
    while True:
        part = _part(service, page, **asked, **after)
        found += [comment["id"] for comment in part["comments"]]
        if part["next"] is None:
            return found
        after = {"after": part["next"]}


def _stored(service: Service, page: str) -> set[int]:
    """Return the ids of all comments of a page."""
    found = query(service, "SELECT comments.id FROM comments JOIN pages ON pages.id = page_id WHERE url = ?", page)
    return {row["id"] for row in found}


def test_a_long_thread_costs_what_is_shown_of_it(
    make_service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service(workers=2)
    page = _fill(service)
    with _inside(service, monkeypatch) as app:
        for sort in SORTS:
            _bounded(app, "thread", FIRST, page=page, sort=sort)
            _bounded(app, "thread", ELSEWHERE, page=page, sort=sort, number=TOP // 2)
        addresses = [f"{rows.ORIGIN}/more/{number}" for number in range(1, 101)]
        _bounded(app, "counts", FIRST, page=addresses)
    service.start()
    for sort in SORTS:
        seen = _part(service, page, sort=sort)
        assert len(seen["comments"]) == SHOWN
        assert seen["page"]["count"] == TOP * (1 + REPLIES)


def test_a_long_thread_is_read_to_its_end_while_others_post(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    page = _fill(service)
    service.start()
    before = _stored(service, page)
    assert len(before) == TOP * (1 + REPLIES)
    ledger = Ledger(service)
    with Storm(ledger, [page], clients=2, pause=0.2) as storm:
        storm.await_more(5)
        for sort in ("oldest", "newest"):
            found = _walk(service, page, sort=sort)
            assert len(found) == len(set(found)), "something was shown twice"
            assert set(found) >= before, "something was left out"
        storm.await_more(5)
    assert ledger.counts().keys() == {201}
    posted = {number for sent in ledger.sent for number in sent.acknowledged}
    assert _stored(service, page) == before | posted


def test_replies_to_replies_a_thousand_deep_are_shown_in_their_order(
    make_service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service(workers=2)
    service.start()
    ledger = Ledger(service)
    page = f"{ORIGIN}/deep"
    chain: list[int] = []
    for _ in range(DEEP + 1):
        answer = ledger.post(page, parent=chain[-1] if chain else None)
        assert answer.status == 201, answer
        chain.append(answer.content["comment"]["id"])
    seen = _part(service, page)
    root, *shown = seen["comments"]
    assert (root["id"], root["replies"]) == (chain[0], DEEP)
    assert [comment["id"] for comment in shown] == chain[1 : len(shown) + 1]
    assert max(comment["depth"] for comment in shown) < 10, "a reader's screen is not that wide"
    assert chain[1:] == _walk(service, page, parent=root["id"])
    assert service.ask("GET", f"/thread?{urlencode({'page': page, 'at': chain[-1]})}").status == 200
    with _inside(service, monkeypatch) as app:
        _bounded(app, "thread", FIRST, page=page)
        _bounded(app, "thread", FIRST, page=page, parent=root["id"])
        _bounded(app, "thread", ELSEWHERE, page=page, at=chain[-1])
