"""`afterword migrate`: the schema that migrations make is the one that the tables describe."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Connection

import service.models  # noqa: F401 - fills the metadata
from service import database
from service.settings import Settings, bundled
from tests.conftest import Operator, Reader


@pytest.fixture
def config(tmp_path: Path) -> Iterator[tuple[Config, Connection]]:
    """Migrations set up to run on a new file."""
    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    engine = create_engine(f"sqlite:///{tmp_path / 'schema.db'}")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        yield config, connection
    engine.dispose()


def differences(connection: Connection) -> list[object]:
    """Return what migrations would still have to do; indexes are left to indexes(), Alembic knows no expressions."""
    opts = {"compare_type": True, "render_as_batch": True, "include_object": _is_no_index}
    found: list[object] = compare_metadata(MigrationContext.configure(connection, opts=opts), database.db.metadata)
    return found


def _is_no_index(_object: object, _name: str | None, kind: str, *_: object) -> bool:
    return kind != "index"


def indexes(connection: Connection) -> dict[str, str]:
    """Return the statements that make the indexes, white space aside."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in rows}


def schema(connection: Connection) -> list[list[str]]:
    """Return the statements that make the schema, each in parts: a table that was made anew has them in any order."""
    rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(sorted(re.split(r",?\s+(?=CONSTRAINT)|, \s*|\n\)", row[0])) for row in rows)


def test_a_new_database_has_the_schema_of_the_tables(config: tuple[Config, Connection]) -> None:
    command.upgrade(config[0], "head")
    assert differences(config[1]) == []


def test_it_has_their_indexes_to_the_letter(config: tuple[Config, Connection]) -> None:
    # a partial index serves a query only when both say the same words
    command.upgrade(config[0], "head")
    engine = create_engine("sqlite://")
    with engine.connect() as described:
        database.db.metadata.create_all(described)
        assert indexes(config[1]) == indexes(described)
        assert len(indexes(described)) > 5
    engine.dispose()


def test_a_schema_that_misses_something_would_be_seen(config: tuple[Config, Connection]) -> None:
    command.upgrade(config[0], "head")
    config[1].exec_driver_sql("ALTER TABLE pages ADD COLUMN spare INTEGER")
    config[1].exec_driver_sql("ALTER TABLE pages DROP COLUMN title")
    assert len(differences(config[1])) == 2


def test_all_checks_of_the_tables_are_in_the_schema(config: tuple[Config, Connection]) -> None:
    # a comparison does not look at these
    command.upgrade(config[0], "head")
    inspector = inspect(config[1])
    for table in database.db.metadata.sorted_tables:
        described = {check.name for check in table.constraints if type(check).__name__ == "CheckConstraint"}
        assert {check["name"] for check in inspector.get_check_constraints(table.name)} == described, table.name


def test_the_way_back_leads_to_nothing_and_forth_again(config: tuple[Config, Connection]) -> None:
    command.upgrade(config[0], "head")
    whole = schema(config[1])
    command.downgrade(config[0], "base")
    assert inspect(config[1]).get_table_names() == ["alembic_version"]
    command.upgrade(config[0], "head")
    assert schema(config[1]) == whole


def test_every_step_can_be_taken_back(config: tuple[Config, Connection]) -> None:
    steps = [step.revision for step in ScriptDirectory.from_config(config[0]).walk_revisions()][::-1]
    for step in steps:
        command.upgrade(config[0], step)
        before = schema(config[1])
        command.downgrade(config[0], "-1")
        command.upgrade(config[0], step)
        assert schema(config[1]) == before


def test_revisions_are_one_straight_line(config: tuple[Config, Connection]) -> None:
    script = ScriptDirectory.from_config(config[0])
    assert len(script.get_heads()) == len(script.get_bases()) == 1
    assert all(not step.is_merge_point and not step.is_branch_point for step in script.walk_revisions())
    steps = [step.revision for step in script.walk_revisions()]
    assert sorted(database.known_revisions(), reverse=True) == steps, "a file is called as its revision"


@pytest.mark.sqlite(reason="looks into its file; elsewhere see tests/postgresql/test_migrating.py")
def test_the_command_says_that_it_is_done_however_often(operator: Operator, settings: Settings) -> None:
    assert operator.runs("migrate") == operator.runs("migrate") == "The database is up to date.\n"
    with sqlite3.connect(settings.data_dir / "afterword.db") as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    connection.close()


def test_an_upgrade_keeps_what_is_there(
    app: Flask, reader: Reader, operator: Operator, make_app: Callable[..., Flask]
) -> None:
    first = reader.posts("One.").json["comment"]["id"]
    reader.posts("Two.", parent=first)
    before = reader.sees()
    assert Reader(make_app().test_client()).sees() == before


@pytest.mark.sqlite(reason="its own pragmas; elsewhere see tests/postgresql/test_promises.py")
def test_what_sqlite_is_told_to_promise(app: Flask) -> None:
    with database.read() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "foreign_keys", "busy_timeout", "journal_mode")
        }
    safe = database.wal_reset_safe(database.sqlite_version())
    assert asked == {
        "synchronous": 2,  # FULL: what was answered 201 is on the disk
        "foreign_keys": 1,
        "busy_timeout": 5_000,
        "journal_mode": "wal" if safe else "delete",
    }


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_a_sqlite_that_can_lose_writes_is_known(version: tuple[int, ...], safe: bool) -> None:
    assert database.wal_reset_safe(version) == safe
