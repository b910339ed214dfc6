"""Closing: the thread stays readable, nothing can be added, and some pages open again by the clock alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from tests.conftest import ORIGIN, PAGE, Operator, Reader, stored

HOUR, DAY = 3_600, 86_400


def lifetime(cache_control: str) -> int:
    """Return for how many seconds at most any cache may serve an answer, by what it allows, while we can be asked."""
    allowed = {name: int(value) for name, value in re.findall(r"([a-z-]+)=(\d+)", cache_control)}
    fresh = max(allowed.get("max-age", 0), allowed.get("s-maxage", 0))
    return fresh + allowed.get("stale-while-revalidate", 0)


def test_an_open_page_says_so(reader: Reader) -> None:
    page = reader.sees()["page"]
    assert (page["closed"], page["reason"], page["reopens"]) == (False, None, None)


def test_a_closed_page_keeps_its_thread(reader: Reader, operator: Operator) -> None:
    reader.posts("First.")
    before = reader.sees()
    operator.closes(reason="The clock stands still now.")
    after = reader.sees()
    assert after["comments"] == before["comments"]
    assert after["page"] == before["page"] | {
        "closed": True,
        "reason": "The clock stands still now.",
        "version": before["page"]["version"] + 1,
    }


def test_a_closed_page_takes_no_comment_and_says_why(reader: Reader, operator: Operator) -> None:
    first = reader.posts("First.").json["comment"]["id"]
    operator.closes(reason="The clock stands still now.")
    for fields in ({}, {"parent": first}):
        answer = reader.posts("Second.", **fields)
        assert answer.status_code == 403
        assert answer.json["type"] == "/problems/page-closed"
        assert (answer.json["reason"], answer.json["reopens"]) == ("The clock stands still now.", None)
        assert "The clock stands still now." in answer.json["detail"]
    assert len(stored("comments")) == 1


def test_a_page_can_be_closed_without_a_reason(reader: Reader, operator: Operator) -> None:
    operator.closes(reason="  ")
    assert reader.sees()["page"]["reason"] is None
    answer = reader.posts()
    assert (answer.json["reason"], answer.json["detail"]) == (None, "Comments are closed.")


def test_a_page_without_comments_can_be_closed(reader: Reader, operator: Operator) -> None:
    operator.closes()
    assert reader.sees()["page"]["closed"]
    assert reader.posts().status_code == 403
    assert len(stored("pages")) == 1


def test_closing_a_page_closes_no_other(reader: Reader, operator: Operator) -> None:
    operator.closes()
    assert reader.posts(page=f"{ORIGIN}/other").status_code == 201
    assert not reader.sees(f"{ORIGIN}/other")["page"]["closed"]


@pytest.mark.parametrize(
    "spelling", [f"{PAGE}/", f"{PAGE}?utm_source=x", f"{PAGE}#comments", "HTTPS://BLOG.example.org/clock"]
)
def test_a_page_is_closed_in_all_its_spellings(reader: Reader, operator: Operator, spelling: str) -> None:
    reader.posts()
    operator.closes(spelling)
    assert reader.posts("Second.").status_code == 403
    assert len(stored("pages")) == 1


def test_a_page_named_by_its_owners_id_is_closed_by_it(reader: Reader, operator: Operator) -> None:
    reader.posts(id="article-7")
    operator.closes(id="article-7", reason="Enough.")
    assert reader.posts("Second.", id="article-7").status_code == 403
    assert reader.sees(f"{ORIGIN}/elsewhere", id="article-7")["page"]["reason"] == "Enough."
    assert reader.posts("The address is another page.").status_code == 201
    operator.runs("page", "open", PAGE, "--id", "article-7")
    assert reader.posts("Third.", id="article-7").status_code == 201


def test_a_page_can_be_opened_again(reader: Reader, operator: Operator) -> None:
    operator.closes(reason="A pause.")
    operator.opens()
    page = reader.sees()["page"]
    assert (page["closed"], page["reason"]) == (False, None)
    assert reader.posts().status_code == 201


def test_a_closed_page_can_be_moderated(reader: Reader, operator: Operator) -> None:
    held = reader.posts(" ".join(f"https://example.org/{place}" for place in range(6))).json["comment"]["id"]
    operator.closes()
    operator.approves(held)
    assert reader.sees()["page"]["count"] == 1
    operator.deletes(held)
    assert reader.sees()["page"]["count"] == 0


def test_a_reason_is_one_line_of_text(reader: Reader, operator: Operator) -> None:
    operator.closes(reason=" <b>Done.</b>\n Thanks\u202e. ")
    assert reader.sees()["page"]["reason"] == "<b>Done.</b> Thanks."


class TestUntil:
    """A page may open again by the clock alone: nothing is written then."""

    @pytest.fixture(autouse=True)
    def _closed(self, clock: TimeMachineFixture, reader: Reader, operator: Operator) -> None:
        reader.posts("First.")
        operator.closes(until="2026-05-15T18:20+00:00", reason="A day of rest.")

    def test_it_is_told_when(self, reader: Reader) -> None:
        assert reader.sees()["page"]["reopens"] == "2026-05-15T18:20:00Z"
        assert reader.posts("Second.").json["reopens"] == "2026-05-15T18:20:00Z"

    def test_it_holds_to_the_second(self, reader: Reader, clock: TimeMachineFixture) -> None:
        clock.shift(DAY - 1)
        assert reader.posts("Second.").status_code == 403
        clock.shift(1)
        assert reader.posts("Second.").status_code == 201

    def test_a_read_after_it_sees_an_open_page_of_the_same_version(
        self, reader: Reader, clock: TimeMachineFixture
    ) -> None:
        before = reader.sees()["page"]
        clock.shift(DAY)
        assert reader.sees()["page"] == before | {"closed": False, "reason": None, "reopens": None}

    def test_what_was_cached_is_not_served_after_it(self, reader: Reader, clock: TimeMachineFixture) -> None:
        def ask(etag: str = "") -> tuple[int, str]:
            given = {"If-None-Match": etag} if etag else {}
            answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE}, headers=given)
            return answer.status_code, answer.headers["ETag"]

        closed = ask()[1]
        clock.shift(DAY - 1)
        assert ask(closed) == (304, closed)
        clock.shift(1)
        status, opened = ask(closed)
        assert status == 200
        assert opened != closed

    @pytest.mark.parametrize("left", [DAY, DAY - 60, HOUR, 120, 45, 33, 32, 31, 10, 2, 1])
    def test_no_cache_may_serve_an_answer_beyond_it(self, reader: Reader, clock: TimeMachineFixture, left: int) -> None:
        clock.shift(DAY - left)
        answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE})
        assert answer.json["page"]["closed"]
        for name in ("Cache-Control", "CDN-Cache-Control"):
            assert lifetime(answer.headers.get(name, "")) <= left, name
        unchanged = reader.client.get(
            "/api/v1/thread", query_string={"page": PAGE}, headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert unchanged.status_code == 304
        assert unchanged.headers["Cache-Control"] == answer.headers["Cache-Control"]

    def test_after_it_caches_may_keep_answers_again(self, reader: Reader, clock: TimeMachineFixture) -> None:
        clock.shift(DAY)
        answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE})
        assert lifetime(answer.headers["Cache-Control"]) == 2

    def test_it_can_be_closed_for_longer_meanwhile(
        self, reader: Reader, operator: Operator, clock: TimeMachineFixture
    ) -> None:
        operator.closes(until="2026-05-20T00:00Z")
        clock.shift(DAY)
        page = reader.sees()["page"]
        assert (page["closed"], page["reason"], page["reopens"]) == (True, None, "2026-05-20T00:00:00Z")


def test_a_page_stays_closed_over_a_restart(reader: Reader, operator: Operator, make_app: Callable[..., Flask]) -> None:
    operator.closes(reason="Enough.")
    again = Reader(make_app().test_client())
    assert again.posts().status_code == 403
    assert again.sees()["page"]["reason"] == "Enough."
