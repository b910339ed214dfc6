"""Programs at the operators' API: an owner's and a moderator's, each with a token."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from service.people import tokens
from service.people.audit import COMMAND_LINE
from service.people.operators import SCOPES
from tests.api.desk import Desk, add
from tests.conftest import NOW, stored

ADMIN = "/api/v1/admin"


class Asker:
    """Programs that ask as `olga`, an owner, as `mia`, a moderator of `blog`, or by a token of their own.

    Both operators have PASSWORD. To be made in the application's context.
    """

    def __init__(self, client: FlaskClient) -> None:
        add("olga")
        add("mia", "moderator", ["blog"])
        self.client = client
        self.keys = {"olga": self.key("olga", *SCOPES), "mia": self.key("mia", *SCOPES[:3])}

    def key(self, name: str, *scopes: str, days: int | None = None) -> str:
        """Return a new token of an operator."""
        return tokens.make(name, "test", scopes, days, COMMAND_LINE, NOW)[1]

    def __call__(self, method: str, path: str, who: str = "olga", status: int = 200, **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys.get(who, who)}"}
        answer = self.client.open(f"{ADMIN}{path}", method=method, headers=headers, **sent)
        assert answer.status_code == status, answer.text
        return answer.json if answer.is_json else answer.text


def acts() -> list[tuple[str, str, str]]:
    """Return what the log has of programs: verb, actor, subject."""
    return [(entry["verb"], entry["actor"], entry["subject"]) for entry in stored("audit") if entry["via"] == "api"]


def signed_in(app: Flask, name: str) -> Desk:
    """Return an operator's browser."""
    desk = Desk(app.test_client())
    assert desk.signs_in(name).status_code == 303
    return desk
