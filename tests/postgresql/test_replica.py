"""A read replica that runs behind or is away: what everybody sees, and what readers see of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from service import pages
from service.database import reading
from service.people.audit import COMMAND_LINE
from service.settings import Settings
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, PAGE, Operator, Reader
from tests.faults.harness import await_
from tests.postgres import Server
from tests.quick import migrated


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that another one follows."""
    made = Server()
    made.make()
    migrated(made.add("comments"), tmp_path_factory.mktemp("primary"))
    yield made
    made.remove()


@pytest.fixture(scope="module")
def replica(primary: Server) -> Iterator[Server]:
    """The one that follows."""
    made = Server()
    made.follow(primary)
    yield made
    made.remove()


@pytest.fixture
def app(primary: Server, replica: Server, make_host: Callable[..., Flask]) -> Iterator[Flask]:
    """A service on both, with the site `blog` and a thread; the replica has all of it."""
    primary.does("TRUNCATE sites, spent, audit RESTART IDENTITY CASCADE", "comments")
    found = make_host(database_url=primary.url("comments"), read_database_url=replica.url("comments"), cache_mb=0)
    with found.app_context():
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        assert Reader(found.test_client()).posts("The first.").status_code == 201
        await_("the replica", lambda: arrived(replica) == 1)
        yield found
    if replica.is_running():
        replica.does("SELECT pg_wal_replay_resume()")


def arrived(replica: Server) -> int:
    """Return how many comments the replica has."""
    with replica.connect("comments") as link:
        (count,) = link.execute("SELECT count(*) FROM comments").fetchone() or (0,)
    return int(count)


def bodies(reader: Reader) -> list[str]:
    """Return what everybody sees."""
    return [each["html"] for each in reader.sees()["comments"]]


def counted(reader: Reader) -> int:
    """Return what count.js shows."""
    return int(reader.client.get("/api/v1/counts", query_string={"page": PAGE}).json["counts"][PAGE])


@pytest.fixture
def reader(app: Flask) -> Reader:
    """A reader of the service."""
    return Reader(app.test_client(use_cookies=False))


def test_everybody_reads_from_the_replica_and_readers_see_their_own_at_once(replica: Server, reader: Reader) -> None:
    replica.does("SELECT pg_wal_replay_pause()")
    made = reader.posts("Just now.")
    assert made.status_code == 201
    assert bodies(reader) == ["<p>The first.</p>"]
    assert counted(reader) == 1
    # which the widget puts in where it is missing, see widget/src/own.js
    mine = reader.client.get("/api/v1/reader", query_string={"page": PAGE}, headers=reader.headers())
    assert [each["comment"]["html"] for each in mine.json["comments"]] == ["<p>Just now.</p>"]
    replica.does("SELECT pg_wal_replay_resume()")
    await_("the replica", lambda: bodies(reader) == ["<p>The first.</p>", "<p>Just now.</p>"])
    assert counted(reader) == 2


def test_a_reader_without_javascript_is_led_to_the_own_comment(replica: Server, reader: Reader) -> None:
    replica.does("SELECT pg_wal_replay_pause()")
    made = reader.posts("Just now.").json["comment"]["id"]
    answer = reader.client.get("/thread", query_string={"page": PAGE, "at": made})
    assert answer.status_code == 200
    assert "Just now." in answer.text


def test_what_the_replica_does_not_know_yet_is_asked_of_the_primary(replica: Server, reader: Reader) -> None:
    replica.does("SELECT pg_wal_replay_pause()")
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    assert reader.sees(f"{OTHER_ORIGIN}/x")["comments"] == []


def test_a_close_holds_at_once_though_the_replica_does_not_know(replica: Server, reader: Reader) -> None:
    replica.does("SELECT pg_wal_replay_pause()")
    pages.close(PAGE, None, None, None, NOW, COMMAND_LINE)
    assert reader.sees()["page"]["closed"] is False
    assert reader.posts("Too late.").status_code == 403


def test_what_runs_behind_is_never_kept_in_the_place_of_what_is_newer(
    primary: Server, replica: Server, make_host: Callable[..., Flask], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = {"database_url": primary.url("comments"), "read_database_url": replica.url("comments")}
    cached = Reader(make_host(**addresses, cache_mb=8).test_client(use_cookies=False))
    replica.does("SELECT pg_wal_replay_pause()")
    assert cached.posts("Just now.").status_code == 201
    assert len(bodies(cached)) == 1
    replica.does("SELECT pg_wal_replay_resume()")
    await_("the replica", lambda: len(bodies(cached)) == 2)


def test_without_the_replica_the_primary_is_read(
    app: Flask, replica: Server, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "AWAY", 0.05)
    assert bodies(reader) == ["<p>The first.</p>"]
    replica.stop()
    try:
        assert reader.posts("Just now.").status_code == 201
        assert bodies(reader) == ["<p>The first.</p>", "<p>Just now.</p>"]
        assert counted(reader) == 2
    finally:
        replica.start()
    await_("the replica", lambda: arrived(replica) == 2)
    replica.does("SELECT pg_wal_replay_pause()")
    assert reader.posts("And now.").status_code == 201
    await_("the replica to be asked again", lambda: len(bodies(reader)) == 2)


def test_a_replica_of_sqlite_is_no_setting(
    pg_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AFTERWORD_READ_DATABASE_URL", pg_settings.database_url)
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", f"sqlite:///{tmp_path / 'x.db'}")
    told = Operator().tries("doctor")
    assert told.exit_code == 1
    assert "AFTERWORD_READ_DATABASE_URL names a replica, which only PostgreSQL has" in told.output


def test_the_doctor_looks_at_the_replica(
    app: Flask, primary: Server, replica: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def noted(address: str) -> str:
        monkeypatch.setenv("AFTERWORD_DATABASE_URL", primary.url("comments"))
        monkeypatch.setenv("AFTERWORD_READ_DATABASE_URL", address)
        return Operator().runs("doctor")

    assert "The replica answers." in noted(replica.url("comments")).splitlines()
    assert "AFTERWORD_READ_DATABASE_URL names no replica: it follows nobody." in noted(primary.url("comments"))
    assert "The replica does not answer; the primary is read in its place. " in noted(replica.url("nowhere"))
