"""A form that was refused says so on top of its page, leads to what is wrong, and has the focus there."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from service.people import invitations
from tests.api.desk import PASSWORD, Desk, refused, tree
from tests.conftest import NOW, Reader


def told(answer: TestResponse) -> tuple[str, list[tuple[str, str]]]:
    """Return what stands on top of a page of what is wrong, text and links; and check what the page is like."""
    page = tree(answer)
    (alert,) = [each for each in page.iter() if each.get("role") == "alert"]
    (main,) = page.iter("main")
    assert main[0] is alert, "it does not stand on top"
    (title,) = page.iter("title")
    assert (title.text or "").startswith("Not done: ")
    links = [(each.get("href", ""), "".join(each.itertext())) for each in alert.iter("a")]
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert {address.removeprefix("#") for address, _ in links} <= set(ids)
    focused = [each for each in page.iter() if "autofocus" in each.attrib]
    assert [f"#{each.get('id')}" for each in focused] == [address for address, _ in links[:1]]
    return " ".join("".join(alert.itertext()).split()), links


@pytest.mark.parametrize(
    ("path", "page", "typed", "said", "links"),
    [
        ("/admin/operators", "", {"name": "a b", "role": "moderator"}, "changed: Name", [("#name", "Name")]),
        ("/admin/operators", "", {"name": "ann", "role": "owner"}, "changed. There is an operator named ann", []),
        ("/admin/operators", "", {"name": "b", "role": "x"}, "changed: Role", [("#role", "Role")]),
        ("/admin/operators/ann", "", {"role": "moderator", "which": "some"}, "changed: These", [("#site", "These")]),
        ("/admin/operators/ann/remove", "/admin/operators/ann", {}, "changed. ann is the only owner", []),
        (
            "/admin/account/password",
            "/admin/account",
            {"current": "x", "password": PASSWORD, "again": PASSWORD},
            "changed: Your password until now",
            [("#current", "Your password until now")],
        ),
        (
            "/admin/account/tokens",
            "/admin/account",
            {"name": "", "current": PASSWORD},
            "What it is for",
            [("#token-name", "What it is for")],
        ),
        ("/admin/account/totp", "", {"code": "1", "current": "x"}, "changed: Your", [("#current", "Your password")]),
        ("/admin/sites", "", {"name": "x y", "origins": "z"}, "changed: Name", [("#name", "Name")]),
        ("/admin/rules/blog", "", {"publish": "trusted", "links": "x"}, "changed:", [("#links", "Most links")]),
        ("/admin/bans", "", {"kind": "address", "value": "x"}, "changed: Which", [("#value", "Which")]),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_on_top_and_leads_to_its_field(
    desk: Desk, path: str, page: str, typed: dict[str, Any], said: str, links: list[tuple[str, str]]
) -> None:
    answer = desk.sends(path, page=page or path, **typed)
    assert answer.status_code in (409, 422), answer.text
    shown, found = told(answer)
    assert shown.startswith("Nothing was ")
    assert said in shown
    assert [(address, label[: len(links[at][1])]) for at, (address, label) in enumerate(found[: len(links)])] == links


def test_fields_of_no_macro_are_led_to_as_well(desk: Desk, reader: Reader) -> None:
    made = reader.posts().json["comment"]["id"]
    page = f"/admin/comments/{made}"
    answer = desk.sends(f"{page}/edit", page=page, body="")
    refused(answer, 422, "Nothing was changed")
    (alert,) = [each for each in tree(answer).iter() if each.get("role") == "alert"]
    assert [each.get("href") for each in alert.iter("a")] == ["#body"]


def test_becoming_the_owner_says_it_too(app: Flask, clock: TimeMachineFixture) -> None:
    path = f"/admin/setup/{invitations.for_first_owner(NOW)}"
    answer = Desk(app.test_client()).sends(path, name="a b", password=PASSWORD, again=PASSWORD)
    assert told(answer)[1] == [("#name", "Name")]


def test_a_page_without_a_fault_tells_of_none(desk: Desk) -> None:
    for path in ("/admin/operators", "/admin/account", "/admin/sites", "/admin/rules/blog"):
        page = desk.opens(path).text
        assert 'role="alert"' not in page
        assert "autofocus" not in page
