"""Two writers of one thing at the same moment: one of them is faster, and the other does not stumble."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from service import database, pages
from service.comments import store
from service.errors import Unavailable
from service.models import Comment, Reader
from service.people import readers
from service.people.audit import COMMAND_LINE
from service.transfer import load, wordpress
from service.transfer.record import CommentRecord, PageRecord
from tests.conftest import NOW, PAGE, Operator, fill, stored
from tests.conftest import Reader as Somebody

mine = import_module("service.comments.mine")  # the room names a verb the same
KEY = "A" * 43
SINCE = NOW.replace(year=2025)


class TestImport:
    """The same file, brought by two hands."""

    RECORDS = (
        PageRecord("1", PAGE, "The clock", closed=True),
        *(
            CommentRecord(str(number), "1", "1" if number > 1 else None, NOW, "Ann", "", "", f"Text {number}.", state)
            for number, state in ((1, "published"), (2, "published"), (3, "pending"), (4, "published"))
        ),
    )

    @pytest.mark.parametrize("first", [5, 3], ids=["whole", "in part"])
    def test_what_the_other_brought_is_not_brought_again(
        self, app: Flask, reader: Somebody, monkeypatch: pytest.MonkeyPatch, first: int
    ) -> None:
        monkeypatch.setattr(load, "BATCH", 2)
        site, prepared, reports = pages.get_site("blog"), load._prepared, []

        def overtaken(*arguments: Any) -> Any:
            monkeypatch.setattr(load, "_prepared", prepared)
            wanted = prepared(*arguments)
            reports.append(load.merge(site, "wordpress", self.RECORDS[:first], NOW, COMMAND_LINE, dry_run=False))
            return wanted

        monkeypatch.setattr(load, "_prepared", overtaken)
        reports.append(load.merge(site, "wordpress", self.RECORDS, NOW, COMMAND_LINE, dry_run=False))
        assert [report.comments for report in reports] == [first - 1, 5 - first]
        assert [report.comments + report.skipped.total() for report in reports] == [first - 1, 4]
        assert sum(report.pending for report in reports) == 1
        assert reader.sees()["page"]["count"] == 3
        assert [comment["depth"] for comment in reader.sees()["comments"]] == [0, 1, 1]

    def test_a_constraint_that_speaks_up_all_the_same_ends_with_one_line(
        self, app: Flask, operator: Operator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        demo = Path(__file__).parents[2] / "demo" / "thread.wordpress.xml"
        pages.add("demo", ["http://127.0.0.1:8001"], NOW, COMMAND_LINE)
        with demo.open("rb") as stream:
            load.merge(pages.get_site("demo"), "wordpress", wordpress.read(stream), NOW, COMMAND_LINE, dry_run=False)
        monkeypatch.setattr("service.comments.known", lambda *_: {})
        result = operator.tries("import", "wordpress", demo, "--site", "demo")
        assert result.exit_code == 1
        assert result.stderr == "Error: Somebody else stored the same at the same moment. Please try again.\n"


def test_what_is_written_while_its_writer_is_forgotten_is_erased_too(
    app: Flask, reader: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.posts("Canary one.")
    places, bodies = mine._places, ["Canary two.", "Canary three."]

    def written_meanwhile(page_ids: Any) -> Any:
        found = places(page_ids)
        if bodies:
            assert reader.posts(bodies.pop(), page=f"{PAGE}/{len(bodies)}").status_code == 201
        return found

    monkeypatch.setattr(mine, "_places", written_meanwhile)
    answer = reader.client.delete(f"/api/v1/reader?page={PAGE}", headers=reader.headers())
    assert answer.json == {"erased": 3}
    assert "Canary" not in repr(stored("comments"))
    assert stored("readers") == []


def test_a_reader_that_another_writer_makes_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    find = readers.find

    def overtaken(connection: Any, site_id: int, key: str) -> None:
        monkeypatch.setattr(readers, "find", find)
        readers.take(connection, site_id, key, NOW)

    monkeypatch.setattr(readers, "find", overtaken)
    with database.write() as connection:
        taken = readers.take(connection, pages.get_site("blog").id, KEY, NOW)
    assert [row["id"] for row in stored("readers")] == [taken]


def test_of_two_answers_under_one_key_the_first_is_kept(app: Flask) -> None:
    first, second = fill(2)
    site = pages.get_site("blog").id
    with database.write() as connection:
        assert store.insert_retry(connection, site, KEY, "x", first, NOW, SINCE)
        assert not store.insert_retry(connection, site, KEY, "y", second, NOW, SINCE)
    assert [(row["fingerprint"], row["comment_id"]) for row in stored("retries")] == [("x", first)]
    with database.write() as connection:
        assert store.insert_retry(connection, site, KEY, "y", second, NOW, since=NOW)
    assert [(row["fingerprint"], row["comment_id"]) for row in stored("retries")] == [("y", second)]


def test_a_key_that_another_page_uses_at_the_same_moment_stores_one_comment(
    app: Flask, reader: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "a-key-of-24-characters-"}
    assert reader.posts(headers=headers).status_code == 201
    find_retry, looks = store.find_retry, []

    def late(*arguments: Any) -> Any:
        looks.append(1)
        return find_retry(*arguments) if len(looks) > 2 else None  # it shows only when it is to be stored

    monkeypatch.setattr(store, "find_retry", late)
    answer = reader.posts("Another.", page=f"{PAGE}/other", headers=headers)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["Idempotency-Key"])
    assert len(stored("comments")) == len(stored("pages")) == 1


def test_what_another_writer_stored_first_is_no_mistake_but_the_rest_is(app: Flask) -> None:
    (comment,) = fill(1)
    hung = {"site_id": 99, "key_hash": "x", "created": NOW}
    with pytest.raises(Unavailable), database.write() as connection:
        database.insert_if_new(connection, Reader, hung)
    with pytest.raises(IntegrityError), database.write() as connection:
        database.insert_if_new(connection, Comment, {"id": comment + 1, "state": "published"})
