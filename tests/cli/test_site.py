"""`afterword site`: which sites have threads here, and how they behave."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import ORIGIN, PAGE, Operator, Reader, fill, stored


def sites(operator: Operator) -> list[dict[str, Any]]:
    """Return what the list says."""
    found: list[dict[str, Any]] = json.loads(operator.runs("site", "list", "--json"))
    return found


def test_a_site_is_added_with_its_origins(operator: Operator) -> None:
    said = operator.runs("site", "add", "paper", "https://paper.example", "WWW.Paper.Example", "http://localhost:1313/")
    origins = ["http://localhost:1313", "https://paper.example", "https://www.paper.example"]
    assert all(origin in said for origin in origins)
    assert sites(operator) == [
        {
            "name": "paper",
            "origins": origins,
            "www": "drop",
            "names": "required",
            "depth": 5,
            "edit_minutes": 15,
            "votes": "both",
            "frozen": False,
            "pages": 0,
            "comments": 0,
        }
    ]


@pytest.mark.parametrize("name", ["a", "blog", "blog.example.org", "a-b", "0", "x" * 64])
def test_a_name_is_a_word_of_up_to_64_characters(operator: Operator, name: str) -> None:
    operator.runs("site", "add", name, "https://blog.example.org")


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a-", ".a", "a/b", "é", "x" * 65, "a\n"])
def test_another_name_is_refused(operator: Operator, name: str) -> None:
    result = operator.tries("site", "add", "--", name, "https://blog.example.org")
    assert result.exit_code == 1
    assert sites(operator) == []


@pytest.mark.parametrize(
    "origin", ["https://blog.example.org/news", "https://blog.example.org?x", "https://a:b@blog.example.org", "file:///",
               "https://*.example.org", "https://", "mailto:ann@example.org", "null", "https://blog.example.org:x"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(operator: Operator, origin: str) -> None:
    result = operator.tries("site", "add", "blog", "https://fine.example", origin)
    assert result.exit_code == 1
    assert origin in result.stderr
    assert sites(operator) == []


def test_a_name_and_an_origin_are_given_once(operator: Operator) -> None:
    operator.runs("site", "add", "blog", "https://blog.example.org")
    for command in (("blog", "https://new.example"), ("new", "https://new.example", "https://BLOG.example.org:443")):
        result = operator.tries("site", "add", *command)
        assert result.exit_code == 1
        assert "already" in result.stderr
    assert [site["name"] for site in sites(operator)] == ["blog"]
    operator.runs("site", "add", "new", "https://new.example")  # nothing was left of the refused one


def test_an_empty_list_says_what_to_do(operator: Operator) -> None:
    assert "afterword site add" in operator.runs("site", "list")
    assert sites(operator) == []


def test_the_list_counts_pages_and_published_comments(operator: Operator, reader: Reader) -> None:
    fill(3)
    operator.deletes(fill(1, page=f"{ORIGIN}/other")[0])
    assert (sites(operator)[0]["pages"], sites(operator)[0]["comments"]) == (2, 3)
    shown = operator.runs("site", "list")
    assert "blog" in shown
    assert ORIGIN in shown


@pytest.mark.parametrize(
    ("option", "value", "stored_as"),
    [
        ("--names", "optional", "optional"),
        ("--www", "keep", "keep"),
        ("--depth", "0", 0),
        ("--depth", "6", 6),
        ("--edit-minutes", "0", 0),
        ("--edit-minutes", "1440", 1_440),
        ("--votes", "off", "off"),
        ("--votes", "up", "up"),
    ],
)
def test_a_setting_is_changed_alone(operator: Operator, option: str, value: str, stored_as: object) -> None:
    operator.runs("site", "add", "blog", "https://blog.example.org")
    (before,) = sites(operator)
    operator.runs("site", "set", "blog", option, value)
    assert sites(operator) == [before | {option.removeprefix("--").replace("-", "_"): stored_as}]


@pytest.mark.parametrize(
    ("option", "value"),
    [("--depth", "-1"), ("--depth", "7"), ("--edit-minutes", "-1"), ("--edit-minutes", "1441"), ("--votes", "down")],
)
def test_a_setting_out_of_range_is_refused(operator: Operator, option: str, value: str) -> None:
    operator.runs("site", "add", "blog", "https://blog.example.org")
    before = sites(operator)
    assert operator.tries("site", "set", "blog", option, value).exit_code in (1, 2)
    assert sites(operator) == before


def test_nothing_to_set_is_wrong_usage(operator: Operator) -> None:
    operator.runs("site", "add", "blog", "https://blog.example.org")
    assert operator.tries("site", "set", "blog").exit_code == 2


def test_all_origins_are_set_together(operator: Operator) -> None:
    operator.runs("site", "add", "blog", "https://blog.example.org", "https://old.example")
    operator.runs("site", "set", "blog", "--origin", "https://blog.example.org", "--origin", "https://new.example")
    assert sites(operator)[0]["origins"] == ["https://blog.example.org", "https://new.example"]
    operator.runs("site", "add", "old", "https://old.example")
    result = operator.tries("site", "set", "blog", "--origin", "https://old.example")
    assert result.exit_code == 1
    assert sites(operator)[0]["origins"] == ["https://blog.example.org", "https://new.example"]


def test_www_is_set_only_while_there_are_no_pages(operator: Operator, reader: Reader) -> None:
    operator.runs("site", "set", "blog", "--www", "keep")
    operator.runs("site", "set", "blog", "--www", "drop")
    reader.posts()
    result = operator.tries("site", "set", "blog", "--www", "keep", "--names", "optional")
    assert result.exit_code == 1
    assert "no pages" in result.stderr
    assert (sites(operator)[0]["www"], sites(operator)[0]["names"]) == ("drop", "required")
    operator.runs("site", "set", "blog", "--www", "drop", "--names", "optional")  # what it is already


class TestRemove:
    """Removing a site takes all with it, and is asked about."""

    def test_it_is_asked_about(self, operator: Operator, reader: Reader) -> None:
        fill(2)
        asked = operator.tries("site", "remove", "blog", typed="n\n")
        assert asked.exit_code == 1
        assert "1 pages and 2 published comments" in asked.output
        assert len(stored("comments")) == 2
        assert operator.tries("site", "remove", "blog", typed="y\n").exit_code == 0
        assert stored("comments") == []

    def test_nothing_of_it_is_left_and_nothing_else_goes(self, operator: Operator, reader: Reader) -> None:
        operator.runs("site", "add", "other", "https://other.example")
        there = Reader(reader.client, "https://other.example")
        there.posts(page="https://other.example/clock", headers={"Idempotency-Key": "a-key-of-the-other"})
        reader.posts(headers={"Idempotency-Key": "a-key-of-this-site"})
        operator.runs("site", "remove", "blog", "--yes")
        for table in ("sites", "pages", "comments", "readers", "retries", "origins"):
            assert len(stored(table)) == 1, table
        assert reader.client.get("/api/v1/thread", query_string={"page": PAGE}).status_code == 404
        assert there.sees("https://other.example/clock")["page"]["count"] == 1

    def test_a_long_conversation_is_no_obstacle(self, operator: Operator, reader: Reader) -> None:
        # SQLite nests a cascade at most a thousand levels deep
        fill(1_010, chained=True)
        operator.runs("site", "remove", "blog", "--yes")
        assert stored("comments") == []

    def test_its_name_and_origins_are_free_again_for_an_empty_thread(self, operator: Operator, reader: Reader) -> None:
        reader.posts()
        reader.sees()
        operator.runs("site", "remove", "blog", "--yes")
        operator.runs("site", "add", "blog", ORIGIN)
        assert reader.sees()["comments"] == []
        reader.key = None
        assert reader.posts("New.").json["comment"]["number"] == 1
