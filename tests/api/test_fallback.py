"""Reading without JavaScript: the plain page shows what the API answers, and nothing on it runs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service import database
from tests.api.plain import Plain, Sheet, said
from tests.conftest import PAGE, Operator, Reader, fill, statements


@pytest.fixture
def plain(client: FlaskClient) -> Plain:
    """A reader without JavaScript."""
    return Plain(client)


def posted(reader: Reader, body: str = "Hello.", **fields: Any) -> int:
    """Post a comment by the API and return its id."""
    return int(reader.posts(body, **fields).json["comment"]["id"])


# --- what is shown


def test_it_shows_the_thread_that_the_api_gives(plain: Plain, reader: Reader) -> None:
    first = posted(reader, "A **fine** clock.", author={"name": "Ann", "website": "example.org"}, title="The clock")
    second = posted(reader, "Late.")
    reply = posted(reader, "How late?", parent=first)
    deeper = posted(reader, "Two minutes.", parent=reply)
    sheet = plain.opens()
    assert sheet.ids() == [comment["id"] for comment in reader.sees()["comments"]] == [first, reply, deeper, second]
    assert [item.get("value") for item in sheet.one("ol", class_="thread")] == ["1", "2"]
    (replies,) = sheet.one("ol", class_="thread")[0].findall("ol")
    assert said(replies).startswith("Ann") and len(replies.findall("li/ol/li/article")) == 1  # noqa: PT018
    assert said(sheet.one("h2", id="count")) == "4 responses"
    assert said(sheet.one("h1")) == "Comments on The clock"
    assert sheet.links("Ann")[0] == "https://example.org/"
    assert sheet.links("Back to the page") == [PAGE]
    assert sheet.one("link", rel="canonical").get("href") == PAGE
    assert "<p>A <strong>fine</strong> clock.</p>" in sheet.answer.text
    times = [each.get("datetime") for each in sheet.all("time")]
    assert times == [comment["created"] for comment in reader.sees()["comments"]]
    assert {each.get("dir") for each in sheet.all("div", class_="body")} == {"auto"}
    assert sheet.one("html").get("lang") == "en"


def test_a_page_without_comments_is_empty_and_comes_into_being_by_no_read(plain: Plain) -> None:
    sheet = plain.opens()
    assert said(sheet.one("h2", id="count")) == "No responses yet"
    assert sheet.ids() == []
    assert sheet.fields()["page"] == PAGE
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pages").scalar() == 0


def test_what_is_gone_keeps_its_place_and_tells_nothing(plain: Plain, reader: Reader, operator: Operator) -> None:
    first = posted(reader, "Secret words.", author={"name": "Zoe"})
    posted(reader, "A reply.", parent=first)
    operator.deletes(first)
    sheet = plain.opens()
    assert said(sheet.one("p", class_="gone")) == "This comment was deleted."
    assert "Secret" not in sheet.answer.text
    assert "Zoe" not in sheet.answer.text
    assert len(sheet.links("Reply")) == 1
    (comment,) = sheet.data()["comment"]  # the reply moves up
    assert comment["text"] == "A reply."


def test_below_the_sites_depth_it_is_said_who_is_answered(plain: Plain, reader: Reader, operator: Operator) -> None:
    operator.runs("site", "set", "blog", "--depth", 1)
    ids: list[int] = []
    for name in ("Ann", "Ben", "Cleo", "Dan"):
        ids.append(posted(reader, author={"name": name}, **({"parent": ids[-1]} if ids else {})))
    sheet = plain.opens()
    assert len(sheet.one("ol", class_="replies").findall("li")) == 3
    assert sheet.links("in reply to .*") == [f"#comment-{ids[1]}", f"#comment-{ids[2]}"]
    assert [said(each) for each in sheet.all("bdi")][-2:] == ["Ben", "Cleo"]


@pytest.mark.parametrize("options", [{}, {"reason": "Said & done."}, {"until": "2027-01-31T09:05Z", "reason": "x"}])
def test_a_closed_page_says_why_and_until_when_and_has_no_form(
    plain: Plain, reader: Reader, operator: Operator, clock: TimeMachineFixture, options: dict[str, str]
) -> None:
    first = posted(reader)
    operator.closes(**options)
    sheet = plain.opens()
    notice = said(sheet.one("section", class_="closed"))
    assert notice.startswith("Comments are closed.")
    assert options.get("reason", "") in notice
    assert ("Open again on 31 January 2027, 09:05 UTC." in notice) == ("until" in options)
    assert sheet.ids() == [first]
    for shown in (sheet, plain.opens(reply=first)):
        assert shown.all("form") == shown.all("textarea") == []
        assert shown.links("Reply") == []


# --- parts


def walk(plain: Plain, sheet: Sheet, way: str) -> list[Sheet]:
    """Return a part and all that its links lead to in one way."""
    parts = [sheet]
    while links := parts[-1].links(way):
        parts.append(plain.follows(links[0]))
    return parts


@pytest.mark.parametrize("sort", ["oldest", "newest", "best"])
def test_following_the_links_shows_every_comment_once(plain: Plain, app: Flask, sort: str) -> None:
    every = fill(120)
    for root, replies in ((every[3], 21), (every[60], 95), (every[119], 20)):
        every += fill(replies, root)
    every += fill(30, every[60], chained=True)
    forwards = walk(plain, plain.opens(sort=sort), "Next responses")
    assert len(forwards) == 3
    found = [number for part in forwards for number in part.ids()]
    for more in [link for part in forwards for link in part.links("Show .* more repl(y|ies)")]:
        found += [number for part in walk(plain, plain.follows(more), "More replies") for number in part.ids()]
    assert sorted(found) == sorted(every)
    backwards = walk(plain, forwards[-1], "Previous responses")
    assert [part.ids() for part in reversed(backwards)] == [part.ids() for part in forwards]


def test_it_is_said_how_many_replies_are_left_out(plain: Plain, app: Flask) -> None:
    first, second, third = fill(3)
    fill(20, first), fill(21, second), fill(45, third)
    sheet = plain.opens()
    assert [len(sheet.links(label)) for label in ("Show 1 more reply", "Show 25 more replies")] == [1, 1]
    assert len(sheet.links("Show .*")) == 2


def test_a_far_reply_is_shown_with_what_it_answers_and_leads_to_the_rest(plain: Plain, app: Flask) -> None:
    (root,) = fill(1)
    replies = fill(60, root)
    sheet = plain.opens(at=replies[30])
    assert sheet.ids() == [root, *replies[30:51]]
    assert plain.follows(sheet.links("Show more replies")[0]).ids() == replies[51:]
    earlier = plain.follows(sheet.links("Show the earlier replies")[0])
    assert earlier.ids() == replies[:50]
    assert earlier.links("Back to the comment.*") == [f"/thread?page={PAGE}&at={root}#comment-{root}"]


def test_one_order_is_current_and_the_others_are_links(plain: Plain, operator: Operator, app: Flask) -> None:
    first, second = fill(2)
    sheet = plain.opens(sort="newest")
    assert sheet.ids() == [second, first]
    assert [item.get("value") for item in sheet.one("ol", class_="thread")] == ["2", "1"]
    assert said(sheet.one("strong", **{"aria-current": "true"})) == "Newest first"
    assert sheet.links(".* first") == [f"/thread?page={PAGE}", f"/thread?page={PAGE}&sort=best"]
    assert all("sort=newest" in link for link in sheet.links("Reply"))
    operator.runs("site", "set", "blog", "--votes", "off")
    assert sheet.links("Best first") != plain.opens().links("Best first") == []


def test_a_comment_that_is_gone_leaves_the_thread(plain: Plain, app: Flask) -> None:
    (first,) = fill(1)
    for query in ({"at": 4711}, {"reply": 4711}, {"number": 7}, {"parent": 4711}):
        sheet = plain.opens(status=404, **query)
        assert sheet.ids() == [first]
        assert said(sheet.one("p", id="notice")) == "This comment is not here any more."
        assert sheet.answer.headers["Cache-Control"] == "no-store"


def test_an_owners_id_is_carried_along(plain: Plain, reader: Reader) -> None:
    first = posted(reader, id="article 7&x")
    sheet = plain.opens(id="article 7&x")
    assert sheet.fields()["id"] == "article 7&x"
    for label in ("Reply", "Newest first"):
        assert all(plain.follows(link).ids() == [first] for link in sheet.links(label))
    assert plain.opens().ids() == []


def test_what_others_add_to_the_address_makes_no_difference(plain: Plain, app: Flask) -> None:
    (first,) = fill(1)
    assert plain.follows(f"/thread?fbclid=x&page={PAGE}&page=https://evil.example&id=&sort=&x[]=1").ids() == [first]


# --- headers


def test_a_page_with_a_form_is_kept_by_no_shared_cache(plain: Plain, reader: Reader) -> None:
    posted(reader)
    answer = plain.opens().answer
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "CDN-Cache-Control" not in answer.headers
    assert "ETag" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    # or browsers would say "Origin: null" of the form
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_closed_page_is_kept_as_the_apis_answer_is(
    plain: Plain, reader: Reader, operator: Operator, clock: TimeMachineFixture
) -> None:
    posted(reader)
    operator.closes(until="2026-05-14T19:20Z")
    answer = plain.opens().answer
    assert answer.headers["Cache-Control"].startswith("public, max-age=0, s-maxage=2")
    known = {"If-None-Match": answer.headers["ETag"]}
    again = plain.client.get("/thread", query_string={"page": PAGE}, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    clock.shift(3_599)
    assert "s-maxage" not in plain.opens().answer.headers["Cache-Control"]
    clock.shift(1)
    opened = plain.client.get("/thread", query_string={"page": PAGE}, headers=known)
    assert Sheet(opened).fields()["page"] == PAGE


def test_it_is_made_from_the_apis_cache(plain: Plain, reader: Reader) -> None:
    posted(reader)
    reader.sees()
    with statements() as sent:
        plain.opens()
    assert len(sent) == 2
