"""`/api/v1/admin/account`: what a token may see and change of its own operator's account."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service.errors import NotSignedIn
from service.people import operators, tokens
from service.people.audit import COMMAND_LINE
from service.people.operators import SCOPES
from tests.api.asker import Asker, acts, signed_in
from tests.api.test_description import check
from tests.conftest import NOW, stored

ACCOUNT = ("/account/sessions/1", "/account/end-sessions", "/account/tokens", "/account/tokens/1")
READ = {"name": "x", "scopes": ["read"], "days": 7}


@pytest.fixture
def asks(client: FlaskClient, clock: TimeMachineFixture) -> Asker:
    """The programs."""
    return Asker(client)


def test_the_account_is_that_of_whoever_asks(asks: Asker) -> None:
    mine = asks("GET", "/account", "mia")
    check(asks.client.get("/openapi.json").json, "OwnAccount", mine)
    told = {"name": "mia", "role": "moderator", "sites": ["blog"], "has_totp": False}
    assert mine == told | {"scopes": ["read", "moderate", "pages"], "token": tokens.listing("mia")[0].id}
    reads = asks("GET", "/account", asks.key("olga", "settings", "read", days=7))
    assert (reads["sites"], reads["scopes"], reads["token"]) == (None, ["read", "settings"], mine["token"] + 1)
    asks("GET", "/account", asks.key("mia", "moderate"), 403)


def test_own_sessions_are_listed_and_ended_and_no_others(asks: Asker, app: Flask) -> None:
    olga = signed_in(app, "olga")
    phone, _, desk = [signed_in(app, "mia") for _ in range(3)]
    listed = asks("GET", "/account/sessions", "mia")
    check(asks.client.get("/openapi.json").json, "OwnSessions", listed)
    ids = [each["id"] for each in listed["sessions"]]
    (hers,) = asks("GET", "/account/sessions")["sessions"]
    assert hers["id"] not in ids
    asks("DELETE", f"/account/sessions/{hers['id']}", "mia", 404)
    asks("DELETE", f"/account/sessions/{ids[0]}", "mia", 204)
    desk.opens("/admin/account", 303)
    phone.opens("/admin/account")
    asks("DELETE", f"/account/sessions/{ids[0]}", "mia", 404)
    assert asks("POST", "/account/end-sessions", "mia") == {"ended": 2}
    phone.opens("/admin/account", 303)
    olga.opens("/admin/account")
    assert acts() == [("session.end", "mia", "mia")] * 2


def test_own_tokens_are_made_listed_and_removed_and_no_others(asks: Asker) -> None:
    made = asks("POST", "/account/tokens", "mia", 201, json=READ)
    described = asks.client.get("/openapi.json").json
    check(described, "MadeToken", made)
    assert (made["scopes"], made["expires"], made["used"]) == (["read"], "2026-05-21T18:20:00Z", None)
    key = made.pop("token")
    assert asks("GET", "/account", key)["name"] == "mia"
    listed = asks("GET", "/account/tokens", "mia")
    check(described, "OwnTokens", listed)
    assert listed["tokens"][0] == made | {"used": "2026-05-14T18:20:00Z"}
    assert key not in str(listed) + str(stored("audit")) + str(stored("tokens"))
    asks("DELETE", f"/account/tokens/{made['id']}", status=404)
    asks("DELETE", f"/account/tokens/{made['id']}", "mia", 204)
    asks("GET", "/account", key, 401)
    assert acts() == [("token.add", "mia", "mia"), ("token.remove", "mia", "mia")]
    mine = asks("GET", "/account/tokens")["tokens"]
    asks("DELETE", f"/account/tokens/{mine[0]['id']}", status=204)
    asks("GET", "/account", status=401)  # it was the one that asked


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": "x", "scopes": ["read"]}, "days"),
        (READ | {"days": "7"}, "days"),
        (READ | {"days": 0}, "days"),
        (READ | {"days": 3_651}, "days"),
        (READ | {"scopes": []}, "scopes"),
        (READ | {"scopes": ["everything"]}, "scopes"),
        (READ | {"name": " "}, "name"),
        (READ | {"operator": "mia"}, "operator"),
    ],
)
def test_what_is_wrong_with_a_token_is_said_by_its_field(asks: Asker, sent: Any, field: str) -> None:
    assert set(asks("POST", "/account/tokens", status=422, json=sent)["errors"]) == {field}
    assert (len(stored("tokens")), acts()) == (2, [])


@pytest.mark.parametrize(
    ("who", "scopes"),
    [
        ("mia", ("read",)),
        ("mia", ("moderate", "pages")),
        ("olga", ("read", "moderate", "pages")),
        ("olga", ("read", "operators")),
        ("olga", ("read", "moderate", "pages", "operators")),
    ],
    ids=str,
)
def test_a_token_with_some_of_the_scopes_changes_nothing_of_the_account(
    asks: Asker, app: Flask, who: str, scopes: tuple[str, ...]
) -> None:
    signed_in(app, who)
    key = asks.key(who, *scopes)
    before = stored("sessions"), [row["id"] for row in stored("tokens")]
    for path in ACCOUNT:
        method = "DELETE" if path.endswith("/1") else "POST"
        sent = {"json": {"name": "x", "scopes": list(scopes), "days": None}} if path == "/account/tokens" else {}
        assert "every scope" in asks(method, path, key, 403, **sent)["detail"]
    assert (stored("sessions"), [row["id"] for row in stored("tokens")]) == before
    assert acts() == []


def test_a_token_makes_none_that_may_more(asks: Asker) -> None:
    for scopes in (["settings"], ["read", "operators"]):
        refused = asks("POST", "/account/tokens", "mia", 403, json=READ | {"scopes": scopes})
        assert f'"{scopes[-1]}"' in refused["detail"]
    # her role has more than her token since it was made
    operators.change("mia", {"role": "owner"}, COMMAND_LINE, NOW)
    asks("POST", "/account/tokens", "mia", 403, json=READ)
    assert len(stored("tokens")) == 2


def test_a_token_makes_none_that_lasts_longer(asks: Asker, clock: TimeMachineFixture) -> None:
    key = asks.key("mia", *SCOPES[:3], days=7)
    asks("POST", "/account/tokens", key, 201, json=READ)
    for days in (8, None):
        refused = asks("POST", "/account/tokens", key, 422, json=READ | {"days": days})
        assert refused["errors"] == {
            "days": ["A token lasts no longer than the one that it is made by: it has 7 whole days left."]
        }
    clock.shift(timedelta(days=6, seconds=1))
    assert "0 whole days" in asks("POST", "/account/tokens", key, 422, json=READ | {"days": 1})["detail"]
    clock.shift(timedelta(days=1))
    asks("POST", "/account/tokens", key, 401, json=READ | {"days": 1})
    asks("POST", "/account/tokens", "mia", 201, json=READ | {"days": None})


def test_what_a_token_made_ends_with_it_and_makes_none_itself(asks: Asker) -> None:
    whole = {"name": "whole", "scopes": list(SCOPES[:3]), "days": None}
    made = [asks("POST", "/account/tokens", "mia", 201, json=whole | {"name": name}) for name in ("one", "two")]
    (mine,) = {each["maker"] for each in made}
    assert "none itself" in asks("POST", "/account/tokens", made[0]["token"], 403, json=READ)["detail"]
    asks("DELETE", f"/account/tokens/{made[0]['id']}", made[1]["token"], 204)
    asks("GET", "/account", made[0]["token"], 401)
    asks("DELETE", f"/account/tokens/{mine}", made[1]["token"], 204)
    for key in ("mia", made[1]["token"]):
        asks("GET", "/account", key, 401)
    assert [row["name"] for row in stored("tokens")] == ["test"]
    assert json.loads(stored("audit")[-1]["details"]) == {"token": "test", "made": ["two"]}


def test_a_token_that_is_removed_meanwhile_makes_none(asks: Asker) -> None:
    with pytest.raises(NotSignedIn):
        tokens.make("mia", "x", ["read"], None, COMMAND_LINE, NOW, maker=1_000)
    assert len(stored("tokens")) == 2
