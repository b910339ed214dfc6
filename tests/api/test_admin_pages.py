"""Pages at the operators' desk: found, closed, opened, handed back, one or many; and only one's own."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from time_machine import TimeMachineFixture

from service import pages
from service.pages import Site
from service.people.audit import COMMAND_LINE
from tests.api.desk import SAME, Desk, refused, text
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, PAGE, Reader, fill, stored

OTHER_PAGE = f"{OTHER_ORIGIN}/tea"


@pytest.fixture
def desk(other: Site, moderator: Desk) -> Desk:
    """The browser of `mia`, a moderator of `blog`; there are a page of `blog` and one of `other`."""
    fill(2)
    fill(1, page=OTHER_PAGE)
    return moderator


def row(url: str) -> dict[str, object]:
    """Return a stored page."""
    return next(page for page in stored("pages") if page["url"] == url)


def test_a_moderator_lists_pages_of_their_sites_alone(desk: Desk) -> None:
    said = text(desk.opens("/admin/pages"))
    assert "blog.example.org/clock" in said
    assert "other.example" not in said
    assert "No page is like this" in text(desk.opens("/admin/pages?text=nothing"))
    assert "No page is like this" in text(desk.opens("/admin/pages?state=closed"))
    refused(desk.opens("/admin/pages?site=other", 404), 404)


def test_long_lists_come_in_parts(desk: Desk) -> None:
    for number in range(60):
        pages.close(f"{ORIGIN}/n{number:02}", None, None, None, NOW, COMMAND_LINE)
    first = desk.opens("/admin/pages?state=closed").text
    assert first.count('type="checkbox"') == 50
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert desk.opens(following).text.count('type="checkbox"') == 10


def test_chosen_pages_are_closed_opened_and_handed_back_together(desk: Desk, reader: Reader) -> None:
    second = f"{ORIGIN}/second"
    fill(1, page=second)
    chosen = [row(PAGE)["id"], row(second)["id"]]
    for act, status, state in (("close", 403, "closed"), ("open", 201, "open"), ("hand-back", 201, "open")):
        sent = {"csrf": desk.token("/admin/pages"), "act": act, "page": chosen, "reason": "Late.", "site": "blog"}
        answer = desk.client.post("/admin/pages", data=sent, headers=SAME)
        assert answer.headers["Location"].startswith("/admin/pages?done="), answer.text
        assert "site=blog" in answer.headers["Location"]
        assert reader.posts(act).status_code == status
        assert desk.opens(f"/admin/pages?state={state}").text.count('type="checkbox"') == 2
    entries = [entry for entry in stored("audit") if entry["verb"].startswith("page.")]
    assert [entry["actor"] for entry in entries] == ["mia"] * 6
    assert len({entry["batch"] for entry in entries}) == 3
    assert {entry["reason"] for entry in entries if entry["verb"] == "page.close"} == {"Late."}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"act": "close"}, "Choose the pages first"),
        ({"act": "burn", "page": "1"}, "Choose what is to be done"),
        ({"act": "close", "page": "1", "until": "soon"}, "no date and time"),
        ({"act": "close", "page": "1", "until": "2026-01-01T00:00"}, "must lie ahead"),
        ({"act": "close", "page": "1", "until": "0001-01-01T00:00+14:00"}, "no date and time"),
        ({"act": "close", "page": "1", "reason": "x" * 301}, "300 characters"),
    ],
)
def test_a_fault_keeps_what_was_typed_and_does_nothing(desk: Desk, typed: dict[str, str], said: str) -> None:
    sent = {"reason": "“Late” <b>&", "text": "clock", **typed, "csrf": desk.token("/admin/pages")}
    answer = desk.client.post("/admin/pages", data=sent, headers=SAME)
    refused(answer, 422, said)
    assert "<b>" not in answer.text
    assert 'value="clock"' in answer.text
    assert ("checked" in answer.text) == ("page" in typed)
    assert not [entry for entry in stored("audit") if entry["verb"].startswith("page.")]


def test_pages_of_other_sites_are_as_if_they_were_not_there(desk: Desk) -> None:
    theirs = row(OTHER_PAGE)["id"]
    refused(desk.opens(f"/admin/pages/{theirs}", 404), 404)
    refused(desk.opens("/admin/pages/9007199254740991", 404), 404)
    for act in ("close", "open", "hand-back"):
        refused(desk.sends(f"/admin/pages/{theirs}/{act}", page="/admin/pages"), 404)
    sent = {"csrf": desk.token("/admin/pages"), "act": "close", "page": [row(PAGE)["id"], theirs]}
    refused(desk.client.post("/admin/pages", data=sent, headers=SAME), 404)
    assert not [entry for entry in stored("audit") if entry["verb"].startswith("page.")]
    theirs_by_url = desk.opens(f"/admin/pages/by-url?{urlencode({'url': OTHER_PAGE})}", 404)
    nobodys = desk.opens(f"/admin/pages/by-url?{urlencode({'url': 'https://nobody.example/'})}", 404)
    assert text(theirs_by_url).replace("other.example", "nobody.example") == text(nobodys)


def test_one_page_says_what_closed_it(desk: Desk, reader: Reader) -> None:
    path = f"/admin/pages/{row(PAGE)['id']}"
    assert "Nothing has closed it" in text(desk.opens(path))
    desk.sends(f"{path}/close", page=path, reason="It is <i>late</i>.", until="2026-05-15T10:00")
    said = desk.opens(path)
    assert "closed by hand" in text(said)
    assert "It is <i>late</i>." in text(said)
    assert "2026-05-15 10:00 UTC" in text(said)
    assert reader.posts().json["reopens"] == "2026-05-15T10:00:00Z"
    desk.sends(f"{path}/open", page=path)
    assert "do not close it" in text(desk.opens(path))
    pages.set_closing("blog", {"after_comments": 1}, COMMAND_LINE, NOW)
    assert reader.posts("More.").status_code == 201
    desk.sends(f"{path}/hand-back", page=path)
    assert "by a rule of blog: number of comments" in text(desk.opens(path))
    assert reader.posts("Even more.").status_code == 403
    pages.freeze("blog", "We are moving.", None, NOW, COMMAND_LINE)
    assert "all of blog is frozen" in text(desk.opens(path))


def test_a_time_is_that_of_the_sites_clock(desk: Desk, clock: TimeMachineFixture) -> None:
    pages.set_closing("blog", {"hours": "00:00-23:59", "zone": "Europe/Berlin"}, COMMAND_LINE, NOW)
    path = f"/admin/pages/{row(PAGE)['id']}"
    assert "Until (Europe/Berlin)" in text(desk.opens(path))
    refused(desk.sends(f"{path}/close", page=path, until="2026-05-14T20:20"), 422, "must lie ahead")
    desk.sends(f"{path}/close", page=path, until="2026-05-14T20:21")
    assert pages.get_place(int(str(row(PAGE)["id"]))).page.reopens == NOW + timedelta(minutes=1)
    assert 'value="2026-05-14T20:21"' in desk.opens(path).text


def test_a_page_is_found_by_its_address(desk: Desk, reader: Reader) -> None:
    answer = desk.opens(f"/admin/pages/by-url?{urlencode({'url': PAGE + '#comment-1'})}", 303)
    assert answer.headers["Location"] == f"/admin/pages/{row(PAGE)['id']}"


@pytest.mark.parametrize("page_id", [None, "post-7"])
def test_a_page_without_comments_can_be_closed(desk: Desk, reader: Reader, page_id: str | None) -> None:
    url = f"{ORIGIN}/later?a=1&b=<x>"
    query = {"url": url} | ({"id": page_id} if page_id else {})
    path = f"/admin/pages/by-url?{urlencode(query)}"
    before = len(stored("pages"))
    assert "has no comments yet" in text(desk.opens(path))
    assert len(stored("pages")) == before
    refused(desk.sends("/admin/pages/by-url", page=path, until="soon", reason="Not yet.", **query), 422, "no date")
    assert len(stored("pages")) == before
    answer = desk.sends("/admin/pages/by-url", page=path, reason="Not yet.", **query)
    assert answer.status_code == 303
    assert reader.posts(page=url, **({"id": page_id} if page_id else {})).json["reason"] == "Not yet."
    assert desk.opens(path, 303).headers["Location"] == answer.headers["Location"].partition("?")[0]


def test_an_address_where_only_a_page_with_an_id_is_closes_no_other(desk: Desk, reader: Reader) -> None:
    url = f"{ORIGIN}/named"
    reader.posts(page=url, id="post-7")
    before = len(stored("pages"))
    path = f"/admin/pages/by-url?{urlencode({'url': url})}"
    refused(desk.sends("/admin/pages/by-url", page=path, url=url), 409, "has the id post-7: name it")
    assert len(stored("pages")) == before


def test_what_a_link_on_a_page_of_a_site_leads_to(desk: Desk) -> None:
    to = f"/admin/pages/by-url?{urlencode({'url': PAGE + '?q=ä b', 'id': 'ü/7'})}"
    answer = desk.opens(f"/admin/go?{urlencode({'to': to})}")
    assert f'href="{to.replace("&", "&amp;")}"' in answer.text
