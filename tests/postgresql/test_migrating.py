"""`afterword migrate` on PostgreSQL: one does it while others wait, and the service goes on."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import event, make_url, text

from service import database
from service.database import schema
from service.errors import Unavailable
from service.settings import Settings, bundled
from tests.conftest import PAGE, Operator, Reader, fill
from tests.faults.harness import COMMAND, PATIENCE, await_
from tests.postgres import Server

#: from this revision on migrations keep to migrations/README.md
SINCE = "0002"
MIGRATION = """
import sqlalchemy as sa
from alembic import op

from service.database import online

revision = "9000"
down_revision = "{head}"


def upgrade() -> None:
    {lines}
"""
ADDITIVE = """op.add_column("comments", sa.Column("mood", sa.Text(), nullable=True))
    op.add_column("comments", sa.Column("calm", sa.Boolean(), nullable=False, server_default=sa.true()))
    online.fill("comments", "mood = 'fine'", "mood IS NULL")
    online.create_index("ix_comments_mood", "comments", ["mood"])"""


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that adds a revision behind the last one: the schema of a release to come."""

    def planted(lines: str) -> None:
        folder = tmp_path / "migrations"
        if not folder.exists():
            shutil.copytree(bundled("migrations"), folder)
        (folder / "versions" / "9000_planted.py").write_text(MIGRATION.format(lines=lines, head=head()))
        monkeypatch.setattr(schema, "bundled", lambda name: {"migrations": folder}.get(name, bundled(name)))

    return planted


def head() -> str:
    """Return the newest revision of this release."""
    found = ScriptDirectory(str(bundled("migrations"))).get_current_head()
    assert found is not None
    return found


@pytest.fixture
def locks() -> Iterator[list[str]]:
    """Faults: which tables a migration has read through while it kept others from writing to them."""
    found: list[str] = []
    look = text(
        "SELECT DISTINCT l.relation::regclass::text || ' ' || l.mode FROM pg_locks l"
        " JOIN pg_stat_xact_user_tables s ON s.relid = l.relation"
        " WHERE l.pid = pg_backend_pid() AND l.granted AND s.seq_tup_read > 0 AND l.mode IN"
        " ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
    )

    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement != str(look) and not connection.connection.driver_connection.autocommit:
            found.extend(connection.execute(look).scalars())

    engine = database.db.engine
    event.listen(engine, "after_cursor_execute", note)
    yield found
    event.remove(engine, "after_cursor_execute", note)


@pytest.mark.fault("F20")
def test_of_two_hosts_one_migrates_and_the_other_waits(
    new_url: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", new_url)
    name = str(make_url(new_url).database)
    with server.connect(name) as holder:
        # held as by a third one, until both have asked for it: neither lock_timeout nor statement_timeout ends the wait
        holder.execute(f"SELECT pg_advisory_lock({schema.MIGRATION_LOCK})")
        hosts = []
        for number in range(2):
            monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / f"host{number}"))
            hosts.append(
                subprocess.Popen([COMMAND, "migrate"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND query LIKE '%%pg_try_advisory_lock%%'"
        await_("both hosts", lambda: (holder.execute(asked, (name,)).fetchone() or (0,))[0] >= 3)
        holder.execute(f"SELECT pg_advisory_unlock({schema.MIGRATION_LOCK})")
        for host in hosts:
            told, faults = host.communicate(timeout=PATIENCE)
            assert (host.returncode, told) == (0, "The database is up to date.\n"), faults
        assert holder.execute("SELECT version_num FROM alembic_version").fetchall() == [(head(),)]


def test_serving_without_the_newest_schema_is_refused_in_one_line(
    new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", new_url)
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / "data"))
    served = Operator().tries("serve")
    assert served.exit_code == 1
    assert served.stderr == "Error: The database's schema is not up to date: run afterword migrate.\n"


def test_a_database_without_tables_is_told_to_readers_as_a_pause(new_url: str, make_host: Callable[..., Flask]) -> None:
    client = make_host(database_url=new_url).test_client()
    answer = client.get("/api/v1/thread", query_string={"page": PAGE})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert client.get("/readyz").status_code == 503


@pytest.mark.fault("F19")
def test_the_service_goes_on_while_and_after_the_next_release_migrates(
    host: Flask, pg_settings: Settings, plant: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(host.test_client(use_cookies=False))
    assert reader.posts("Before.").status_code == 201
    fill(300)
    plant(ADDITIVE)
    done = threading.Event()
    answered = 0
    with ThreadPoolExecutor(1) as pool:

        def migrated() -> bool:
            with host.app_context():
                try:
                    return database.migrate(pg_settings)
                finally:
                    done.set()

        migrating = pool.submit(migrated)
        while not done.is_set() or not answered:
            assert reader.posts(f"Meanwhile {answered}.", page=f"{PAGE}/{answered % 3}").status_code == 201
            assert reader.client.get("/api/v1/thread", query_string={"page": PAGE}).status_code == 200
            answered += 1
        assert migrating.result() is True
    monkeypatch.undo()  # this release knows nothing of the revision
    assert database.newer_schema()
    assert reader.posts("After.").status_code == 201
    assert reader.client.get("/readyz").status_code == 200
    with database.read() as connection:
        assert connection.execute(text("SELECT DISTINCT mood FROM comments WHERE body = 'Hello.'")).scalars().all() == [
            "fine"
        ]
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_comments_mood'::regclass"
        assert connection.execute(text(valid)).scalar() is True


def test_a_migration_gives_way_to_who_uses_a_table_and_comes_back(
    host: Flask, server: Server, pg_settings: Settings, plant: Callable[[str], None], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(schema, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(schema, "_PAUSE", 0.01)
    plant(ADDITIVE)
    reader = Reader(host.test_client(use_cookies=False))

    def migrated() -> bool:
        with host.app_context():
            return database.migrate(pg_settings)

    with ThreadPoolExecutor(1) as pool:
        with server.connect(database_name()) as holder, holder.transaction():
            holder.execute("SELECT count(*) FROM comments")  # as a backup does
            migrating = pool.submit(migrated)
            await_("giving way", lambda: "gives way" in caplog.text)
            assert reader.posts().status_code == 201
            assert not migrating.done()
        assert migrating.result() is True


def test_a_migration_that_never_gets_its_lock_says_so_and_changes_nothing(
    host: Flask, server: Server, pg_settings: Settings, plant: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "LOCK_TIMEOUT", "10ms")
    monkeypatch.setattr(schema, "_PAUSE", 0.01)
    monkeypatch.setattr(schema, "TRIES", 2)
    plant(ADDITIVE)
    with server.connect(database_name()) as holder, holder.transaction():
        holder.execute("SELECT count(*) FROM comments")
        with pytest.raises(Unavailable):
            database.migrate(pg_settings)
        assert holder.execute("SELECT version_num FROM alembic_version").fetchall() == [(head(),)]


def database_name() -> str:
    """Return the name of the database in use."""
    return str(database.db.engine.url.database)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("op.create_index('ix_comments_mood', 'comments', ['edited'])", "comments ShareLock"),
        ("op.alter_column('comments', 'up', type_=sa.BigInteger())", "comments AccessExclusiveLock"),
        (
            "op.add_column('comments', sa.Column('m', sa.Text()))\n    op.execute('UPDATE comments SET m = name')",
            "comments AccessExclusiveLock",
        ),
        ("op.create_check_constraint('calm', 'comments', 'up >= 0')", "comments AccessExclusiveLock"),
    ],
)
def test_a_migration_that_keeps_others_out_for_long_would_be_caught(
    host: Flask, pg_settings: Settings, plant: Callable[[str], None], locks: list[str], lines: str, fault: str
) -> None:
    fill(3)
    plant(lines)
    database.migrate(pg_settings)
    assert fault in locks


def test_none_of_ours_does(host: Flask, server: Server, pg_settings: Settings, locks: list[str]) -> None:
    fill(3)
    steps = [step for step in ScriptDirectory(str(bundled("migrations"))).walk_revisions() if step.revision > SINCE]
    if steps:
        from alembic import command

        config = schema._alembic()
        with database.db.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, SINCE)
    locks.clear()
    database.migrate(pg_settings)
    assert locks == []


def test_neither_does_one_that_keeps_to_the_manner(
    host: Flask, pg_settings: Settings, plant: Callable[[str], None], locks: list[str]
) -> None:
    fill(3)
    plant(ADDITIVE)
    database.migrate(pg_settings)
    assert locks == []
