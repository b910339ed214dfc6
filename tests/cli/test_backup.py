"""`afterword backup` and `afterword restore`: a file that is whole, or one line that says why there is none."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from service import database
from service.errors import Unavailable
from service.settings import Settings
from service.transfer import copy_store, postgres, running
from tests.conftest import Operator, Reader, fill, stored

try:
    from pysqlite3 import dbapi2 as driver
except ImportError:
    driver = sqlite3


@pytest.fixture
def copy(operator: Operator, reader: Reader, tmp_path: Path) -> Path:
    """A backup with one comment in it; another one has come since."""
    path = tmp_path / "copy.db"
    assert reader.posts("Kept.").status_code == 201
    operator.runs("backup", path)
    assert reader.posts("Later.").status_code == 201
    return path


def bodies(path: Path) -> list[str]:
    """Return what the comments of a database say."""
    with driver.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT body FROM comments ORDER BY id")]


def refuses(operator: Operator, *arguments: object) -> str:
    """Run a command that is refused, with one line, and return it."""
    result = operator.tries(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("Error: ").strip()


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_a_backup_is_one_file_for_its_owner(copy: Path) -> None:
    assert bodies(copy) == ["Kept."]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in copy.parent.iterdir() if path.name != "data"] == ["copy.db"]


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_what_is_written_while_it_is_copied_is_not_in_it(
    operator: Operator, reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(200, body="A long comment. " * 400)
    posted = []

    def meanwhile(_: float) -> None:
        posted.append(reader.posts(f"Meanwhile {len(posted)}.").status_code)

    monkeypatch.setattr("service.transfer.copy_store.time.sleep", meanwhile)
    operator.runs("backup", tmp_path / "copy.db")
    assert len(posted) >= 3
    assert set(posted) == {201}
    assert len(bodies(tmp_path / "copy.db")) == 200


def test_what_is_in_it_is_told(operator: Operator, reader: Reader, tmp_path: Path) -> None:
    reader.posts()
    told = json.loads(operator.runs("backup", tmp_path / "a", "--json"))
    assert told["bytes"] == (tmp_path / "a").stat().st_size
    assert {name: told["content"][name] for name in ("sites", "pages", "comments")} == dict.fromkeys(
        ("sites", "pages", "comments"), 1
    )
    assert "1 comments on 1 pages of 1 sites, 0 operators" in operator.runs("backup", tmp_path / "b")


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_a_file_that_is_there_is_not_overwritten_unasked(operator: Operator, copy: Path) -> None:
    before = copy.read_bytes()
    assert refuses(operator, "backup", copy).endswith("is there already.")
    assert copy.read_bytes() == before
    operator.runs("backup", copy, "--overwrite")
    assert bodies(copy) == ["Kept.", "Later."]


def test_where_nothing_can_be_written_there_is_no_backup(operator: Operator, reader: Reader, tmp_path: Path) -> None:
    assert "cannot be written" in refuses(operator, "backup", tmp_path / "nowhere" / "copy.db")


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_a_copy_that_is_not_whole_is_no_backup(
    operator: Operator, reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_store, "faults", lambda _: ["row 3 is missing"])
    assert "row 3 is missing" in refuses(operator, "backup", tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_a_restored_database_is_as_it_was(operator: Operator, reader: Reader, copy: Path, settings: Settings) -> None:
    database.db.engine.dispose()
    told = json.loads(operator.runs("restore", copy, "--replace", "--json"))
    assert told["content"]["comments"] == 1
    assert [row["body"] for row in stored("comments")] == ["Kept."]
    assert reader.sees()["page"]["count"] == 1
    assert reader.posts("After.").status_code == 201
    kept = Path(told["kept"])
    assert kept.parent == settings.data_dir
    assert bodies(kept) == ["Kept.", "Later."]


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_nothing_is_replaced_unasked(operator: Operator, copy: Path) -> None:
    database.db.engine.dispose()
    assert "--replace" in refuses(operator, "restore", copy)
    assert [row["body"] for row in stored("comments")] == ["Kept.", "Later."]


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_a_backup_comes_back_where_there_is_nothing(operator: Operator, copy: Path, settings: Settings) -> None:
    database.db.engine.dispose()
    shutil.rmtree(settings.data_dir)
    assert "Restored: 1 comments" in operator.runs("restore", copy)
    assert bodies(settings.data_dir / "afterword.db") == ["Kept."]


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_a_damaged_database_can_be_replaced(operator: Operator, copy: Path, settings: Settings) -> None:
    database.db.engine.dispose()
    path = settings.data_dir / "afterword.db"
    path.write_bytes(b"\0" * 5_000)
    Path(f"{path}-wal").write_bytes(b"a log of the damaged one")
    operator.runs("restore", copy, "--replace")
    assert bodies(path) == ["Kept."]
    assert any(each.name.endswith("-wal") and "before-restore" in each.name for each in settings.data_dir.iterdir())


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_what_is_no_backup_changes_nothing(operator: Operator, copy: Path, settings: Settings) -> None:
    database.db.engine.dispose()
    cut, other, newer, strange = (copy.with_name(name) for name in ("cut", "other", "newer", "strange"))
    cut.write_bytes(copy.read_bytes()[:40_000])
    other.write_bytes(b"PGDMP and so on")
    shutil.copy(copy, newer)
    with driver.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with driver.connect(strange) as connection:
        connection.execute("CREATE TABLE strange (x)")
    before = (settings.data_dir / "afterword.db").read_bytes()
    for path, said in ((cut, "damaged"), (other, "is not a backup"), (newer, "newer release"), (strange, "no backup")):
        assert said in refuses(operator, "restore", path, "--replace"), path
    assert (settings.data_dir / "afterword.db").read_bytes() == before


@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
def test_a_restore_wants_the_folder_for_itself(operator: Operator, copy: Path, settings: Settings) -> None:
    with running.shared(settings.data_dir):
        assert "Stop it first" in refuses(operator, "restore", copy, "--replace")
        operator.runs("backup", copy.with_name("another"))
    with running.alone(settings.data_dir):
        assert "being restored" in refuses(operator, "site", "list")
        assert "being restored" in refuses(operator, "serve")
    assert "blog" in operator.runs("site", "list")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for another user")
@pytest.mark.sqlite(reason="a backup is a database; elsewhere see tests/postgresql/test_backup.py")
@pytest.mark.parametrize("damaged", [False, True])
def test_what_root_restores_is_the_folders_owners(
    operator: Operator, copy: Path, settings: Settings, damaged: bool
) -> None:
    database.db.engine.dispose()
    shutil.rmtree(settings.data_dir)
    settings.data_dir.mkdir()
    os.chown(settings.data_dir, 4711, 4712)
    if damaged:
        for name in ("afterword.db", "afterword.db-wal"):
            (settings.data_dir / name).write_bytes(b"no database")
            os.chown(settings.data_dir / name, 4711, 4712)
    operator.runs("restore", copy, "--replace")
    made = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in settings.data_dir.iterdir()}
    assert made.keys() >= {"afterword.db", "service.lock", "secret.key"}
    assert len(made) == (5 if damaged else 3)
    assert set(made.values()) == {(4711, 4712)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for another user")
@pytest.mark.sqlite(reason="elsewhere there is no file")
def test_what_roots_first_command_makes_is_the_folders_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 4711, 4712)
    environment = os.environ | {"AFTERWORD_DATA_DIR": str(folder)}
    environment.pop("AFTERWORD_DATABASE_URL", None)
    command = Path(sys.executable).with_name("afterword")
    subprocess.run([command, "site", "list"], env=environment, check=True, stdout=subprocess.DEVNULL)
    with contextlib.closing(driver.connect(str(folder / "afterword.db"))) as connection:
        connection.execute("SELECT count(*) FROM sites").fetchone()  # as long as it is open, its log lies beside it
        made = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in folder.iterdir()}
    assert made.keys() >= {"afterword.db", "migrate.lock", "secret.key"}
    assert set(made.values()) == {(4711, 4712)}, made


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_gives_nothing_away_that_a_link_leads_to(tmp_path: Path) -> None:
    folder, foreign = tmp_path / "data", tmp_path / "foreign"
    folder.mkdir()
    foreign.write_text("not the service's")
    os.chown(folder, 4711, 4712)
    (folder / "service.lock").symlink_to(foreign)
    with running.shared(folder):
        assert foreign.stat().st_uid == 0


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("postgresql+psycopg://ann@db.example:54/comments", "dbname='comments' host='db.example' port='54' user='ann'"),
        ("postgresql+psycopg:///comments?host=/run/pg", "dbname='comments' host='/run/pg'"),
        ("postgresql://ann%27s@h/a%5Cb", r"dbname='a\\b' host='h' user='ann\'s'"),
    ],
)  # fmt: skip
def test_an_address_is_given_to_postgresql_as_it_takes_it(url: str, written: str, tmp_path: Path) -> None:
    assert postgres.written(make_url(url), tmp_path / "pass") == written


def test_a_password_goes_by_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    passfile = tmp_path / "pass"
    told = postgres.written(make_url("postgresql://ann:a%3Ab%5Cc@h/d"), passfile)
    assert "a:b" not in told
    assert f"passfile='{passfile}'" in told
    assert passfile.read_text(encoding="utf-8") == "*:*:*:*:a\\:b\\\\c\n"
    assert passfile.stat().st_mode & 0o777 == 0o600


def test_a_missing_program_of_postgresql_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(Unavailable) as caught:
        postgres.dump(make_url("postgresql:///d"), tmp_path / "dump", "view")
    assert caught.value.sentence() == "Backups of PostgreSQL need its program pg_dump, which is not installed here."
