"""What changes while a request is under way, and what is left of somebody who was removed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from service.errors import Gone
from service.people import invitations, operators, sessions, tokens
from service.people.audit import COMMAND_LINE, Actor
from service.web.admin import guard
from tests.api.desk import PASSWORD, Desk, add, refused, seated
from tests.conftest import NOW, fill, stored


class Slow(BytesIO):
    """A body during whose reading something happens."""

    def __init__(self, content: bytes, happens: Callable[[], object]) -> None:
        super().__init__(content)
        self.happens: Callable[[], object] | None = happens

    def read(self, size: int | None = -1, /) -> bytes:
        """Return a part, after what happens has happened."""
        self._happen()
        return super().read(size)

    def readinto(self, buffer: Any, /) -> int:
        """Fill a part, likewise."""
        self._happen()
        return super().readinto(buffer)

    def _happen(self) -> None:
        if self.happens is not None:
            happens, self.happens = self.happens, None
            happens()


@pytest.fixture
def desk(app: Flask, visitor: Desk) -> Desk:
    """The browser of `bob`, an owner, beside `ann`."""
    return seated(app, "bob", "owner")


def sends(desk: Desk, path: str, page: str, happens: Callable[[], object], **typed: str) -> TestResponse:
    """Send a form, and have something happen meanwhile."""
    content = urlencode({"csrf": desk.token(page)} | typed).encode()
    return desk.client.post(
        path,
        input_stream=Slow(content, happens),
        content_length=len(content),
        content_type="application/x-www-form-urlencoded",
        headers=desk.headers,
    )


MEANWHILE = {
    "removed": (lambda: operators.remove("bob", COMMAND_LINE, NOW), 401),
    "signed out": (lambda: sessions.end_all(operators.get("bob").id, COMMAND_LINE, NOW), 401),
    "made a moderator": (lambda: operators.change("bob", {"role": "moderator"}, COMMAND_LINE, NOW), 403),
}


@pytest.mark.parametrize("change", MEANWHILE)
def test_who_is_no_owner_any_more_when_all_is_sent_makes_none(desk: Desk, change: str) -> None:
    happens, status = MEANWHILE[change]
    answer = sends(desk, "/admin/operators", "/admin/operators", happens, name="back", role="owner")
    refused(answer, status)
    assert "back" not in [each.name for each in operators.listing()]


def test_a_token_that_is_removed_while_its_holder_sends_does_nothing(app: Flask, clock: TimeMachineFixture) -> None:
    (comment,) = fill(1)
    add()
    made, key = tokens.make("ann", "script", ["moderate"], None, COMMAND_LINE, NOW)
    content = f'{{"ids": [{comment}], "decision": "delete"}}'.encode()
    answer = app.test_client().post(
        "/api/v1/admin/decisions",
        input_stream=Slow(content, lambda: tokens.remove("ann", made.id, COMMAND_LINE, NOW)),
        content_length=len(content),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 401
    assert stored("comments")[0]["state"] == "published"


def test_who_is_removed_between_two_looks_is_not_signed_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    found = sessions.find(desk.cookie() or "", NOW)
    operators.remove("bob", COMMAND_LINE, NOW)
    monkeypatch.setattr(guard.sessions, "find", lambda *_: found)
    desk.opens("/admin/account", 303)


@pytest.mark.parametrize(
    "leaves",
    [
        lambda: operators.remove("bob", COMMAND_LINE, NOW),
        lambda: operators.change("bob", {"role": "moderator", "sites": None}, COMMAND_LINE, NOW),
    ],
)
def test_links_of_an_owner_end_with_the_ownership(desk: Desk, leaves: Callable[[], object]) -> None:
    kept = invitations.for_password("ann", COMMAND_LINE, NOW)
    assert invitations.look(kept, NOW).operator == "ann"
    made = invitations.for_password("ann", Actor("bob", "ui"), NOW)
    assert invitations.look(made, NOW).operator == "ann"
    leaves()
    with pytest.raises(Gone):
        invitations.look(made, NOW)


def test_a_password_from_outside_ends_tokens_and_ones_own_does_if_wanted(desk: Desk, app: Flask) -> None:
    def token() -> None:
        tokens.make("bob", "script", ["read"], None, COMMAND_LINE, NOW)

    new = {"current": PASSWORD, "password": "another word altogether", "again": "another word altogether"}
    token()
    assert desk.sends("/admin/account/password", page="/admin/account", **new).status_code == 303
    assert len(tokens.listing("bob")) == 1
    again = new | {"current": new["password"], "tokens": "remove"}
    assert desk.sends("/admin/account/password", page="/admin/account", **again).status_code == 303
    assert tokens.listing("bob") == []
    token()
    operators.set_password("bob", PASSWORD, COMMAND_LINE, NOW)
    assert tokens.listing("bob") == []
    token()
    link = f"/admin/password/{invitations.for_password('bob', COMMAND_LINE, NOW)}"
    visitor = Desk(app.test_client())
    assert visitor.sends(link, password=PASSWORD, again=PASSWORD).status_code == 303
    assert tokens.listing("bob") == []


@pytest.mark.parametrize("path", ["/admin/account/totp", "/admin/account/tokens"])
def test_a_browser_left_signed_in_gives_nobody_the_account_for_good(desk: Desk, path: str) -> None:
    page = "/admin/account/totp" if path.endswith("totp") else "/admin/account"
    answer = desk.sends(path, page=page, current="a guess", code="000000", name="mine", scope="read")
    refused(answer, 422, "This is not your password.")
    assert not operators.get("bob").has_totp
    assert stored("tokens") == []


@pytest.mark.parametrize("path", ["/admin/account/sessions/{}/end", "/admin/account/tokens/{}/remove"])
@pytest.mark.parametrize("number", [2**31, 2**53, 2**63, 10**30])
def test_no_number_is_too_large_to_be_nobodys(desk: Desk, path: str, number: int) -> None:
    refused(desk.sends(path.format(number), page="/admin/account"), 404)
