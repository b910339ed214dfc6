"""Reading a thread: which page an address means, what is told of it, and what is asked wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from service.comments import BODY_CHARACTERS
from tests.conftest import ORIGIN, PAGE, Operator, Reader, stored


def test_an_empty_page_of_a_known_site_is_an_empty_thread(stranger: Reader) -> None:
    assert stranger.sees() == {
        "page": {
            "url": PAGE,
            "title": "",
            "closed": False,
            "reason": None,
            "reopens": None,
            "count": 0,
            "version": 0,
        },
        "site": {
            "name": "blog",
            "names": "required",
            "depth": 5,
            "body": BODY_CHARACTERS,
            "edit_minutes": 15,
            "votes": "both",
            "form": False,
        },
        "comments": [],
        "next": None,
        "previous": None,
    }


def test_a_read_writes_nothing(stranger: Reader) -> None:
    stranger.sees()
    stranger.sees(f"{ORIGIN}/other", id="7")
    assert stored("pages") == []


def test_every_change_that_readers_see_makes_a_version(reader: Reader, operator: Operator) -> None:
    versions = []

    def look() -> None:
        versions.append(reader.sees()["page"]["version"])

    first = reader.posts("One.", title="The clock").json["comment"]["id"]
    look()
    reader.posts("Two.", parent=first)
    look()
    operator.deletes(first)
    look()
    operator.approves(first)
    look()
    operator.closes()
    look()
    operator.opens()
    look()
    assert versions == [1, 2, 3, 4, 5, 6]
    operator.opens()
    operator.approves(first)  # it is published already
    assert reader.sees()["page"]["version"] in (6, 7)


def test_what_readers_do_not_see_makes_no_version(reader: Reader, operator: Operator) -> None:
    reader.posts("One.")
    held = reader.posts(" ".join(f"https://example.org/{place}" for place in range(6))).json["comment"]["id"]
    operator.runs("comment", "spam", held)
    operator.deletes(held)
    assert reader.sees()["page"]["version"] == 1


class TestAddress:
    """One page, one thread, however its address is spelt."""

    @pytest.mark.parametrize(
        "spelling",
        [
            f"{PAGE}/",
            f"{PAGE}#comment-7",
            f"{PAGE}?utm_source=news&utm_medium=mail",
            f"{PAGE}?fbclid=x&gclid=y&mc_cid=z",
            f"{PAGE}/index.html",
            "https://BLOG.Example.ORG:443/clock",
            f"{ORIGIN}/a/../clock",
            f"{ORIGIN}//clock",
            f"{ORIGIN}/%63lock",
        ],
    )
    def test_its_spellings_have_one_thread(self, reader: Reader, spelling: str) -> None:
        reader.posts("One.")
        assert reader.sees(spelling)["page"]["count"] == 1
        reader.posts("Two.", page=spelling)
        assert reader.sees()["page"]["count"] == 2
        assert len(stored("pages")) == 1

    @pytest.mark.parametrize("other", [f"{PAGE}?page=2", f"{ORIGIN}/Clock", f"{ORIGIN}/", f"{PAGE}/2", f"{PAGE}.html"])
    def test_another_address_is_another_page(self, reader: Reader, other: str) -> None:
        reader.posts("One.")
        assert reader.sees(other)["page"]["count"] == 0

    def test_the_stored_address_is_the_first_one_without_tracking(self, reader: Reader) -> None:
        reader.posts("One.", page=f"{PAGE}/?utm_source=news&p=1#x")
        assert reader.sees(f"{PAGE}?p=1")["page"]["url"] == f"{PAGE}/?p=1"

    @pytest.mark.parametrize("policy", ["drop", "keep"])
    def test_www_is_a_page_of_its_own_only_where_the_site_says_so(
        self, reader: Reader, operator: Operator, policy: str
    ) -> None:
        operator.runs("site", "add", "paper", "https://paper.example", "https://www.paper.example")
        operator.runs("site", "set", "paper", "--www", policy)
        there = Reader(reader.client, "https://www.paper.example")
        there.posts("One.", page="https://www.paper.example/x")
        assert there.sees("https://paper.example/x")["page"]["count"] == (1 if policy == "drop" else 0)
        assert there.sees("https://www.paper.example/x")["page"]["count"] == 1
        counts = reader.client.get("/api/v1/counts", query_string={"page": "https://paper.example/x"}).json["counts"]
        assert counts == {"https://paper.example/x": 1 if policy == "drop" else 0}

    def test_an_id_of_the_owners_names_the_page_at_any_address(self, reader: Reader) -> None:
        reader.posts("One.", id="article-7", title="The clock")
        seen = reader.sees(f"{ORIGIN}/moved", id="article-7")
        assert (seen["page"]["count"], seen["page"]["title"]) == (1, "The clock")
        assert reader.sees(f"{ORIGIN}/moved")["page"]["count"] == 0
        assert reader.sees()["page"]["count"] == 0

    def test_two_sites_may_use_the_same_id(self, reader: Reader, operator: Operator) -> None:
        operator.runs("site", "add", "other", "https://other.example")
        reader.posts("One.", id="7")
        assert reader.sees("https://other.example/x", id="7")["page"]["count"] == 0

    def test_an_id_cannot_be_taken_for_an_address(self, reader: Reader) -> None:
        reader.posts("One.")
        assert reader.sees(id="blog.example.org/clock")["page"]["count"] == 0


@pytest.mark.parametrize(
    "page", ["https://elsewhere.example/clock", "http://blog.example.org/clock", "https://blog.example.org:8443/clock",
             "https://example.org/clock", "https://www.blog.example.org/clock", "https://blog.example.org.evil.example/"],
)  # fmt: skip
def test_a_page_of_no_registered_site_is_not_found(stranger: Reader, page: str) -> None:
    answer = stranger.client.get("/api/v1/thread", query_string={"page": page})
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/unknown-site")
    posted = stranger.posts(page=page)
    assert (posted.status_code, posted.json["type"]) == (404, "/problems/unknown-site")
    assert stored("pages") == []


NO_PAGES = [
    "null", "undefined", "[object Object]", "NaN", "about:blank", "file:///home/ann/clock.html", "/clock", "clock", " ",
    "//blog.example.org/clock", "blog.example.org/clock", "javascript:1", "data:text/html,x", "ftp://blog.example.org/",
    "https://", "https:///clock", "https://ann@blog.example.org/", "https://blog.example.org:99999/",
    "https://blog.example.org/\u0000", "chrome-extension://abc/page.html", f"https://blog.example.org/{'k' * 600}",
]  # fmt: skip


@pytest.mark.parametrize("page", NO_PAGES)
def test_what_is_no_address_of_a_page_is_refused(stranger: Reader, page: str) -> None:
    answer = stranger.client.get("/api/v1/thread", query_string={"page": page})
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/not-a-page")
    assert list(answer.json["errors"]) == ["page"]
    assert stranger.posts(page=page).status_code in (400, 422)
    assert stored("pages") == []


@pytest.mark.parametrize("page_id", ["null", "undefined", "{{ page.id }}", "${id}", "[object Object]", " ", "a\u0007"])
def test_what_is_no_id_of_a_page_is_refused(stranger: Reader, page_id: str) -> None:
    answer = stranger.client.get("/api/v1/thread", query_string={"page": PAGE, "id": page_id})
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/not-a-page")
    assert stranger.posts(id=page_id).status_code == 422


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "page"),
        ({"page": ""}, "page"),
        ({"page": [PAGE, f"{ORIGIN}/other"]}, "page"),  # A1: given twice
        ({"page": "x" * 2_049}, "page"),
        ({"id": ""}, "id"),
        ({"id": "x" * 501}, "id"),
        ({"id": ["1", "2"]}, "id"),
        ({"sort": "worst"}, "sort"),
        ({"sort": "created; DROP TABLE comments"}, "sort"),  # A15
        ({"sort": ""}, "sort"),
        ({"sort": "OLDEST"}, "sort"),
        ({"parent": "0"}, "parent"),
        ({"parent": "-1"}, "parent"),
        ({"parent": "x"}, "parent"),
        ({"parent": ""}, "parent"),
        ({"parent": "1.5"}, "parent"),
        ({"parent": "9" * 30}, "parent"),
        ({"parent": "9" * 5_000}, "parent"),
        ({"parent": str(2**53)}, "parent"),
        ({"limit": "1000"}, "limit"),
        ({"callback": "alert"}, "callback"),
        ({"Page": PAGE}, "Page"),
    ],
)
def test_a_query_that_is_not_understood_is_refused(stranger: Reader, query: dict[str, Any], field: str) -> None:
    sent = query if "page" in query or not query else {"page": PAGE} | query
    answer = stranger.client.get("/api/v1/thread", query_string=sent)
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid")
    assert field in answer.json["errors"]


@pytest.mark.parametrize(
    "raw", ["page=%ff%fe", "page=%ed%a0%80", "page=%00", "page=%", "page", "&&&", "page=%0d%0aX:1"]
)
def test_no_query_string_makes_a_fault(stranger: Reader, raw: str) -> None:
    assert stranger.client.get(f"/api/v1/thread?{raw}").status_code == 422


@pytest.mark.parametrize("parent", [7, 2**53 - 1])
def test_the_replies_of_nothing_are_not_found(reader: Reader, parent: int) -> None:
    reader.posts()
    answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE, "parent": parent})
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")


def test_the_replies_of_a_comment_elsewhere_are_not_found(reader: Reader) -> None:
    first = reader.posts().json["comment"]["id"]
    reader.posts("Other.", page=f"{ORIGIN}/other")
    for page in (f"{ORIGIN}/other", f"{ORIGIN}/without"):
        answer = reader.client.get("/api/v1/thread", query_string={"page": page, "parent": first})
        assert answer.status_code == 404


def test_the_replies_of_a_comment_that_does_not_show_are_not_found(reader: Reader, operator: Operator) -> None:
    # A13: a comment that is pending or deleted is answered like one that never was
    held = reader.posts(" ".join(f"https://example.org/{place}" for place in range(6))).json["comment"]["id"]
    gone = reader.posts("Soon deleted.").json["comment"]["id"]
    operator.deletes(gone)
    for parent in (held, gone):
        answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE, "parent": parent})
        assert answer.status_code == 404
