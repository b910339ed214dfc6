"""A server that was away: requests are told to come back, and the next one after its return gets an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from service import database, pages
from service.people.audit import COMMAND_LINE
from service.settings import Settings
from tests.conftest import NOW, ORIGIN, PAGE, Reader
from tests.postgres import Server
from tests.quick import migrated


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own."""
    made = Server()
    made.make()
    migrated(made.add("comments"), tmp_path / "data")
    yield made
    made.remove()


@pytest.fixture
def reader(lonely: Server, make_host: Callable[..., Flask]) -> Iterator[Reader]:
    """A reader of a service on that server."""
    app = make_host(database_url=lonely.url("comments"), cache_mb=0)
    with app.app_context():
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        yield Reader(app.test_client(use_cookies=False))


@pytest.mark.fault("F3")
def test_the_first_request_after_a_restart_is_answered(lonely: Server, reader: Reader) -> None:
    assert reader.posts("One.").status_code == 201
    reader.sees()
    lonely.stop()
    lonely.start()
    assert [each["html"] for each in reader.sees()["comments"]] == ["<p>One.</p>"]
    lonely.stop()
    lonely.start()
    assert reader.posts("Two.").status_code == 201
    lonely.stop()
    lonely.start()
    assert reader.client.get("/api/v1/counts", query_string={"page": PAGE}).json["counts"] == {PAGE: 2}
    assert reader.client.get("/readyz").status_code == 200


@pytest.mark.fault("F3")
def test_while_it_is_away_everybody_is_told_to_come_back(lonely: Server, reader: Reader) -> None:
    assert reader.posts("One.").status_code == 201
    lonely.stop()
    for answer in (
        reader.posts("Two."),
        reader.client.get("/api/v1/thread", query_string={"page": PAGE}),
        reader.client.get("/api/v1/counts", query_string={"page": PAGE}),
    ):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
    lonely.start()
    assert reader.posts("Two.").status_code == 201
    assert reader.sees()["page"]["count"] == 2


def test_what_is_known_of_it_is_told_before_the_first_request(
    lonely: Server, make_host: Callable[..., Flask], pg_settings: Settings
) -> None:
    lonely.stop()
    app = make_host(database_url=lonely.url("comments"))  # starts, and is told by the first request
    assert app.test_client().get("/api/v1/thread", query_string={"page": PAGE}).status_code == 503
    with app.app_context():
        database.close_database()
