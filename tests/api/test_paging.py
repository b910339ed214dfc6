"""Paging: a client that follows the cursors sees every comment once, whatever is written meanwhile."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from service import database
from service.threads import Cache
from tests.conftest import ORIGIN, PAGE, Operator, Reader, fill, statements


def posted(reader: Reader, body: str = "Hello.", **fields: Any) -> int:
    """Post a comment that is published, and return its id."""
    answer = reader.posts(body, **fields)
    assert answer.status_code == 201, answer.text
    comment_id: int = answer.json["comment"]["id"]
    return comment_id


def follow(
    reader: Reader, meanwhile: Callable[[int], object] = lambda part: None, **query: Any
) -> list[list[dict[str, Any]]]:
    """Return all parts of a thread, following `next`; between two parts something may happen."""
    parts: list[list[dict[str, Any]]] = []
    after: dict[str, str] = {}
    while True:
        seen = reader.sees(**query, **after)
        parts.append(seen["comments"])
        if seen["next"] is None:
            return parts
        after = {"after": seen["next"]}
        meanwhile(len(parts))


def ids(parts: list[list[dict[str, Any]]]) -> list[int]:
    """Return the ids of all comments in all parts."""
    return [comment["id"] for part in parts for comment in part]


@pytest.mark.parametrize("sort", ["oldest", "newest"])
@pytest.mark.parametrize(("count", "sizes"), [(49, [49]), (50, [50]), (51, [50, 1]), (120, [50, 50, 20])])
def test_top_level_comments_come_fifty_at_a_time(reader: Reader, sort: str, count: int, sizes: list[int]) -> None:
    expected = fill(count)
    parts = follow(reader, sort=sort)
    assert [len(part) for part in parts] == sizes
    assert ids(parts) == (expected if sort == "oldest" else expected[::-1])
    assert reader.sees()["page"]["count"] == count


@pytest.mark.parametrize("sort", ["oldest", "newest"])
def test_what_is_written_meanwhile_shifts_nothing(reader: Reader, operator: Operator, sort: str) -> None:
    before = fill(120)

    def write(part: int) -> None:
        posted(reader, "New.")
        posted(reader, "New reply.", parent=before[60])
        # one that was shown already, one that is still to come
        operator.deletes(before[part * 7], before[80 + part])

    found = ids(follow(reader, write, sort=sort))
    assert len(found) == len(set(found))
    deleted = {before[81], before[82]} | {before[7], before[14]}
    assert set(found) >= set(before) - deleted


def test_replies_come_with_the_comment_they_belong_to(reader: Reader) -> None:
    first = posted(reader)
    replies = fill(20, first)
    seen = reader.sees()
    assert [comment["id"] for comment in seen["comments"]] == [first, *replies]
    assert all("more" not in comment for comment in seen["comments"])


def test_beyond_twenty_replies_there_is_a_cursor_for_the_rest(reader: Reader) -> None:
    first, second = posted(reader), posted(reader)
    replies = fill(130, first)
    other = posted(reader, parent=second)
    seen = reader.sees()
    assert [comment["id"] for comment in seen["comments"]] == [first, *replies[:20], second, other]
    assert [comment["id"] for comment in seen["comments"] if "more" in comment] == [first]
    assert seen["comments"][0]["replies"] == 130
    assert seen["next"] is None

    rest: list[int] = []
    after = seen["comments"][0]["more"]
    while after:
        part = reader.sees(parent=first, after=after)
        assert len(part["comments"]) <= 50
        rest += [comment["id"] for comment in part["comments"]]
        after = part["next"]
        posted(reader, "Late.", parent=first)
    assert rest[:110] == replies[20:]


def test_replies_nested_below_each_other_are_cut_in_display_order(reader: Reader) -> None:
    first = posted(reader)
    for branch in fill(6, first):
        fill(6, branch)
    (root, *shown) = reader.sees()["comments"]
    rest = [part["id"] for part in reader.sees(parent=first, after=root["more"])["comments"]]
    whole = [part["id"] for part in reader.sees(parent=first)["comments"]]
    assert [comment["id"] for comment in shown] + rest == whole
    assert len(whole) == 42


def test_long_comments_make_a_part_end_earlier(reader: Reader) -> None:
    expected = fill(40, body="x" * 9_900)
    parts = follow(reader)
    assert ids(parts) == expected
    assert [len(part) for part in parts] == [16, 16, 8]
    below = posted(reader)
    replies = fill(40, below, body="x" * 9_900)
    assert ids(follow(reader, parent=below)) == replies


def _cursor(plain: str | bytes) -> str:
    raw = plain if isinstance(plain, bytes) else plain.encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


NO_CURSORS = [
    "x", "=", "////", "1t5", "%00", "é", "AAAA" * 200, _cursor(""), _cursor("2t5"), _cursor("1t"), _cursor("1t-1"),
    _cursor("1t1 OR 1=1"), _cursor("1t٣"), _cursor("1t" + "9" * 16), _cursor("1b1.0 5"), _cursor("1b0x1.0p+9999 5"),
    _cursor("1r000000"), _cursor("1r000000Z"), _cursor("1r" + "0000001" * 51), _cursor("1x5"), _cursor("1t5\n"),
    _cursor(b"\xff\xfe"), _cursor(f"1t{2**31}"), _cursor(f"1b0x1.0p+9 {2**31}"),
]  # fmt: skip


@pytest.mark.parametrize("after", NO_CURSORS, ids=lambda after: ascii(after[:20]))
@pytest.mark.parametrize("parent", [{}, {"parent": 1}], ids=["top", "replies"])
def test_what_is_no_cursor_is_refused(stranger: Reader, after: str, parent: dict[str, int]) -> None:
    answer = stranger.client.get("/api/v1/thread", query_string={"page": PAGE, "after": after} | parent)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["after"]


def test_a_cursor_of_one_kind_is_refused_where_the_other_is_asked_for(reader: Reader) -> None:
    first = posted(reader)
    top, reply = _cursor("1t1"), _cursor("1r0000001")
    for query in ({"after": reply}, {"after": top, "parent": first}):
        answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE} | query)
        assert answer.status_code == 422


def test_a_cursor_of_another_thread_shows_nothing_of_that_thread(reader: Reader) -> None:
    first, second = posted(reader), posted(reader)
    replies = fill(25, first)
    elsewhere = posted(reader, page=f"{ORIGIN}/other")
    more = reader.sees()["comments"][0]["more"]
    assert reader.sees(f"{ORIGIN}/other", parent=elsewhere, after=more)["comments"] == []
    assert reader.sees(parent=second, after=more)["comments"] == []
    assert [comment["id"] for comment in reader.sees(parent=first, after=more)["comments"]] == replies[20:]


class TestCost:
    """A read costs a bounded number of queries, whatever the size of the thread."""

    def queries(self, reader: Reader, app: Flask, **query: Any) -> int:
        """Count the statements of one read that finds nothing ready."""
        app.extensions["afterword_cache"] = Cache(0)
        with statements() as sent:
            reader.sees(**query)
        return len(sent)

    def test_it_does_not_grow_with_the_thread(self, reader: Reader, app: Flask) -> None:
        (first,) = fill(1)
        assert self.queries(reader, app) == 3  # the look at the page, the same inside the read, the comments
        for parent in fill(110):
            fill(1, parent)
        fill(70, first)
        seen = reader.sees()
        following, more = seen["next"], seen["comments"][0]["more"]
        assert self.queries(reader, app) == 4  # and one for the replies of all
        assert self.queries(reader, app, sort="newest") == 4
        assert self.queries(reader, app, after=following) == 4
        assert self.queries(reader, app, parent=first) == 4
        assert self.queries(reader, app, parent=first, after=more) == 4

    def test_a_ready_answer_costs_one(self, reader: Reader) -> None:
        posted(reader)
        reader.sees()
        with statements() as sent:
            reader.sees()
        assert len(sent) == 1

    def test_a_write_costs_other_pages_nothing(self, reader: Reader) -> None:
        for page in (PAGE, f"{ORIGIN}/other"):
            posted(reader, page=page)
            reader.sees(page)
        posted(reader)
        with statements() as sent:
            reader.sees(f"{ORIGIN}/other")
        assert len(sent) == 1
        with statements() as sent:
            assert reader.sees()["page"]["count"] == 2
        assert len(sent) > 1

    @pytest.mark.sqlite(reason="its planner says what it does in other words")
    def test_every_query_goes_by_an_index_and_sorts_nothing(self, reader: Reader, app: Flask) -> None:
        (first,) = fill(1)
        fill(25, first)
        app.extensions["afterword_cache"] = Cache(0)
        with statements() as sent:
            reader.sees()
            reader.sees(sort="newest")
            more = reader.sees(parent=first)
            reader.sees(parent=first, after=reader.sees()["comments"][0]["more"])
        assert len(more["comments"]) == 25
        for statement in sent:
            with database.read() as connection:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            steps = [str(step[-1]) for step in plan]
            scans = [
                step for step in steps if step.startswith("SCAN") and not step.startswith("SCAN value VIRTUAL TABLE")
            ]
            assert scans == [], (statement, steps)
            assert not [step for step in steps if "TEMP B-TREE" in step], (statement, steps)


@pytest.mark.parametrize("name", ["number", "at", "parent", "since"])
@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**64])
def test_however_large_a_number_is_it_is_not_found_or_refused(reader: Reader, name: str, number: int) -> None:
    reader.posts()
    answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE, name: number})
    assert answer.status_code in ({200, 422} if name == "since" else {404, 422})
    assert answer.status_code == 422 or number < 2**53
