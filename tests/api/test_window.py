"""A thread opened at a comment, and what came since."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import PAGE, Operator, Reader, fill

SIX_LINKS = " ".join(f"https://example.org/{number}" for number in range(6))


@pytest.mark.parametrize("sort", ["oldest", "newest", "best"])
def test_it_begins_at_the_comment_and_goes_on_both_ways(reader: Reader, sort: str) -> None:
    every = fill(130)
    whole: list[int] = []
    query: dict[str, Any] = {}
    while True:
        part = reader.sees(sort=sort, **query)
        whole += [comment["id"] for comment in part["comments"]]
        if part["next"] is None:
            break
        query = {"after": part["next"]}
    assert sorted(whole) == every
    start = reader.sees(sort=sort, at=every[70])
    assert start["comments"][0]["id"] == every[70]
    assert reader.sees(sort=sort, number=71)["comments"] == start["comments"]
    found = [comment["id"] for comment in start["comments"]]
    following, previous = start["next"], start["previous"]
    while following:
        part = reader.sees(sort=sort, after=following)
        found += [comment["id"] for comment in part["comments"]]
        following = part["next"]
    while previous:
        part = reader.sees(sort=sort, before=previous)
        found = [comment["id"] for comment in part["comments"]] + found
        previous = part["previous"]
    assert found == whole


@pytest.mark.parametrize("sort", ["oldest", "newest", "best"])
def test_long_texts_are_met_on_the_way_back_too(reader: Reader, sort: str) -> None:
    every = fill(60, body="word " * 1_900)
    part = reader.sees(sort=sort)
    found = [comment["id"] for comment in part["comments"]]
    while part["next"]:
        last = part
        part = reader.sees(sort=sort, after=part["next"])
        found += [comment["id"] for comment in part["comments"]]
    assert sorted(found) == every
    back = [comment["id"] for comment in part["comments"]]
    assert last["next"]
    while part["previous"]:
        part = reader.sees(sort=sort, before=part["previous"])
        back = [comment["id"] for comment in part["comments"]] + back
    assert back == found


@pytest.mark.parametrize("length", [22, 55])
def test_the_last_of_a_long_chain_of_replies_is_shown(reader: Reader, length: int) -> None:
    root = fill(1)[0]
    chain = fill(length, root, chained=True)
    for target in (chain[-1], chain[-2], chain[length // 2]):
        assert target in [comment["id"] for comment in reader.sees(at=target)["comments"]]


@pytest.mark.parametrize("sort", ["oldest", "newest", "best"])
def test_a_later_part_knows_the_way_back(reader: Reader, sort: str) -> None:
    fill(120)
    first = reader.sees(sort=sort)
    second = reader.sees(sort=sort, after=first["next"])
    third = reader.sees(sort=sort, after=second["next"])
    assert first["previous"] is None
    assert reader.sees(sort=sort, before=third["previous"])["comments"] == second["comments"]
    assert reader.sees(sort=sort, before=second["previous"])["comments"] == first["comments"]


def test_a_part_that_was_emptied_meanwhile_knows_the_way_back_too(reader: Reader, operator: Operator) -> None:
    every = fill(51)
    after = reader.sees()["next"]
    operator.deletes(every[50])
    emptied = reader.sees(after=after)
    assert (emptied["comments"], emptied["next"]) == ([], None)
    back = reader.sees(before=emptied["previous"])
    shown = back["comments"] + reader.sees(after=back["next"])["comments"]
    assert [comment["id"] for comment in shown] == every[:50]


def test_a_reply_far_down_is_shown_with_what_it_answers(reader: Reader) -> None:
    (root,) = fill(1)
    replies = fill(40, root)
    (deep,) = fill(1, replies[30])
    seen = reader.sees(at=deep)["comments"]
    shown = [comment["id"] for comment in seen]
    assert shown[:3] == [root, replies[30], deep]
    earlier = reader.sees(parent=root, after=seen[0]["earlier"])["comments"]
    assert [comment["id"] for comment in earlier][:31] == replies[:31]
    assert "earlier" not in reader.sees(at=replies[5])["comments"][0]


@pytest.mark.parametrize("query", [{"at": 4711}, {"number": 4711}])
def test_a_comment_that_is_not_there_is_not_found(reader: Reader, query: dict[str, int]) -> None:
    fill(1)
    assert reader.client.get("/api/v1/thread", query_string={"page": PAGE} | query).status_code == 404


def test_what_came_since_comes_in_the_order_in_which_it_came(reader: Reader) -> None:
    (first,) = fill(1)
    reply, second = *fill(1, first), *fill(1)
    reader.posts(SIX_LINKS)
    assert [comment["id"] for comment in reader.sees(since=first)["comments"]] == [reply, second]
    assert reader.sees(since=second)["comments"] == []


@pytest.mark.parametrize(
    "query",
    [{"at": 1, "number": 1}, {"after": "MXQx", "before": "MXQx"}, {"since": 1, "at": 1}, {"parent": 1, "at": 1}],
)
def test_one_question_at_a_time(reader: Reader, query: dict[str, Any]) -> None:
    fill(1)
    assert reader.client.get("/api/v1/thread", query_string={"page": PAGE} | query).status_code == 422
