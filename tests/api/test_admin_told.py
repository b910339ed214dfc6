"""What was done to pages and sites is said where it is seen, and says no more than what holds."""

from __future__ import annotations

import html
import re

from werkzeug.test import TestResponse

from service import comments, pages
from service.pages import Site
from service.people.audit import COMMAND_LINE
from tests.api.desk import SAME, Desk, put, text, tree
from tests.api.test_admin_queue import follow
from tests.conftest import NOW, ORIGIN, PAGE, fill


def strong(desk: Desk, path: str) -> list[str]:
    """Return what the strong buttons of a page say."""
    return ["".join(each.itertext()) for each in tree(desk.opens(path)).iter("button") if each.get("class") == "main"]


def acts(desk: Desk, act: str, number: int = 3) -> TestResponse:
    """Do something to the first pages of the list."""
    sent = {"csrf": desk.token("/admin/pages"), "act": act, "page": list(range(1, number + 1))}
    return desk.client.post("/admin/pages", data=sent, headers=SAME)


def test_a_page_frozen_with_its_site_is_not_told_to_be_open(desk: Desk) -> None:
    fill(1)
    assert "Open this page" not in strong(desk, "/admin/pages/1")
    pages.close(PAGE, None, None, None, NOW, COMMAND_LINE)
    assert "Open this page" in strong(desk, "/admin/pages/1")
    pages.freeze("blog", None, None, NOW, COMMAND_LINE)
    assert "Open this page" not in strong(desk, "/admin/pages/1")
    said = text(desk.opens("/admin/pages/1"))
    assert "Frozen with the site: opening holds after the freeze." in said
    assert "Open once the freeze ends" in said
    page = follow(desk, desk.sends("/admin/pages/1/open", page="/admin/pages/1"))
    assert "Opens once the freeze ends; the site’s rules do not close it then." in text(page)
    assert "Opened by hand:" not in text(page)
    pages.thaw("blog", NOW, COMMAND_LINE)
    assert not pages.is_frozen(pages.get_site("blog"), NOW)
    page = follow(desk, desk.sends("/admin/pages/1/open", page="/admin/pages/1"))
    assert "Opened by hand: the site’s rules" in text(page)


def test_what_closing_rules_would_do_and_that_they_hold_stands_at_them(desk: Desk) -> None:
    path = "/admin/sites/blog"
    fill(2)

    def section(answer: TestResponse) -> str:
        (found,) = re.findall(r'<h2 id="closing">.*?</section>', answer.text, re.S)
        return str(found)

    seen = re.findall(r'name="seen" value="([^"]+)"', desk.opens(path).text)[1]
    tried = desk.sends(f"{path}/closing", page=path, after_comments="2", seen=seen)
    beginning = section(tried).partition("<label")[0]
    assert "these rules would close 1 now, and open 0" in beginning
    assert "Save these rules" in beginning
    assert "See what they would do" in section(tried)
    assert tried.text.count("these rules would close") == 1
    told = html.unescape(re.findall(r'name="told" value="([^"]+)"', tried.text)[0])
    saved = desk.sends(f"{path}/closing", page=path, after_comments="2", seen=seen, told=told)
    assert saved.headers["Location"].endswith("#closing")
    page = follow(desk, saved)
    assert "These rules hold from now on." in section(page).partition("<label")[0]
    assert page.text.count("These rules hold from now on.") == 1


def test_of_many_pages_it_is_told_how_many(desk: Desk) -> None:
    for place in range(3):
        fill(1, page=f"{ORIGIN}/{place}")
    assert desk.opens("/admin/pages?chosen=all").text.count(" checked") == 3
    page = follow(desk, acts(desk, "close"))
    assert "3 pages are closed." in text(page)
    pages.freeze("blog", None, None, NOW, COMMAND_LINE)
    assert "3 pages are opened by hand, 3 of them once the freeze of their site ends." in text(
        follow(desk, acts(desk, "open"))
    )
    assert "1 page is handed back to the rules of its site." in text(follow(desk, acts(desk, "hand-back", 1)))
    for odd in ("number=x", "number=-1", "number=2&frozen=x", ""):
        desk.opens(f"/admin/pages?done=pages-close&{odd}")


def test_sites_say_what_waits_in_their_queues(desk: Desk, other: Site) -> None:
    waits, reported = fill(2)
    comments.moderate([waits], "pending", COMMAND_LINE, NOW)
    put(reported, reports=1)
    page = desk.opens("/admin/sites")
    rows = [" ".join(" ".join(each.itertext()).split()) for each in tree(page).iter("tr")]
    assert "Waiting Reported" in rows[0]
    assert [("1 1 open" in row, "0 0 open" in row) for row in rows[1:]] == [(True, False), (False, True)]
    links = {each.get("href") for each in tree(page).iter("a")}
    assert {"/admin/queue?site=blog", "/admin/queue?site=blog&view=reported"} <= links
    links = {each.get("href") for each in tree(desk.opens("/admin/sites/blog")).iter("a")}
    assert "/admin/queue?site=blog" in links
