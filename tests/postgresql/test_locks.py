"""Many hosts write at once: who waits for whom, for how long, and what nobody may see."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from service import database, pages
from service.comments import gate, reader_store, store
from service.people.audit import COMMAND_LINE
from service.settings import Limit
from tests.conftest import NOW, ORIGIN, PAGE, Reader, stored
from tests.postgres import Server, await_lock


def asked(app: Flask, act: Callable[[], Any]) -> Any:
    """Do something in the application's context, in another thread."""
    with app.app_context():
        return act()


@pytest.mark.fault("F13")
def test_a_close_waits_for_a_post_under_way_and_none_comes_after_it(
    host: Flask, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(host.test_client(use_cookies=False))
    assert reader.posts("The first.").status_code == 201
    waiting: list[Future[Any]] = []
    insert = store.insert_comment

    def overtaken(*arguments: Any) -> int:
        if not waiting:
            close = lambda: pages.close(PAGE, None, "Enough.", None, NOW, COMMAND_LINE)  # noqa: E731
            waiting.append(pool.submit(asked, host, close))
            await_lock(server)  # the close is waiting for this post
            assert not waiting[0].done()
        return insert(*arguments)

    monkeypatch.setattr(store, "insert_comment", overtaken)
    with ThreadPoolExecutor(1) as pool:
        assert reader.posts("Under way.").status_code == 201
        waiting[0].result()
    assert reader.posts("Too late.").status_code == 403
    assert reader.sees()["page"] | {"version": 0} == {
        "url": PAGE, "title": "", "closed": True, "reason": "Enough.", "reopens": None, "count": 2, "version": 0,
    }  # fmt: skip


def test_readers_write_to_different_pages_at_the_same_time(host: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (Reader(host.test_client(use_cookies=False)) for _ in range(2))
    insert = store.insert_comment
    answers: list[TestResponse] = []

    def beside(*arguments: Any) -> int:
        if not answers:
            answers.append(TestResponse([], "0 none", {}, None))  # only the first one is kept waiting
            with ThreadPoolExecutor(1) as pool:
                answers.append(pool.submit(second.posts, "Beside.", page=f"{ORIGIN}/other").result())
        return insert(*arguments)

    monkeypatch.setattr(store, "insert_comment", beside)
    assert first.posts("One.").status_code == 201
    assert answers[1].status_code == 201


def test_a_limit_holds_across_pages_and_hosts(host: Flask, make_host: Callable[..., Flask]) -> None:
    once = (Limit(3, 3600),)
    hosts = [make_host(limit_posts=once) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:

        def one(number: int) -> int:
            reader = Reader(hosts[number % 2].test_client(use_cookies=False))
            return reader.posts(f"Number {number}.", page=f"{ORIGIN}/{number}").status_code

        statuses = list(pool.map(one, range(16)))
    assert sorted(statuses) == [201] * 3 + [429] * 13
    assert len(stored("comments")) == 3


def test_one_key_makes_one_comment_whatever_pages_it_is_sent_to(host: Flask) -> None:
    key = {"Idempotency-Key": "k" * 20}
    with ThreadPoolExecutor(8) as pool:

        def one(number: int) -> int:
            reader = Reader(host.test_client(use_cookies=False))
            return reader.posts("The same.", headers=key, page=f"{ORIGIN}/{number % 2}").status_code

        statuses = list(pool.map(one, range(16)))
    assert len(stored("comments")) == 1
    assert statuses.count(201) >= 1
    # to the other page it is another comment; or it is not yet known which one it is
    assert set(statuses) <= {201, 422, 503}


def test_a_lock_that_cannot_be_had_in_time_is_answered_503(host: Flask, server: Server) -> None:
    reader = Reader(host.test_client(use_cookies=False))
    assert reader.posts("One.").status_code == 201
    name = database.db.engine.url.database
    with server.connect(str(name)) as holder, holder.transaction():
        holder.execute("SELECT id FROM pages FOR UPDATE")
        answer = reader.posts("Two.")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert len(reader.sees()["comments"]) == 1  # who reads waits for nobody
    assert reader.posts("Two.").status_code == 201


def test_no_statement_and_no_pause_takes_longer_than_it_may(host: Flask) -> None:
    with database.read() as connection:
        names = (
            "statement_timeout",
            "lock_timeout",
            "idle_in_transaction_session_timeout",
            "default_transaction_isolation",
        )
        found = [connection.execute(text(f"SHOW {name}")).scalar() for name in names[:3]]
        assert found == ["5s", "2s", "10s"]
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
        assert connection.execute(text("SHOW transaction_read_only")).scalar() == "on"
    with database.write() as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"


def test_a_view_of_the_database_does_not_change_while_it_is_read(host: Flask) -> None:
    with database.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM comments")).scalar()
        assert Reader(host.test_client(use_cookies=False)).posts().status_code == 201
        assert connection.execute(text("SELECT count(*) FROM comments")).scalar() == before == 0


def test_what_is_due_to_be_erased_is_left_alone_while_somebody_writes_to_its_page(host: Flask) -> None:
    reader = Reader(host.test_client(use_cookies=False))
    comment = reader.posts("To be erased.").json["comment"]["id"]
    with database.write() as connection:
        connection.execute(text("UPDATE comments SET state = 'deleted', erase_at = '2020-01-01T00:00:00Z'"))
    place = pages.get_place(next(row["page_id"] for row in stored("comments")))

    def erase() -> None:
        with host.app_context(), database.write(beside=True) as connection:
            reader_store.sweep_erased(connection, NOW, 10)

    with gate.write(place, NOW), ThreadPoolExecutor(1) as pool:
        pool.submit(erase).result()
    assert next(row["body"] for row in stored("comments") if row["id"] == comment) == "To be erased."
    erase()
    assert next(row["body"] for row in stored("comments") if row["id"] == comment) == ""


def test_who_asks_while_a_table_is_locked_is_told_to_come_again(host: Flask, server: Server) -> None:
    reader = Reader(host.test_client(use_cookies=False))
    assert reader.posts().status_code == 201
    with database.db.engine.connect() as other:
        other.execute(text("LOCK TABLE pages IN ACCESS EXCLUSIVE MODE"))
        answers = [reader.client.get("/api/v1/thread", query_string={"page": PAGE, "sort": "newest"}), reader.posts()]
        other.rollback()
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in answers] == [(503, "5")] * 2
