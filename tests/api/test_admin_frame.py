"""What stands around every page of the operators: who is signed in, the way on, what was said."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service.people import operators, sessions, tokens
from service.people.audit import COMMAND_LINE
from tests.api.desk import Desk, add, put, refused, text, tree
from tests.conftest import NOW, Reader


def links(page: TestResponse) -> list[str]:
    """Return where the links of a page lead."""
    return [each.get("href", "") for each in tree(page).iter("a")]


@pytest.mark.parametrize("path", ["/admin/nowhere", "/admin/comments/999", "/admin/operators/nobody", "/admin/queue/"])
def test_an_address_that_is_none_is_no_dead_end(desk: Desk, path: str) -> None:
    page = desk.opens(path, 404)
    assert {"/admin/queue", "/admin/account"} <= set(links(page))
    assert "Back to the queue" in text(page)
    assert "Sign out" in text(page)
    assert page.headers["Cache-Control"] == "no-store"


def test_to_a_stranger_it_tells_of_nobody(desk: Desk, app: Flask) -> None:
    page = Desk(app.test_client()).opens("/admin/nowhere", 404)
    assert "ann" not in text(page)
    assert "/admin/queue" not in links(page)
    assert desk.client.get("/nowhere").mimetype == "application/problem+json"


def test_the_way_out_of_an_address_that_is_none_works(desk: Desk) -> None:
    token = desk.client.get("/admin/nowhere").text.partition('name="csrf" value="')[2].partition('"')[0]
    assert desk.client.post("/admin/sign-out", data={"csrf": token}, headers=desk.headers).status_code == 303


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/admin/rules", "Only owners can change the settings of sites, rules and the spam filter."),
        ("/admin/spam", "Only owners can change the settings of sites, rules and the spam filter."),
        ("/admin/operators", "Only owners can see and change operators."),
    ],
)
def test_what_is_not_ones_own_is_said_in_words(desk: Desk, app: Flask, path: str, said: str) -> None:
    add("ben", "moderator")
    ben = Desk(app.test_client())
    ben.signs_in("ben")
    page = ben.opens(path, 403)
    refused(page, 403, said)
    assert "scope" not in text(page)
    assert "Back to the queue" in text(page)


class TestNotices:
    """What was done is said with the name of whom or what it was done to."""

    def after(self, desk: Desk, path: str, page: str) -> str:
        """Send a form that is one button, and return the notice of the page that it leads to."""
        answer = desk.sends(path, page=page)
        assert answer.status_code == 303, answer.text
        (said,) = [each for each in tree(desk.opens(answer.headers["Location"])).iter() if each.get("role") == "status"]
        return "".join(said.itertext())

    def test_of_operators(self, desk: Desk, app: Flask) -> None:
        add("ben")
        ben = Desk(app.test_client())
        ben.signs_in("ben")
        ben.turns_totp_on(NOW.timestamp())
        one = "/admin/operators/ben"
        assert self.after(desk, f"{one}/end-sessions", one) == "ben is signed out everywhere."
        assert "<summary>Turn the second factor off</summary>" in desk.opens(one).text
        assert self.after(desk, f"{one}/totp-off", one) == "The second factor of ben is off."
        assert self.after(desk, f"{one}/remove", one) == "ben is removed."

    def test_of_sessions_and_tokens(self, desk: Desk, app: Flask) -> None:
        headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/127.0"}
        other = app.test_client()
        other.environ_base["HTTP_USER_AGENT"] = headers["User-Agent"]
        Desk(other).signs_in()
        made, _ = tokens.make("ann", "a <b> script", ["read"], None, COMMAND_LINE, NOW)
        ended = sessions.listing(operators.get("ann").id, NOW)[0].id
        page = "/admin/account"
        assert self.after(desk, f"{page}/sessions/{ended}/end", page) == "You are signed out of Firefox on Linux."
        assert self.after(desk, f"{page}/tokens/{made.id}/remove", page) == "The token “a <b> script” is removed."

    @pytest.mark.parametrize("about", ["", "x" * 65, "%0Ax", "%E2%80%AEx"])
    def test_an_address_puts_no_more_into_it_than_a_name(self, desk: Desk, about: str) -> None:
        page = desk.opens(f"/admin/account?done=operator-removed&about={about}").text
        assert 'role="status"' not in page


def test_a_moderator_without_a_site_is_told_so(desk: Desk, app: Flask) -> None:
    add("ben", "moderator", [])
    add("eve", "moderator", ["blog"])
    for name, told in (("ben", True), ("eve", False), ("ann", False)):
        other = Desk(app.test_client())
        other.signs_in(name)
        for path in ("/admin/queue", "/admin/pages", "/admin/sites", "/admin/account"):
            assert ("You look after no site yet." in text(other.opens(path))) == told, (name, path)


def test_on_a_phone_each_cell_of_a_table_can_say_what_its_column_is(desk: Desk) -> None:
    add("<td>ben", "moderator", ["blog"])  # nobody can have this name: it stands for any text
    page = tree(desk.opens("/admin/operators"))
    columns = ["".join(each.itertext()) for each in page.iter("th") if each.get("scope") == "col"]
    (body,) = page.iter("tbody")
    assert len(body) == 2
    for row in body:
        assert [cell.get("data-label") for cell in row] == columns
    assert ["".join(cell.itertext()).strip() for cell in body[0]][:3] == ["<td>ben", "moderator", "blog"]


def test_the_pages_have_an_icon_and_the_queue_tells_how_many_wait(desk: Desk, reader: Reader) -> None:
    comments = [reader.posts(f"No. {number}.").json["comment"]["id"] for number in range(2)]
    page = tree(desk.opens("/admin/queue"))
    (icon,) = [each.get("href", "") for each in page.iter("link") if each.get("rel") == "icon"]
    with desk.client.get(icon) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert page.find("head/title").text == "Queue · Afterword"
    put(comments[0], state="pending")
    assert tree(desk.opens("/admin/queue")).find("head/title").text == "(1) Queue · Afterword"
