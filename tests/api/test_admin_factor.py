"""A service that asks its operators for a second factor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from tests.api.desk import Desk, add, refused, text
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("needed", "role", "due"),
    [
        ("owners", "owner", True),
        ("everybody", "moderator", True),
        ("owners", "moderator", False),
        ("optional", "owner", False),
    ],
)
def test_where_it_is_asked_for_nothing_goes_before_it(
    make_app: Callable[..., Flask], clock: TimeMachineFixture, needed: str, role: str, due: bool
) -> None:
    app = make_app(second_factor=needed)
    with app.app_context():
        add("eve", role)
        desk = Desk(app.test_client())
        desk.signs_in("eve")
        if not due:
            desk.opens("/admin/account")
            return
        for path in ("/admin/", "/admin/queue", "/admin/account"):
            assert desk.opens(path, 303).headers["Location"] == "/admin/account/totp"
        page = "/admin/account/totp"
        refused(desk.sends("/admin/account/sessions/end-others", page=page), 403, "Set up the second factor first")
        assert "asks for a second factor" in text(desk.opens(page))
        desk.turns_totp_on(NOW.timestamp())
        desk.opens("/admin/account")
        assert desk.sends("/admin/sign-out", page="/admin/account").status_code == 303
