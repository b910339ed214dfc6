"""`afterword backup` and `restore` with PostgreSQL's own programs: what was there is there again, and nothing else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from service import database
from service.settings import Settings
from tests.bench.widget import COMMAND
from tests.conftest import Reader, stored

pytestmark = pytest.mark.slow


@pytest.fixture
def reader(host: Flask) -> Reader:
    """A reader of the host's site, who has posted a comment."""
    somebody = Reader(host.test_client(use_cookies=False))
    assert somebody.posts("Kept.").status_code == 201
    return somebody


def runs(*arguments: str | Path, code: int = 0) -> str:
    """Run a command in a process of its own, as an operator does, and return what it says."""
    done = subprocess.run([COMMAND, *arguments], env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def bodies() -> list[str]:
    """Return what the comments say."""
    return [row["body"] for row in stored("comments")]


def test_what_was_there_is_there_again_and_what_came_since_is_kept_in_a_file(
    reader: Reader, pg_settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "kept.dump"
    assert "1 comments on 1 pages of 1 sites" in runs("backup", path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = {table.name: stored(table.name) for table in database.Base.metadata.sorted_tables}
    reader.posts("Came since.")
    database.close_database()
    assert "--replace" in runs("restore", path, code=1)
    assert bodies() == ["Kept.", "Came since."]
    database.close_database()
    if os.geteuid() == 0:
        os.chown(pg_settings.data_dir, 4711, 4712)
    said = runs("restore", path, "--replace")
    (kept,) = pg_settings.data_dir.glob("before-restore-*.dump")
    assert str(kept) in said
    assert kept.stat().st_uid == pg_settings.data_dir.stat().st_uid  # though root restores
    assert {table.name: stored(table.name) for table in database.Base.metadata.sorted_tables} == before
    assert reader.posts("Goes on.").status_code == 201  # ids go on where they were
    database.close_database()
    runs("restore", kept, "--replace")
    assert bodies() == ["Kept.", "Came since."]


def test_nothing_is_replaced_while_somebody_is_connected(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "kept.dump"
    runs("backup", path)
    assert "Somebody else is connected" in runs("restore", path, "--replace", code=1)
    assert bodies() == ["Kept."]


def test_a_file_that_is_none_or_damaged_changes_nothing(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "kept.dump"
    runs("backup", path)
    reader.posts("Came since.")
    database.close_database()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    assert "pg_restore failed" in runs("restore", path, "--replace", code=1)
    path.write_bytes(b"SQLite format 3\0" + whole)
    assert "is not a backup of PostgreSQL" in runs("restore", path, "--replace", code=1)
    assert bodies() == ["Kept.", "Came since."]


def test_what_was_spent_of_limits_is_in_no_backup(url: str, reader: Reader, tmp_path: Path) -> None:
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as link:
        link.execute("INSERT INTO spent (bucket, at) VALUES ('address:canary', now())")
    path = tmp_path / "kept.dump"
    runs("backup", path)
    database.close_database()
    runs("restore", path, "--replace")
    assert stored("spent") == []
