"""`/api/v1/admin` for operators, and the log as a file: what comes of each act, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service import pages
from service.people.audit import COMMAND_LINE
from tests.api.asker import Asker, acts, signed_in
from tests.api.desk import PASSWORD, Desk
from tests.api.test_description import check
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, stored

FRESH = {"password": "another clock altogether", "again": "another clock altogether"}
BEN = {"name": "Ben", "role": "moderator", "sites": ["blog"]}


@pytest.fixture
def asks(client: FlaskClient, clock: TimeMachineFixture) -> Asker:
    """The programs; and there is a second site."""
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    return Asker(client)


def test_an_operator_is_added_and_sets_a_password_by_the_link(asks: Asker, app: Flask) -> None:
    made = asks("POST", "/operators", status=201, json=BEN)
    described = asks.client.get("/openapi.json").json
    check(described, "InvitedOperator", made)
    assert (made["name"], made["role"], made["sites"], made["has_password"]) == ("ben", "moderator", ["blog"], False)
    assert made["link_expires"] == "2026-05-21T18:20:00Z"
    ben, path = Desk(app.test_client()), made["link"].removeprefix("http://localhost")
    assert path.startswith("/admin/password/")
    assert ben.sends(path, **FRESH).headers["Location"] == "/admin/"
    ben.opens("/admin/account")
    ben.opens(path, 410)
    shown = asks("GET", "/operators/Ben")
    assert shown == {name: made[name] for name in shown} | {"has_password": True}
    listed = asks("GET", "/operators")
    check(described, "ListedOperators", listed)
    assert [each["name"] for each in listed["operators"]] == ["ben", "mia", "olga"]
    assert path not in str(listed) + str(stored("audit"))
    assert acts() == [("operator.add", "olga", "ben"), ("operator.invite", "olga", "ben")]


def test_a_new_link_ends_the_older_one_and_not_the_password(asks: Asker, app: Flask) -> None:
    first, second = (asks("POST", "/operators/mia/link", status=201)["link"] for _ in range(2))
    mia = Desk(app.test_client())
    mia.opens(first.removeprefix("http://localhost"), 410)
    mia.opens(second.removeprefix("http://localhost"))
    signed_in(app, "mia")
    assert acts() == [("operator.invite", "olga", "mia")] * 2


def test_a_link_begins_with_the_public_address_whatever_host_is_asked_for(
    make_app: Callable[..., Flask], clock: TimeMachineFixture
) -> None:
    app = make_app(public_url="https://comments.example.org")
    with app.app_context():
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        asks = Asker(app.test_client(use_cookies=False))
        made = asks("POST", "/operators/mia/link", status=201, base_url="http://evil.example")
        assert made["link"].startswith("https://comments.example.org/admin/password/")


@pytest.mark.parametrize(
    ("sent", "became"),
    [
        ({}, ("moderator", ["blog"])),
        ({"sites": None}, ("moderator", None)),
        ({"sites": []}, ("moderator", [])),
        ({"sites": ["other", "blog", "other"]}, ("moderator", ["blog", "other"])),
        ({"role": "moderator"}, ("moderator", ["blog"])),
        ({"role": "owner"}, ("owner", None)),
        ({"role": "owner", "sites": None}, ("owner", None)),
    ],
)
def test_what_is_left_out_stays(asks: Asker, sent: dict[str, Any], became: tuple[str, Any]) -> None:
    changed = asks("PATCH", "/operators/mia", json=sent)
    assert (changed["role"], changed["sites"]) == became
    assert asks("GET", "/operators/mia") == changed
    as_before = became == ("moderator", ["blog"])
    assert acts() == [] if as_before else [("operator.access", "olga", "mia")]


def test_a_change_holds_at_once_for_tokens_that_there_are(asks: Asker) -> None:
    asks("PATCH", "/operators/mia", json={"sites": ["other"]})
    assert [site["name"] for site in asks("GET", "/sites", "mia")["sites"]] == ["other"]
    asks("PATCH", "/operators/mia", json={"role": "owner"})
    asks("GET", "/operators", "mia", 403)  # the role has the scope now, the token has not
    asks("PATCH", "/operators/olga", json={"role": "moderator"})
    assert asks("GET", "/account")["scopes"] == ["read", "moderate", "pages"]
    asks("GET", "/operators", status=403)


def test_the_last_owner_stays(asks: Asker) -> None:
    before = stored("operators")
    assert "only owner" in asks("DELETE", "/operators/olga", status=409)["detail"]
    assert "only owner" in asks("PATCH", "/operators/olga", status=409, json={"role": "moderator"})["detail"]
    assert (stored("operators"), acts()) == (before, [])
    asks("PATCH", "/operators/mia", json={"role": "owner"})
    asks("DELETE", "/operators/olga", status=204)
    asks("GET", "/account", status=401)
    assert acts() == [("operator.access", "olga", "mia"), ("operator.remove", "olga", "olga")]


def test_an_operator_is_signed_out_and_their_second_factor_turned_off(asks: Asker, app: Flask) -> None:
    mia = signed_in(app, "mia")
    mia.turns_totp_on(NOW.timestamp())
    assert asks("GET", "/account", "mia")["has_totp"] is True
    assert asks("POST", "/operators/mia/end-sessions") == {"ended": 1}
    mia.opens("/admin/account", 303)
    asks("DELETE", "/operators/mia/second-factor", status=204)
    assert "off" in asks("DELETE", "/operators/mia/second-factor", status=409)["detail"]
    assert signed_in(app, "mia").opens("/admin/account").status_code == 200
    assert acts() == [("session.end", "olga", "mia"), ("operator.totp", "olga", "mia")]


def test_who_is_not_there_is_not_found(asks: Asker) -> None:
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/link"),
        ("POST", "/end-sessions"),
        ("DELETE", "/second-factor"),
    ):
        sent = {"json": {"role": "owner"}} if method == "PATCH" else {}
        assert asks(method, f"/operators/nobody{path}", status=404, **sent)["type"].endswith("not-found")
    asks("GET", f"/operators/{'x' * 65}", status=404)
    asks("PATCH", "/operators/mia", status=404, json={"sites": ["blog", "nothing"]})
    asks("POST", "/operators", status=404, json=BEN | {"sites": ["nothing"]})
    assert (len(stored("operators")), len(stored("operator_sites")), acts()) == (2, 1, [])


@pytest.mark.parametrize(
    ("method", "path", "sent", "field"),
    [
        ("POST", "/operators", {"name": "ben", "role": "moderator"}, "sites"),
        ("POST", "/operators", BEN | {"name": "a/b"}, "name"),
        ("POST", "/operators", BEN | {"name": 1}, "name"),
        ("POST", "/operators", BEN | {"role": "king"}, "role"),
        ("POST", "/operators", BEN | {"role": "owner"}, "sites"),
        ("POST", "/operators", BEN | {"sites": "blog"}, "sites"),
        ("POST", "/operators", BEN | {"password": PASSWORD}, "password"),
        ("PATCH", "/operators/mia", {"name": "ben"}, "name"),
        ("PATCH", "/operators/mia", {"role": None}, "role"),
        ("PATCH", "/operators/mia", {"role": "owner", "sites": ["blog"]}, "sites"),
        ("PATCH", "/operators/olga", {"sites": ["blog"]}, "sites"),
        ("GET", "/audit/export?before=1", None, "before"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(asks: Asker, method: str, path: str, sent: Any, field: str) -> None:
    answer = asks(method, path, status=422, **({"json": sent} if sent is not None else {}))
    assert set(answer["errors"]) == {field}
    assert (len(stored("operators")), len(stored("tokens")), acts()) == (2, 2, [])


def test_a_name_that_is_taken_is_a_conflict(asks: Asker) -> None:
    asks("POST", "/operators", status=409, json=BEN | {"name": "MIA"})
    assert acts() == []


def test_the_log_is_exported_as_the_page_does(asks: Asker, app: Flask) -> None:
    asks("PATCH", "/sites/blog", json={"depth": 2})
    asks("PATCH", "/sites/other", json={"depth": 2})
    desks = {name: signed_in(app, name) for name in ("olga", "mia")}
    told = {who: asks("GET", "/audit/export", who) for who in desks}
    assert told == {who: desk.opens("/admin/audit/export").text for who, desk in desks.items()}
    entries = {who: [json.loads(line) for line in lines.splitlines()] for who, lines in told.items()}
    assert [entry["id"] for entry in entries["olga"]] == [row["id"] for row in stored("audit")][::-1]
    assert {entry["site"] for entry in entries["mia"]} == {"blog"}
    entry = json.loads(asks("GET", "/audit/export", query_string={"actor": "olga", "verb": "site", "site": "blog"}))
    assert (entry["verb"], entry["actor"], entry["via"], entry["site"]) == ("site.set", "olga", "api", "blog")
    assert asks("GET", "/audit/export", query_string={"comment": 1}) == ""
