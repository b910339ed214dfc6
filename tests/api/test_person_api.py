"""What is kept of one person, and its erasure, for owners with a token."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from tests.api.asker import Asker
from tests.conftest import Reader, stored


@pytest.fixture
def asks(client: FlaskClient, clock: TimeMachineFixture) -> Asker:
    """Programs that ask."""
    return Asker(client)


def _wrote(reader: Reader) -> int:
    author = {"name": "Ann", "email": "ann@example.org"}
    made = reader.posts("My own words.", author=author)
    comment_id: int = made.json["comment"]["id"]
    assert reader.posts("More of them.", author=author).status_code == 201
    return comment_id


@pytest.mark.parametrize("name", ["email", "comment", "reader"])
def test_all_that_is_kept_is_told_by_any_of_three_names(asks: Asker, reader: Reader, name: str) -> None:
    comment_id = _wrote(reader)
    names = {"email": "Ann@example.org", "comment": comment_id, "reader": stored("comments")[0]["reader_id"]}
    told = asks("POST", "/person/export", json={name: names[name]})
    assert [each["body"] for each in told["comments"]] == ["My own words.", "More of them."]
    assert {each["email"] for each in told["comments"]} == {"ann@example.org"}
    assert all(each["created"].endswith("Z") for each in told["comments"])


def test_what_somebody_wrote_is_erased_and_the_log_says_who_did_it(asks: Asker, reader: Reader) -> None:
    _wrote(reader)
    assert asks("POST", "/person/erase", json={"email": "ann@example.org"})["comments"] == 2
    assert "own words" not in json.dumps(stored("comments"), default=str)
    assert {(entry["verb"], entry["via"]) for entry in stored("audit") if entry["comment_id"]} == {
        ("comment.erase", "api")
    }
    assert asks("POST", "/person/export", status=404, json={"email": "ann@example.org"})["status"] == 404


@pytest.mark.parametrize("named", [{}, {"email": "ann@example.org", "comment": 1}, {"email": ""}, {"comment": 0}])
def test_one_name_is_asked_for(asks: Asker, named: dict[str, Any]) -> None:
    assert asks("POST", "/person/erase", status=422, json=named)["status"] == 422
