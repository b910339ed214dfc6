"""The plain page holds nothing that runs, leads nowhere else, and says what is wrong to people."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from service import database, threads
from tests.api.plain import Plain, Sheet, said
from tests.conftest import ORIGIN, PAGE, Operator, Reader

VECTORS = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></textarea></a><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "]]> & &lt;b&gt; &quot; \\u003c \\",
]


@pytest.fixture
def plain(client: FlaskClient) -> Plain:
    """A reader without JavaScript."""
    return Plain(client)


def posted(reader: Reader, body: str = "Hello.", **fields: Any) -> int:
    """Post a comment by the API and return its id."""
    return int(reader.posts(body, **fields).json["comment"]["id"])


@pytest.mark.parametrize("vector", VECTORS)
def test_whatever_is_typed_stays_text_wherever_it_stands(
    plain: Plain, reader: Reader, operator: Operator, vector: str
) -> None:
    author = {"name": vector, "website": "https://example.org/?" + re.sub(r"[\s\\]", "", vector)}
    named = vector.replace("{", "(")  # a template that was not filled in is no id
    first = posted(reader, f"```\n{vector}\n```", title=vector, author=author)
    posted(reader, "A reply.", parent=first)
    sheets = [plain.opens(), plain.opens(reply=first), plain.opens(id=named)]
    refused = {"name": vector * 9, "email": vector, "website": vector, "body": vector}
    again = Sheet(plain.sends(sheets[2], **refused))
    assert again.answer.status_code == 422
    filled = again.fields()
    assert {name: filled[name] for name in refused} == refused
    operator.closes(reason=vector)
    sheets += [again, plain.opens()]
    for sheet in sheets:
        assert sheet.faults() == []
        assert "49" not in sheet.one("title").text
    assert sheets[-1].one("link", rel="canonical").get("href") == PAGE
    shown = re.sub(r"\s+", " ", vector)
    assert said(sheets[-1].one("h1")) == f"Comments on {shown}"
    assert shown in said(sheets[-1].one("section", class_="closed"))
    data = sheets[-1].data()
    assert (data["headline"], data["comment"][0]["author"]["name"]) == (shown, shown)
    assert data["comment"][0]["text"] == vector
    assert not re.search(r"[<>&']|\u2028", re.findall('ld.json">(.*?)</script>', sheets[-1].answer.text)[0])


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a@b.example/"]
)
def test_a_stored_website_that_no_schema_let_in_is_no_link(plain: Plain, reader: Reader, website: str) -> None:
    posted(reader)
    with database.write() as connection:
        connection.execute(text("UPDATE comments SET website = :website"), {"website": website})
    sheet = plain.opens()
    assert sheet.faults() == []
    assert sheet.links("Ann") == []
    assert "url" not in sheet.data()["comment"][0]["author"]


def test_search_engines_are_told_of_comments_in_plain_text(plain: Plain, reader: Reader) -> None:
    first = posted(reader, "See https://example.org/x?a=1&b=2 **now**:\n\n> *quoted*\n\n- one\n- `two`", title="Clock")
    posted(reader, "A reply.", parent=first)
    (thread,) = [plain.opens().data()]
    assert (thread["@type"], thread["url"], thread["commentCount"]) == ("DiscussionForumPosting", PAGE, 2)
    (comment,) = thread["comment"]
    assert comment["text"] == "See https://example.org/x?a=1&b=2 now:\n\n> quoted\n\n- one\n- two"
    assert comment["url"] == f"{PAGE}#comment-{first}"
    assert comment["datePublished"] == reader.sees()["comments"][0]["created"]
    assert [reply["text"] for reply in comment["comment"]] == ["A reply."]


# --- which page


@pytest.mark.parametrize(
    ("referrer", "leads_to"),
    [
        (PAGE, PAGE),
        (f"{PAGE}?utm_source=x#top", PAGE),
        (f"{ORIGIN}/a%20b?x=1&y=2", f"{ORIGIN}/a%20b?x=1&y=2"),
        (f"{ORIGIN}/", None),  # all that browsers tell by default, whatever the page
        (ORIGIN, None),
        ("https://evil.example/clock", None),
        ("https://blog.example.org.evil.example/clock", None),
        ("https://blog.example.org@evil.example/clock", None),
        ("https://evil.example\\@blog.example.org/clock", None),
        ("http://blog.example.org/clock", None),
        ("https://blog.example.org:8443/clock", None),
        ("//evil.example/", None),
        ("javascript:alert(1)", None),
        (f"{PAGE}\x00", None),
        ("null", None),
        ("", None),
    ],
)
def test_without_a_page_it_leads_to_the_thread_of_where_the_reader_comes_from(
    plain: Plain, app: Flask, referrer: str, leads_to: str | None
) -> None:
    answer = plain.client.get("/thread", headers={"Referer": referrer})
    assert answer.headers["Vary"] == "Referer"
    assert answer.headers["Cache-Control"] == "no-store"
    if leads_to is None:
        assert answer.status_code == 422
        assert "Location" not in answer.headers
        # offered, where it may be meant
        front = [f"/thread?page={ORIGIN}/"] if referrer in (ORIGIN, f"{ORIGIN}/") else []
        assert Sheet(answer).links("these are its comments") == front
    else:
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/thread?page=https://blog.example.org/")
        assert plain.follows(answer.headers["Location"]).fields()["page"] == leads_to


# --- faults


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?page=https://evil.example/", 404),
        ("?page=null", 422),
        ("?page=x", 422),
        (f"?page={PAGE}&sort=worst", 422),
        (f"?page={PAGE}&after=x", 422),
        (f"?page={PAGE}&at=x", 422),
        (f"?page={PAGE}&reply=9007199254740993", 422),
        (f"?page={PAGE}%00", 422),
    ],
)
def test_a_fault_is_a_page_for_people(stranger: Reader, path: str, status: int) -> None:
    sheet = Plain(stranger.client).follows(f"/thread{path}", status)
    assert sheet.faults() == []
    assert len(said(sheet.one("main"))) > 20
    assert sheet.answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_in_a_page(stranger: Reader, method: str) -> None:
    answer = stranger.client.open("/thread", method=method)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert Sheet(answer).faults() == []


def test_a_mistake_of_ours_tells_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> Callable[..., None]:
        raise RuntimeError("the secret path")

    monkeypatch.setattr(threads, "read", fail)
    sheet = Plain(app.test_client()).opens(status=500)
    assert "secret" not in sheet.answer.text
    assert "the secret path" in caplog.text
