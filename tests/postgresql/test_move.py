"""`afterword move-database`: everything arrives with its id, and later ids go on where they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Integer, create_engine, insert, make_url, select, text

from service import create_app, database
from service.database.engine import engine_options
from service.database.moving import BATCH
from service.models.base import Moment
from service.settings import Settings, load
from tests.conftest import NOW, Operator
from tests.postgres import Server

#: more than fit into one batch
MANY = BATCH + 3


def value(column: Any, number: int) -> Any:
    """Return something for a column of row `number`: of its type, of its length, unlike its neighbours'."""
    kind = column.type
    if column.name in ENUMS:
        return ENUMS[column.name]
    if column.foreign_keys:
        return None if column.nullable else number
    if kind.python_type is bool:
        return number % 2 == 0
    if isinstance(kind, Integer):
        return number
    if kind.python_type is float:
        return number / 7
    if kind.python_type is str:
        return f"{number} é„😀“ {column.name}"[: getattr(kind, "length", None) or 60]
    assert isinstance(kind, Moment), column
    return NOW + timedelta(microseconds=number * 1_000_003)


ENUMS = {"state": "published", "www": "drop", "names": "required", "votes": "both", "depth": 3, "role": "owner"}
ENUMS |= {"kind": "name", "value": 1}


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A service on SQLite of which every table holds rows, one of them more than a batch, and has lost its last one."""
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", f"sqlite:///{tmp_path / 'data' / 'afterword.db'}")
    app = create_app(load())
    with app.app_context():
        fill()
        yield app
        database.close_database()


def fill() -> None:
    """Put rows into every table, and take the last of each that counts its ids away again."""
    with database.write() as connection:
        for table in database.Base.metadata.sorted_tables:
            known = {"bans": {"value": "Ann"}, "votes": {"value": -1}}.get(table.name, {})
            number = MANY if table.name == "comments" else 3
            rows = [
                {column.name: value(column, each) for column in table.columns} | known for each in range(1, number + 1)
            ]
            if table.name == "comments":
                for row in rows:
                    row |= {
                        "page_id": row["id"] % 2 + 1,
                        "site_id": 1,
                        "parent_id": row["id"] - 1 if row["id"] % 20 else None,
                    }
                    row |= {"parent_id": row["parent_id"] or None, "erase_at": NOW + timedelta(days=36_500)}
            connection.execute(insert(table), rows)
        for name in ("sites", "comments"):
            connection.execute(text(f"UPDATE comments SET parent_id = NULL WHERE parent_id = {MANY}"))
            last = {"sites": 3, "comments": MANY}[name]
            connection.execute(text(f"DELETE FROM {name} WHERE id = {last}"))


def contents(url: str) -> dict[str, list[Any]]:
    """Return all rows of all tables, by key."""
    engine = create_engine(url, **engine_options(url))
    with engine.connect() as connection:
        found = {
            table.name: sorted(connection.execute(select(table)).all(), key=str)
            for table in database.Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def next_ids(app: Flask) -> dict[str, int]:
    """Return which ids new rows are given."""
    found = {}
    with app.app_context(), database.write() as connection:
        for name in ("sites", "comments"):
            table = database.Base.metadata.tables[name]
            row = {column.name: value(column, 99_999) for column in table.columns if column.name != "id"}
            row |= {"page_id": 1, "site_id": 1} if name == "comments" else {"name": "a-new-one"}
            found[name] = connection.execute(insert(table).values(**row).returning(table.c.id)).scalar_one()
    return found


def test_everything_goes_to_postgresql_and_back(
    filled: Flask, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = str(make_url(load().database_url))
    before = contents(source)
    assert min(len(rows) for rows in before.values()) > 0, "a table without rows proves nothing"
    operator = Operator()
    told = operator.tries("move-database", url)
    assert told.exit_code == 0, told.output
    assert f"comments: {MANY - 1}" in told.stderr
    assert contents(url) == before

    there = create_app(replace(load(), database_url=url))
    assert next_ids(there) == {"sites": 4, "comments": MANY + 1}
    with there.app_context(), database.write() as connection:
        connection.execute(text("DELETE FROM sites WHERE name = 'a-new-one'"))
        connection.execute(text(f"DELETE FROM comments WHERE id > {MANY}"))

    back = f"sqlite:///{tmp_path / 'back' / 'afterword.db'}"
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", back)
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / "back"))
    operator.runs("migrate")
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", url)
    operator.runs("move-database", back)
    assert contents(back) == before
    here = create_app(replace(load(), database_url=back))
    assert next_ids(here) == {"sites": 5, "comments": MANY + 2}
    for app in (there, here):
        with app.app_context():
            database.close_database()


def test_a_target_that_holds_something_is_refused(filled: Flask, url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO spent (bucket, at) VALUES ('x', now())"))
    told = Operator().tries("move-database", url)
    assert told.exit_code == 1
    assert told.stderr.splitlines()[-1] == "Error: The target is not empty: there are rows in spent. Nothing was moved."
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM comments")).scalar() == 0
    engine.dispose()


def test_a_target_without_tables_is_refused(filled: Flask, new_url: str) -> None:
    told = Operator().tries("move-database", new_url)
    assert told.exit_code == 1
    assert "run afterword migrate" in told.stderr


def test_a_source_that_is_being_written_is_refused(filled: Flask, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.engine, "_PRAGMAS", ("PRAGMA foreign_keys=ON",))  # nobody waits for the lock
    with database.write():
        told = Operator().tries("move-database", url)
    assert told.exit_code == 1
    assert len(told.stderr.splitlines()) == 1


def test_a_source_on_postgresql_that_is_being_written_is_refused(
    host: Flask, server: Server, url: str, pg_settings: Settings, make_target: Callable[[], str]
) -> None:
    with database.write(beside=True):
        told = Operator().tries("move-database", make_target())
    assert told.exit_code == 1
    assert told.stderr == "Error: The database is being written. Stop the service first.\n"


@pytest.fixture
def make_target(server: Server) -> Callable[[], str]:
    """Return a function that makes one more migrated database."""
    return lambda: server.add("target", "template")


@pytest.mark.parametrize("target", ["mysql://x/y", "nonsense", ""])
def test_what_is_no_address_of_a_database_is_refused(filled: Flask, target: str) -> None:
    told = Operator().tries("move-database", target)
    assert told.exit_code == 1
    assert len(told.stderr.splitlines()) == 1


def test_a_database_is_not_moved_onto_itself(filled: Flask) -> None:
    told = Operator().tries("move-database", load().database_url)
    assert told.exit_code == 1
    assert "uses already" in told.stderr


def test_what_arrives_otherwise_than_it_was_sent_is_not_kept(filled: Flask, url: str, server: Server) -> None:
    name = str(make_url(url).database)
    server.does(
        "CREATE FUNCTION changed() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.id = 2 THEN NEW.body = 'Not what was said.'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER changed BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION changed()",
        name,
    )
    told = Operator().tries("move-database", url)
    assert told.exit_code == 1
    assert "What arrived in comments is not what was sent" in told.stderr
    assert all(not rows for rows in contents(url).values())
