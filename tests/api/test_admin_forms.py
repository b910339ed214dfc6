"""A change needs two proofs: the browser's word that it comes from our origin, and the form's token (A5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service.people import tokens
from tests.api.desk import PASSWORD, SAME, Desk, add, refused
from tests.conftest import ORIGIN, stored

MADE = {"name": "script", "scope": "read", "days": "7", "current": PASSWORD}


OWN = [
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},  # what browsers send from a page without a referrer
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost"},
    {"Origin": "https://localhost"},  # a proxy may speak TLS for us
]
FOREIGN = [
    {},  # no browser's form
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": ORIGIN},
    {"Origin": "http://localhost:8080"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://evil.localhost"},
    {"Origin": "http://localhost/"},
    {"Origin": "http://LOCALHOST.", "Sec-Fetch-Site": ""},
    {"Referer": "http://localhost/admin/account"},
    {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://sibling.localhost"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "SAME-ORIGIN"},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
]


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_a_form_of_ours_is_taken(desk: Desk, headers: dict[str, str]) -> None:
    assert desk.sends("/admin/account/tokens", page="/admin/account", headers=headers, **MADE).status_code == 200
    assert len(tokens.listing("ann")) == 1


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_from_elsewhere_is_refused_though_its_token_is_right(desk: Desk, headers: dict[str, str]) -> None:
    refused(desk.sends("/admin/account/tokens", page="/admin/account", headers=headers, **MADE), 403, "another page")
    assert tokens.listing("ann") == []


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_nobody_is_signed_in_from_elsewhere(app: Flask, desk: Desk, headers: dict[str, str]) -> None:
    other = Desk(app.test_client(), headers)
    refused(other.signs_in(), 403)
    assert other.cookie() is None


def test_with_a_public_address_only_that_is_our_origin(make_app: Callable[..., Flask]) -> None:
    app = make_app(public_url="https://comments.example.org")
    with app.app_context():
        add()
        for origin, status in (
            ("https://comments.example.org", 303),
            ("http://localhost", 403),
            ("https://comments.example.org:8443", 403),
            ("http://comments.example.org", 403),
        ):
            assert Desk(app.test_client(), {"Origin": origin}).signs_in().status_code == status


def test_a_token_is_needed_and_no_other_serves(desk: Desk, app: Flask, clock: TimeMachineFixture) -> None:
    right = desk.token("/admin/account")
    other = Desk(app.test_client())
    other.signs_in()
    unbound = Desk(app.test_client()).token("/admin/sign-in")
    for wrong in (
        "",
        "x",
        right[:-1],
        right.upper(),
        right + "0",
        other.token("/admin/account"),
        unbound,
        "é",
    ):
        answer = desk.client.post("/admin/account/tokens", data=MADE | {"csrf": wrong}, headers=SAME)
        refused(answer, 403, "no longer good")
    refused(desk.client.post("/admin/account/tokens", data=MADE, headers=SAME), 403)
    assert tokens.listing("ann") == []
    assert desk.client.post("/admin/account/tokens", data=MADE | {"csrf": right}, headers=SAME).status_code == 200


def test_a_token_ends_with_its_session(desk: Desk) -> None:
    before = desk.token("/admin/account")
    desk.signs_in()
    refused(desk.client.post("/admin/account/tokens", data=MADE | {"csrf": before}, headers=SAME), 403)


def test_a_token_in_a_query_or_in_json_is_none(desk: Desk) -> None:
    right = desk.token("/admin/account")
    for sent in ({"json": MADE | {"csrf": right}}, {"data": f"csrf={right}", "content_type": "text/plain"},
                 {"data": MADE, "query_string": {"csrf": right}}):  # fmt: skip
        refused(desk.client.post("/admin/account/tokens", headers=SAME, **sent), 403)


def test_the_sign_in_form_is_good_for_an_hour(app: Flask, desk: Desk, clock: TimeMachineFixture) -> None:
    other = Desk(app.test_client())
    token = other.token("/admin/sign-in")
    sent = {"csrf": token, "name": "ann", "password": PASSWORD}
    for wrong in ("", "x", token[:-2] + "xx", desk.token("/admin/account")):
        refused(other.client.post("/admin/sign-in", data=sent | {"csrf": wrong}, headers=SAME), 403, "no longer good")
    clock.shift(timedelta(hours=1, seconds=1))
    refused(other.client.post("/admin/sign-in", data=sent, headers=SAME), 403, "no longer good")
    clock.shift(timedelta(seconds=-1))
    assert other.client.post("/admin/sign-in", data=sent, headers=SAME).status_code == 303


def test_a_token_of_another_service_is_not_ours(make_app: Callable[..., Flask], desk: Desk) -> None:
    theirs = Desk(make_app(secret_key="x" * 40).test_client()).token("/admin/sign-in")
    sent = {"csrf": theirs, "name": "ann", "password": PASSWORD}
    refused(desk.client.post("/admin/sign-in", data=sent, headers=SAME), 403, "no longer good")


def test_every_change_on_every_page_needs_both(desk: Desk, app: Flask) -> None:
    """Whoever adds a route to these pages has it guarded without doing anything for it."""
    before = (stored("operators"), stored("sessions"))
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and "POST" in rule.methods:
            path = rule.rule.replace("<name>", "ann").replace("<token>", "x" * 43)
            path = re.sub(r"<int[^>]*>", "1", path).replace("<any(close, open, 'hand-back'):act>", "close")
            right = desk.token("/admin/account")
            for headers, token in ((FOREIGN[0], right), (FOREIGN[10], right), (SAME, ""), (SAME, "x")):
                assert desk.client.post(path, data={"csrf": token}, headers=headers).status_code == 403, path
                asked += 1
    assert asked > 60
    assert (stored("operators"), stored("sessions")) == before


def test_no_change_hides_behind_another_method(desk: Desk, app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            assert rule.methods <= {"GET", "HEAD", "OPTIONS"} or rule.methods == {"POST", "OPTIONS"}, rule


@pytest.mark.parametrize("where", ["query", "form"])
def test_a_nul_is_no_text(desk: Desk, where: str) -> None:
    if where == "query":
        refused(desk.client.get("/admin/audit?actor=%00"), 400, "NUL")
    else:
        refused(desk.client.post("/admin/sign-in", data={"name": "a\0"}, headers=SAME), 400, "NUL")
