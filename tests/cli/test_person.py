"""`afterword person`: all that is kept of somebody is told, and goes where that is asked, from the disk too."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from service.settings import Backups, Settings
from service.web.upkeep import Upkeep
from tests.conftest import NOW, PAGE, Operator, Reader, fill, stored

EMAIL = "canary@example.org"
#: in every field, and in a body that does not fit on one page of the file
CANARY: dict[str, Any] = {
    "body": "Canary sings. " * 600,
    "author": {"name": "Canary", "email": EMAIL, "website": "https://canary.example/"},
}


@pytest.fixture
def on_disk(settings: Settings) -> Callable[[], int]:
    """Return a function that counts canaries in all files of the data folder, the database's log and backups too."""

    def look() -> int:
        files = [path for path in settings.data_dir.rglob("*") if path.is_file()]
        return sum(path.read_bytes().lower().count(b"canary") for path in files)

    return look


@pytest.fixture
def canary(reader: Reader, operator: Operator) -> int:
    """The id of a comment of somebody who has also changed one, voted, reported, and been answered and banned."""
    other, (voted,) = replace(reader), fill(1, body="Somebody's.")
    comment = int(reader.posts(**CANARY).json["comment"]["id"])
    second = reader.posts(**CANARY | {"page": f"{PAGE}/other"}).json["comment"]["id"]
    headers = reader.headers()
    assert reader.client.patch(
        f"/api/v1/comments/{second}", json={"body": "The canary changed."}, headers=headers
    ).is_json
    reader.client.put(f"/api/v1/comments/{voted}/vote", json={"value": 1}, headers=headers)
    reader.client.post(f"/api/v1/comments/{voted}/report", json={"reason": "The canary minds."}, headers=headers)
    assert other.posts("Stays.", parent=comment).status_code == 201
    operator.runs("comment", "hold", second)
    operator.runs("comment", "approve", second)
    return comment


def named(comment: int, by: str) -> tuple[str, object]:
    """Return how a command names the person: by the e-mail address, the reader or the comment."""
    reader_id = next(row["reader_id"] for row in stored("comments") if row["id"] == comment)
    return f"--{by}", {"email": EMAIL.upper(), "reader": reader_id, "comment": comment}[by]


@pytest.mark.parametrize("by", ["email", "reader", "comment"])
def test_all_that_is_kept_is_told(operator: Operator, canary: int, by: str) -> None:
    operator.runs("ban", "add", "email", EMAIL, "--reason", "Sings.")
    told = json.loads(operator.runs("person", "export", *named(canary, by)))
    assert [each["email"] for each in told["comments"]] == [EMAIL] * 2
    assert {each["page_url"] for each in told["comments"]} == {PAGE, f"{PAGE}/other"}
    assert told["comments"][0]["body"] == CANARY["body"].strip()
    assert told["comments"][0]["created"].endswith("Z")
    assert [each["body"] for each in told["former_versions"]] == [CANARY["body"].strip()]
    assert [each["verb"] for each in told["done_to_their_comments"]] == ["comment.hold", "comment.approve"]
    assert [each["value"] for each in told["bans"]] == [EMAIL]
    known = by != "email"  # an address may be anybody's: what a browser did besides is told by its reader
    assert [each["value"] for each in told["votes"]] == [1] * known
    assert [each["reason"] for each in told["reports"]] == ["The canary minds."] * known
    assert "Stays." not in json.dumps(told)


@pytest.mark.sqlite(reason="its file lies in the folder, and a backup is a database")
@pytest.mark.parametrize("by", ["email", "reader", "comment"])
def test_what_is_erased_is_nowhere_on_the_disk(
    operator: Operator, reader: Reader, canary: int, by: str, on_disk: Callable[[], int]
) -> None:
    assert on_disk() > 1000
    told = json.loads(operator.runs("person", "erase", *named(canary, by), "--json"))
    assert told == {"comments": 2, "reader": by != "email"}
    if by == "email":
        assert "canary" not in json.dumps(stored("comments"), default=str).lower()
        operator.runs("person", "erase", "--reader", stored("reports")[0]["reader_id"])
    assert on_disk() == 0
    assert {row["body"] for row in stored("comments")} == {"", "Stays.", "Somebody's."}
    seen = reader.sees()
    assert [each["html"] for each in seen["comments"] if each["parent"]] == ["<p>Stays.</p>"]
    assert seen["page"]["count"] == 2
    assert (stored("votes"), stored("reports")) == ([], [])


@pytest.mark.sqlite(reason="its file lies in the folder, and a backup is a database")
def test_backups_that_hold_it_go_in_their_time(
    operator: Operator, canary: int, settings: Settings, on_disk: Callable[[], int]
) -> None:
    upkeep = Upkeep(replace(settings, backups=Backups(timedelta(days=1), 2)))
    upkeep.look(NOW)
    operator.runs("person", "erase", "--comment", canary)
    assert on_disk() > 1000
    upkeep.look(NOW + timedelta(days=1))
    upkeep.look(NOW + timedelta(days=2))
    assert on_disk() == 0


@pytest.mark.sqlite(reason="its file lies in the folder, and a backup is a database")
def test_what_was_spent_of_limits_is_in_no_backup(
    make_app: Callable[..., Flask], app: Flask, operator: Operator, settings: Settings
) -> None:
    from service.settings import Limit
    from tests.cli.test_backup import driver

    assert Reader(make_app(limit_posts=(Limit(9, 3600),)).test_client()).posts().status_code == 201
    (spent,) = stored("spent")
    assert spent["bucket"].startswith("address:")
    path = settings.data_dir / "copy.db"
    operator.runs("backup", path)
    with driver.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM spent").fetchone() == (0,)
    assert spent["bucket"].encode() not in path.read_bytes()


@pytest.mark.parametrize("act", ["export", "erase"])
@pytest.mark.parametrize(
    ("named", "said"),
    [
        (("--email", "nobody@example.org"), "There is no such person."),
        (("--comment", 999), "There is no such comment as 999."),
        ((), "person: Name an e-mail address, a reader or a comment, one of them."),
        (("--email", EMAIL, "--reader", 1), "person: Name an e-mail address, a reader or a comment, one of them."),
        (("--email", ""), "person: Name an e-mail address, a reader or a comment, one of them."),
    ],
)
def test_who_is_not_known_is_told_in_one_line(
    app: Flask, operator: Operator, act: str, named: tuple[object, ...], said: str
) -> None:
    result = operator.tries("person", act, *named)
    assert (result.exit_code, result.stderr.strip()) == (1, f"Error: {said}")
