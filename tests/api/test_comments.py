"""Posting: what is accepted, what is refused and how it is said."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from service import pages
from service.comments import DraftSchema
from service.comments.draft import AuthorSchema
from service.models import Comment, Page
from service.people.audit import COMMAND_LINE
from service.web import origins
from tests.conftest import NOW, PAGE, Operator, Reader, stored

SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


def test_a_comment_is_answered_as_it_is_then_read(reader: Reader) -> None:
    answer = reader.posts("Hello *you*.")
    assert answer.status_code == 201
    assert reader.sees()["comments"] == [answer.json["comment"]]


def test_the_answer_has_the_shape_of_the_contract(reader: Reader, clock: TimeMachineFixture) -> None:
    author = {"name": "Ann", "email": "ann@example.org", "website": "https://ann.example/"}
    answer = reader.posts("Hello *you*.", author=author)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) == {"comment", "reader_key"}
    assert answer.json["comment"] == {
        "id": 1,
        "parent": None,
        "depth": 0,
        "number": 1,
        "author": {"name": "Ann", "website": "https://ann.example/", "operator": False},
        "html": "<p>Hello <em>you</em>.</p>",
        "created": "2026-05-14T18:20:00Z",
        "edited": None,
        "state": "published",
        "score": 0,
        "replies": 0,
    }


def test_all_that_was_sent_is_stored(reader: Reader, clock: TimeMachineFixture) -> None:
    reader.posts("Hello *you*.", title="The clock", author={"name": "Ann", "email": "ann@example.org"})
    (row,) = stored("comments")
    assert row["body"] == "Hello *you*."
    assert row["html"] == "<p>Hello <em>you</em>.</p>"
    assert (row["name"], row["email"], row["website"]) == ("Ann", "ann@example.org", "")
    assert row["created"].startswith(f"{NOW:%Y-%m-%d %H:%M:%S}")
    (page,) = stored("pages")
    assert (page["title"], page["url"], page["key"]) == ("The clock", PAGE, "blog.example.org/clock")


def test_an_email_address_is_never_told(reader: Reader) -> None:
    answer = reader.posts(author={"name": "Ann", "email": "ann@example.org"})
    assert "ann@example.org" not in answer.text
    assert "ann@example.org" not in str(reader.sees())


def test_the_reader_key_is_told_once_and_stored_as_a_hash(reader: Reader) -> None:
    key = reader.posts("One.").json["reader_key"]
    assert "reader_key" not in reader.posts("Two.").json
    (row,) = stored("readers")
    assert row["key_hash"] == hashlib.sha256(key.encode()).hexdigest()
    assert {comment["reader_id"] for comment in stored("comments")} == {row["id"]}


def test_readers_without_a_key_are_told_apart(reader: Reader) -> None:
    first = reader.posts("One.").json["reader_key"]
    reader.key = None
    assert reader.posts("Two.").json["reader_key"] != first


@pytest.mark.parametrize("given", ["Basic YTpi", "Bearer", "Bearer short", f"Bearer {'x' * 42}!", f"{'x' * 43}", ""])
def test_an_authorization_that_is_no_reader_key_is_refused(stranger: Reader, given: str) -> None:
    answer = stranger.posts(headers={"Authorization": given})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["Authorization"]
    assert stored("comments") == []


class TestHeld:
    """A comment that policy holds waits for an operator."""

    def test_it_is_answered_202_without_a_number(self, reader: Reader) -> None:
        answer = reader.posts(SIX_LINKS)
        assert answer.status_code == 202
        assert answer.json["comment"]["state"] == "pending"
        assert answer.json["comment"]["number"] is None
        assert "https://example.org/5" in answer.json["comment"]["html"]  # its author sees it

    def test_it_shows_to_nobody_else_and_counts_nowhere(self, reader: Reader) -> None:
        reader.posts("First.")
        reader.posts(SIX_LINKS)
        seen = reader.sees()
        assert [comment["number"] for comment in seen["comments"]] == [1]
        assert seen["page"]["count"] == 1

    def test_five_links_are_not_too_many(self, reader: Reader) -> None:
        assert reader.posts(SIX_LINKS.rsplit(" ", 1)[0]).status_code == 201

    def test_it_gets_the_next_number_when_it_is_approved(self, reader: Reader, operator: Operator) -> None:
        held = reader.posts(SIX_LINKS).json["comment"]["id"]
        reader.posts("Posted later, published earlier.")
        operator.approves(held)
        seen = reader.sees()
        assert {comment["id"]: comment["number"] for comment in seen["comments"]} == {held + 1: 1, held: 2}
        assert seen["page"]["count"] == 2

    def test_a_new_page_with_nothing_but_a_held_comment_looks_empty(self, reader: Reader) -> None:
        reader.posts(SIX_LINKS)
        seen = reader.sees()
        assert (seen["comments"], seen["page"]["count"], seen["page"]["version"]) == ([], 0, 0)


class TestAuthor:
    """Who writes says what they like, within bounds."""

    @pytest.mark.parametrize(
        "author", [{}, {"name": ""}, {"name": " \t "}, {"name": "\u200b\u2060"}, {"name": "\u3164"}]
    )
    def test_a_name_is_required(self, stranger: Reader, author: dict[str, str]) -> None:
        answer = stranger.posts(author=author)
        assert answer.status_code == 422
        assert answer.json["errors"] == {"author": {"name": ["Please give a name."]}}
        assert stored("pages") == []

    @pytest.mark.parametrize("author", [{}, {"name": ""}, {"name": "\u3164\u3164"}, {"name": "\u200b \u2800"}])
    def test_a_site_may_do_without_names(self, reader: Reader, operator: Operator, author: dict[str, str]) -> None:
        operator.runs("site", "set", "blog", "--names", "optional")
        answer = reader.posts(author=author)
        assert answer.status_code == 201
        assert answer.json["comment"]["author"] == {"name": "", "website": None, "operator": False}

    def test_a_name_is_one_line_and_tidy(self, reader: Reader) -> None:
        answer = reader.posts(author={"name": "  Ann\n\t of\u202e the \u200btower "})
        assert answer.json["comment"]["author"]["name"] == "Ann of the tower"

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("https://Ann.Example", "https://ann.example/"),
            ("ann.example", "https://ann.example/"),
            ("ann.example/about:me", "https://ann.example/about:me"),
            ("ann.example:8080/x", "https://ann.example:8080/x"),
            ("http://ann.example/x", "http://ann.example/x"),
            ("", None),
            ("  ", None),
        ],
    )
    def test_a_website_is_normalised(self, reader: Reader, given: str, shown: str | None) -> None:
        answer = reader.posts(author={"name": "Ann", "website": given})
        assert answer.json["comment"]["author"]["website"] == shown

    @pytest.mark.parametrize(
        "given",
        ["javascript:alert(1)", "javascript:123", "ftp://ann.example", "mailto:ann@example.org", "https://a:b@c.example",
         "https:\\\\ann.example", "/about", "data:text/html,x", "https://", "no address at all"],
    )  # fmt: skip
    def test_what_is_no_website_is_refused(self, stranger: Reader, given: str) -> None:
        answer = stranger.posts(author={"name": "Ann", "website": given})
        assert answer.status_code == 422
        assert list(answer.json["errors"]["author"]) == ["website"]

    @pytest.mark.parametrize(
        "given",
        ["ann", "ann@", "@example.org", "ann@example", "a b@example.org", "ann@exa mple.org",
         "ann@example.org, bob@example.org", "ann@example.org\r\nBcc: bob@example.org"],
    )  # fmt: skip
    def test_what_is_no_email_address_is_refused(self, stranger: Reader, given: str) -> None:
        answer = stranger.posts(author={"name": "Ann", "email": given})
        assert answer.status_code == 422
        assert list(answer.json["errors"]["author"]) == ["email"]

    def test_all_faults_are_told_at_once(self, stranger: Reader) -> None:
        answer = stranger.posts("", title="x" * 301, author={"name": "x" * 65, "email": "ann", "website": "/"})
        errors = answer.json["errors"]
        assert (set(errors), set(errors["author"])) == ({"body", "title", "author"}, {"name", "email", "website"})


COLUMNS = sorted({column.key for table in (Comment, Page) for column in table.__table__.columns})
SMUGGLED = sorted({*COLUMNS, "is_admin", "ip", "site"})


@pytest.mark.parametrize("name", [name for name in SMUGGLED if name not in DraftSchema().fields])
def test_a_column_of_the_stored_row_cannot_be_smuggled_in(stranger: Reader, name: str) -> None:
    # A4: mass assignment
    answer = stranger.posts(**{name: 1})
    assert answer.status_code == 422
    assert answer.json["errors"] == {name: ["Unknown field."]}
    assert stored("comments") == stored("pages") == []


@pytest.mark.parametrize("name", [name for name in SMUGGLED if name not in AuthorSchema().fields])
def test_nor_can_it_as_a_field_of_the_author(stranger: Reader, name: str) -> None:
    answer = stranger.posts(author={"name": "Ann", name: 1})
    assert answer.status_code == 422
    assert answer.json["errors"] == {"author": {name: ["Unknown field."]}}
    assert stored("comments") == stored("pages") == []


@pytest.mark.parametrize("missing", ["page", "body"])
def test_what_is_needed_is_asked_for(stranger: Reader, missing: str) -> None:
    sent: dict[str, Any] = {"page": PAGE, "body": "Hello.", "author": {"name": "Ann"}}
    del sent[missing]
    answer = stranger.client.post("/api/v1/comments", json=sent, headers=stranger.headers())
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [missing]


@pytest.mark.parametrize("body", ["", "   \n\n\t ", "\u200b", "\u00ad", "\u3164", "> "])
def test_a_comment_in_which_nothing_is_to_be_seen_is_refused(stranger: Reader, body: str) -> None:
    answer = stranger.posts(body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["body"]
    assert stored("comments") == []


def test_the_first_title_of_a_page_stays(reader: Reader) -> None:
    reader.posts("One.", title="The clock")
    reader.posts("Two.", title="Buy watches")
    assert reader.sees()["page"]["title"] == "The clock"


@pytest.mark.parametrize("existed", [True, False])
def test_a_site_that_is_removed_meanwhile_is_not_found(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, existed: bool
) -> None:
    if existed:
        reader.posts("First.")
    monkeypatch.setattr(origins, "require", lambda *_: pages.remove("blog", NOW, COMMAND_LINE))
    answer = reader.posts("Second.")
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")
    assert stored("comments") == stored("pages") == []


def test_a_page_that_was_made_without_a_title_gets_the_first_that_is_told(reader: Reader, operator: Operator) -> None:
    operator.closes()
    operator.opens()
    reader.posts("No title.")
    before = reader.sees()["page"]
    assert before["title"] == ""
    held = " ".join(f"https://example.org/{place}" for place in range(6))
    assert reader.posts(held, title="Watches").status_code == 202
    assert reader.sees()["page"] == before
    assert reader.posts("A title.", title="The clock").status_code == 201
    page = reader.sees()["page"]
    assert (page["title"], page["count"]) == ("The clock", 2)
    assert page["version"] > before["version"]
    reader.posts("Another title.", title="Another")
    assert reader.sees()["page"]["title"] == "The clock"
