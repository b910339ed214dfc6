"""Closing by rules, by the clock and for a whole site: closed is closed, at every door; the thread stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service import comments, pages
from service.errors import PageClosed
from service.people.audit import COMMAND_LINE, Actor
from service.transfer import load
from service.transfer.record import CommentRecord, PageRecord
from tests.api.plain import Plain, again
from tests.api.test_closing import lifetime
from tests.conftest import NOW, ORIGIN, PAGE, Operator, Reader, fill, stored

DAY = 86_400
#: the command that closes, and how many seconds after the first comment it does
CLOSINGS: dict[str, tuple[tuple[str, ...], int]] = {
    "hand": (("page", "close", PAGE), 0),
    "freeze": (("site", "freeze", "blog"), 0),
    "after_comments": (("site", "closing", "blog", "--after-comments", "1"), 0),
    "days_after_first": (("site", "closing", "blog", "--days-after-first", "1"), DAY),
    "days_after_last": (("site", "closing", "blog", "--days-after-last", "1"), DAY),
    "hours": (("site", "closing", "blog", "--hours", "07:00-18:21"), 60),
}
closings = pytest.mark.parametrize("closing", CLOSINGS)
DOORS: list[tuple[str, str, Any]] = [
    ("POST", "/comments", {"page": PAGE, "body": "Late.", "author": {"name": "Ann"}}),
    ("POST", "/comments", {"page": PAGE, "body": "Late.", "author": {"name": "Ann"}, "parent": 1}),
    ("PATCH", "/comments/2", {"body": "Changed."}),
    ("PUT", "/comments/2/vote", {"value": 1}),
    ("DELETE", "/comments/2", None),
    ("POST", "/comments/2/restore", None),
]


@closings
@pytest.mark.parametrize(("method", "path", "sent"), DOORS, ids=["new", "reply", "edit", "vote", "delete", "restore"])
def test_closed_is_closed_at_every_door(
    reader: Reader, operator: Operator, clock: TimeMachineFixture, closing: str, method: str, path: str, sent: Any
) -> None:
    operator.runs("site", "set", "blog", "--edit-minutes", "1440")
    fill(1)
    assert reader.posts("Second.").json["comment"]["id"] == 2
    if path.endswith("/restore"):
        reader.client.delete("/api/v1/comments/2", headers=reader.headers())
    command, seconds = CLOSINGS[closing]
    before = reader.sees()
    operator.runs(*command)
    clock.shift(seconds)
    asking = Reader(reader.client, key="B" * 43) if path.endswith("/vote") else reader
    answer = reader.client.open(f"/api/v1{path}", method=method, headers=asking.headers(), json=sent)
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/page-closed")
    after = reader.sees()
    assert after["page"]["closed"]
    assert after["comments"] == before["comments"], "the thread stays"
    assert len(stored("comments")) == 2


@closings
def test_closed_is_closed_for_the_plain_form(
    reader: Reader, client: FlaskClient, operator: Operator, clock: TimeMachineFixture, closing: str
) -> None:
    reader.posts("First.")
    command, seconds = CLOSINGS[closing]
    clock.shift(max(0, seconds - 60))
    sheet = Plain(client).opens()
    operator.runs(*command)
    clock.shift(min(60, seconds))
    again(Plain(client).sends(sheet, body="Late."), 403, "Comments are closed.")
    closed = Plain(client).opens()
    assert closed.all("form") == []
    assert len(stored("comments")) == 1


@closings
def test_an_import_through_the_api_brings_nothing_and_one_at_the_command_line_does(
    reader: Reader, operator: Operator, clock: TimeMachineFixture, closing: str
) -> None:
    reader.posts("First.")
    command, seconds = CLOSINGS[closing]
    operator.runs(*command)
    clock.shift(seconds)
    now = NOW + timedelta(seconds=seconds)
    records = [
        PageRecord("1", PAGE, "The clock", closed=False),
        CommentRecord("7", "1", None, NOW, "Bea", "", "", "Brought.", "published"),
    ]
    site = pages.get_site("blog")
    report = load.merge(site, "other", records, now, Actor("ann", "api"), dry_run=False)
    assert (report.comments, report.skipped) == (0, {"its page is closed here": 1})
    assert reader.sees()["page"]["count"] == 1
    assert load.merge(site, "other", records, now, COMMAND_LINE, dry_run=False).comments == 1
    assert reader.sees()["page"]["count"] == 2


@closings
def test_what_adds_nothing_goes_on(reader: Reader, operator: Operator, clock: TimeMachineFixture, closing: str) -> None:
    reader.posts("First.")
    command, seconds = CLOSINGS[closing]
    operator.runs(*command)
    clock.shift(seconds)
    preview = reader.client.post("/api/v1/preview", json={"body": "*So*"}, headers=reader.headers())
    assert (preview.status_code, preview.json["html"]) == (200, "<p><em>So</em></p>")
    report = reader.client.post("/api/v1/comments/1/report", json={}, headers=reader.headers())
    assert report.status_code in (200, 204)
    operator.deletes(1)
    assert reader.sees()["page"]["count"] == 0


@pytest.mark.parametrize("command", [CLOSINGS["freeze"][0], ("site", "closing", "blog", "--hours", "07:00-18:00")])
def test_a_page_without_comments_is_subject_to_its_site(
    reader: Reader, operator: Operator, clock: TimeMachineFixture, command: tuple[str, ...]
) -> None:
    operator.runs(*command, "--reason", "Not now.")
    page = reader.sees()["page"]
    assert (page["closed"], page["reason"], page["version"]) == (True, "Not now.", 0)
    answer = reader.posts()
    assert (answer.status_code, answer.json["reason"]) == (403, "Not now.")
    assert (stored("pages"), stored("comments")) == ([], [])


def test_a_freeze_ends_by_itself_or_by_hand_and_leaves_all_as_it_was(
    reader: Reader, operator: Operator, clock: TimeMachineFixture
) -> None:
    operator.closes(f"{ORIGIN}/closed", reason="Enough.")
    operator.runs("site", "freeze", "blog", "--until", "2026-05-14T19:00Z", "--reason", "We are moving.")
    for page in (PAGE, f"{ORIGIN}/closed"):
        assert reader.sees(page)["page"]["reason"] == "We are moving."
    assert reader.sees()["page"]["reopens"] == "2026-05-14T19:00:00Z"
    assert reader.sees(f"{ORIGIN}/closed")["page"]["reopens"] is None, "it does not open then"
    clock.shift(40 * 60)
    assert reader.posts().status_code == 201
    assert reader.sees(f"{ORIGIN}/closed")["page"]["reason"] == "Enough."
    operator.runs("site", "freeze", "blog")
    assert reader.posts("Second.").status_code == 403
    operator.runs("site", "thaw", "blog")
    assert reader.posts("Second.").status_code == 201


def test_other_sites_go_on(reader: Reader, operator: Operator, client: FlaskClient) -> None:
    operator.runs("site", "add", "other", "https://other.example")
    operator.runs("site", "freeze", "blog")
    there = Reader(client, origin="https://other.example")
    assert there.posts(page="https://other.example/x").status_code == 201


def test_what_is_done_by_hand_overrides_the_rules_until_it_is_handed_back(
    reader: Reader, operator: Operator, clock: TimeMachineFixture
) -> None:
    reader.posts("First.")
    operator.runs("site", "closing", "blog", "--after-comments", "1")
    assert reader.sees()["page"]["reason"] == "Comments close when there is one."
    operator.opens()
    assert reader.posts("Second.").status_code == 201
    operator.closes(until="2026-05-14T18:30Z", reason="A pause.")
    assert reader.sees()["page"]["reason"] == "A pause."
    clock.shift(600)
    assert reader.sees()["page"]["reason"] == "Comments close when there is one.", "handed back by the clock"
    operator.opens()
    assert not reader.sees()["page"]["closed"]
    operator.runs("page", "auto", PAGE)
    assert reader.sees()["page"]["closed"]


def test_the_limit_of_comments_is_looked_at_in_the_gate(app: Flask) -> None:
    fill(1)
    pages.set_closing("blog", {"after_comments": 2}, COMMAND_LINE, NOW)
    early = pages.locate_at_once(PAGE)
    fill(1)
    with pytest.raises(PageClosed), comments.write(early, NOW):
        pass


def test_a_freeze_holds_for_whoever_looked_before_it(app: Flask) -> None:
    early = pages.locate_at_once(PAGE)
    pages.freeze("blog", "We are moving.", None, NOW, COMMAND_LINE)
    with pytest.raises(PageClosed, match="We are moving"), comments.write(early, NOW):
        pass
    assert stored("pages") == []


class TestCaching:
    """No answer is kept, here or by others, beyond the moment at which the clock alone changes it."""

    @pytest.mark.parametrize("closing", ["days_after_first", "days_after_last", "hours"])
    @pytest.mark.parametrize("path", ["/api/v1/thread", "/thread"])
    def test_no_cache_may_serve_an_open_page_after_it_closed(
        self, reader: Reader, operator: Operator, clock: TimeMachineFixture, closing: str, path: str
    ) -> None:
        reader.posts("First.")
        command, seconds = CLOSINGS[closing]
        operator.runs(*command)
        for left in (3, 2, 1):
            clock.move_to(NOW + timedelta(seconds=seconds - left), tick=False)
            answer = reader.client.get(path, query_string={"page": PAGE})
            for name in ("Cache-Control", "CDN-Cache-Control"):
                assert lifetime(answer.headers.get(name, "")) <= left, name
            assert not reader.sees()["page"]["closed"]
        etag = reader.client.get("/api/v1/thread", query_string={"page": PAGE}).headers["ETag"]
        clock.shift(1)
        answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE}, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.json["page"]["closed"]) == (200, True)

    @pytest.mark.parametrize("page", [PAGE, f"{ORIGIN}/without"])
    @pytest.mark.parametrize(
        "command",
        [
            ("site", "freeze", "blog", "--until", "2026-05-14T19:00Z"),
            ("site", "closing", "blog", "--hours", "19:00-20:00"),
        ],
    )
    def test_no_cache_may_serve_a_closed_page_after_it_opened(
        self, reader: Reader, operator: Operator, clock: TimeMachineFixture, page: str, command: tuple[str, ...]
    ) -> None:
        reader.posts("First.")
        operator.runs(*command)
        for left in (60, 2, 1):
            clock.move_to(NOW + timedelta(minutes=40, seconds=-left), tick=False)
            answer = reader.client.get("/api/v1/thread", query_string={"page": page})
            assert answer.json["page"]["closed"]
            assert answer.json["page"]["reopens"] == "2026-05-14T19:00:00Z"
            for name in ("Cache-Control", "CDN-Cache-Control"):
                assert lifetime(answer.headers.get(name, "")) <= left, name
        clock.shift(1)
        assert not reader.sees(page)["page"]["closed"]

    def test_rules_hold_at_once_for_what_was_cached(
        self, reader: Reader, operator: Operator, clock: TimeMachineFixture
    ) -> None:
        reader.posts("First.")
        assert not reader.sees()["page"]["closed"]
        operator.runs("site", "closing", "blog", "--hours", "07:00-18:00")
        assert reader.sees()["page"]["closed"]
        operator.runs("site", "closing", "blog", "--off")
        assert not reader.sees()["page"]["closed"]


class TestFirstAndLast:
    """A page knows when the first and the last of those comments were written that show."""

    def told(self) -> list[int | None]:
        """Return how many hours before NOW the first and the last comment were written."""
        page = pages.locate_at_once(PAGE).page
        assert page is not None
        return [
            None if date is None else round((NOW - date) / timedelta(hours=1))
            for date in (page.first_comment, page.last_comment)
        ]

    def brings(self, *hours: int, state: str = "published") -> list[int]:
        """Bring comments of so many hours before NOW."""
        fields = {"page": PAGE, "body": "Hello.", "author": {"name": "Ann", "email": "", "website": ""}}
        with comments.write(pages.locate_at_once(PAGE), NOW, operator=True) as writing:
            return [
                comments.adopt(
                    writing, comments.prepare("old", str(hour), NOW - timedelta(hours=hour), state, fields), None
                )
                for hour in hours
            ]

    def test_they_follow_what_comes_and_goes(
        self, app: Flask, reader: Reader, operator: Operator, clock: TimeMachineFixture
    ) -> None:
        middle, old = self.brings(5, 9)
        assert self.told() == [9, 5]
        (held,) = self.brings(20, state="pending")
        assert self.told() == [9, 5]
        operator.approves(held)
        assert self.told() == [20, 5]
        new = reader.posts().json["comment"]["id"]
        assert self.told() == [20, 0]
        operator.deletes(old)
        assert self.told() == [20, 0]
        operator.deletes(held, new)
        assert self.told() == [5, 5]
        operator.deletes(middle)
        assert self.told() == [None, None]

    def test_a_held_comment_is_none_of_them(self, app: Flask, reader: Reader) -> None:
        reader.posts(" ".join(f"https://example.org/{place}" for place in range(6)))
        assert self.told() == [None, None]
