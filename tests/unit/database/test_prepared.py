"""A prepared statement says what SQLAlchemy's own execution of it says, faults included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from service import database
from service.database import Prepared
from service.errors import Unavailable
from service.models import Comment, Page, Reader, Spent
from tests.conftest import NOW, fill, statements, stored


def test_its_rows_are_those_that_sqlalchemy_returns(app: Flask) -> None:
    fill(3)
    for table in (Page, Comment):
        statement = select(*table.__table__.columns).order_by(table.id)
        with database.read() as connection:
            expected = connection.execute(statement).all()
            found = Prepared(statement).all(connection, {})
        assert [row._asdict() for row in found] == [row._asdict() for row in expected]
        assert found[0].created.tzinfo is UTC


def test_a_row_that_is_not_there_is_none(app: Flask) -> None:
    asked = Prepared(select(Page.id).where(Page.id == bindparam("page")))
    with database.read() as connection:
        assert asked.first(connection, {"page": 1}) is None
        assert asked.all(connection, {"page": 1}) == []
    assert asked.at_once({"page": 1}) is None


def test_it_sets_what_it_is_given_and_columns_defaults(app: Flask) -> None:
    (comment_id,) = fill(1)
    change = Prepared(update(Comment).where(Comment.id == bindparam("comment")))
    noted = NOW.astimezone() + timedelta(minutes=1)
    with database.write() as connection:
        assert change.run(connection, {"comment": comment_id, "edited": noted, "shadow": True}) == 1
        assert change.run(connection, {"comment": comment_id, "name": "Ben"}) == 1
        assert change.run(connection, {"comment": comment_id + 1, "name": "Ben"}) == 0
    (row,) = stored("comments")
    assert (row["name"], bool(row["shadow"])) == ("Ben", True)
    with database.read() as connection:
        assert connection.execute(select(Comment.edited)).scalar() == noted
    made = Prepared(insert(Page).returning(Page.id, Page.opened, Page.version))
    given = {"site_id": row["site_id"], "key": "k", "url": "https://blog.example.org/k", "created": NOW}
    with database.write() as connection:
        page = made.first(connection, given)
    assert (page.opened, page.version) == (False, 0)


def test_a_value_that_was_forgotten_is_no_null(app: Flask) -> None:
    asked = Prepared(select(func.count()).select_from(Spent).where(Spent.at > bindparam("since")))
    with database.read() as connection, pytest.raises(Exception, match="since"):
        asked.all(connection, {})


def test_a_list_is_one_parameter(app: Flask) -> None:
    with database.write() as connection:
        for name in ("a", "b", "c"):
            Prepared(insert(Spent)).run(connection, {"bucket": name, "at": NOW})
    asked = Prepared(select(Spent.bucket).where(database.is_one_of(Spent.bucket, "names")).order_by(Spent.bucket))
    with database.read() as connection:
        assert [row.bucket for row in asked.all(connection, {"names": ["a", "c", "d"]})] == ["a", "c"]
        assert asked.all(connection, {"names": []}) == []
        with pytest.raises(AssertionError):
            Prepared(select(Spent.bucket).where(Spent.bucket.in_(["a"]))).all(connection, {})


def test_it_is_part_of_a_transaction(app: Flask) -> None:
    spend, counted = Prepared(insert(Spent)), Prepared(select(func.count()).select_from(Spent))

    def spends() -> None:
        with database.write() as connection:
            spend.run(connection, {"bucket": "a", "at": NOW})

    with database.read() as connection:
        before = counted.first(connection, {})[0]
        spends()
        assert counted.first(connection, {})[0] == before  # one unchanging view, from its first statement on
    with database.db.engine.connect() as connection:
        spend.run(connection, {"bucket": "b", "at": NOW})
        connection.rollback()
    assert [row["bucket"] for row in stored("spent")] == ["a"]


def test_its_faults_are_told_as_sqlalchemys(app: Flask) -> None:
    row: dict[str, Any] = {"site_id": 4_711, "key_hash": "x", "created": NOW}
    made = Prepared(insert(Reader))
    with database.db.engine.connect() as connection, pytest.raises(IntegrityError):
        made.run(connection, row)


def test_it_is_sent_as_it_is(app: Flask) -> None:
    asked = Prepared(select(Page.id).where(Page.created < bindparam("before")))
    with statements() as sent:
        for _ in range(3):
            assert asked.at_once({"before": datetime(2000, 1, 1, tzinfo=UTC)}) is None
    assert len(sent) == 3


@pytest.mark.sqlite(reason="it computes rows one by one as they are fetched")
def test_what_goes_wrong_at_a_later_row_is_told_like_anything_else(app: Flask) -> None:
    numbers = database.each_of("numbers")
    least = -(2**63)
    asked = Prepared(select(func.abs(numbers.c.value)).select_from(numbers))
    with pytest.raises(Unavailable), database.read() as connection:
        asked.all(connection, {"numbers": [1, 2, least]})
