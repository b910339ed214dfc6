"""An operator at the admin pages: a browser with cookies that opens pages and sends their forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from service import database
from service.models import Comment
from service.people import operators, passwords
from service.people.audit import COMMAND_LINE
from service.people.operators import Operator
from tests.conftest import NOW

COOKIE = "__Host-afterword"
PASSWORD = "a clock that is right twice"
#: what browsers add to a form of a page that sends no referrer
SAME = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}


def tree(answer: TestResponse) -> Element:
    """Return a page as a browser reads it."""
    assert answer.mimetype == "text/html", answer.text
    return html5lib.parse(answer.text, namespaceHTMLElements=False)


def text(answer: TestResponse) -> str:
    """Return what a page says, white space collapsed."""
    return " ".join("".join(tree(answer).find("body").itertext()).split())


def add(name: str = "ann", role: str = "owner", sites: list[str] | None = None) -> Operator:
    """Make an operator with PASSWORD. In the application's context."""
    with database.write() as connection:
        operators.insert_operator(connection, name, role, sites, _hashed(), COMMAND_LINE, NOW)
    return operators.get(name)


@cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)  # once: it is made to take its time


@dataclass
class Desk:
    """The operator."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=lambda: dict(SAME))

    def opens(self, path: str, status: int = 200, **headers: str) -> TestResponse:
        """Open a page."""
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == status, f"{answer.status_code} {answer.headers.get('Location')} {answer.text}"
        return answer

    def token(self, path: str) -> str:
        """Return the token of the forms of a page."""
        found = re.findall(r'name="csrf" value="([^"]+)"', self.opens(path).text)
        assert found, f"no form at {path}"
        return found[-1]

    def sends(
        self, path: str, *, page: str | None = None, headers: dict[str, str] | None = None, **typed: Any
    ) -> TestResponse:
        """Send a form: that of `page`, or of the path itself."""
        sent = {"csrf": self.token(page or path)} | typed
        return self.client.post(path, data=sent, headers=self.headers if headers is None else headers)

    def signs_in(self, name: str = "ann", password: str = PASSWORD, **typed: str) -> TestResponse:
        """Send the sign-in form, which was opened before anybody was signed in."""
        fresh = Desk(self.client.application.test_client(use_cookies=False)).token("/admin/sign-in")
        sent = {"csrf": fresh, "name": name, "password": password} | typed
        return self.client.post("/admin/sign-in", data=sent, headers=self.headers)

    def cookie(self) -> str | None:
        """Return the session's cookie."""
        kept = self.client.get_cookie(COOKIE)
        return kept.value if kept is not None else None

    def turns_totp_on(self, timestamp: float) -> tuple[pyotp.TOTP, list[str]]:
        """Set up the second factor; return the app, and the recovery codes."""
        page = tree(self.opens("/admin/account/totp"))
        key = next("".join(each.itertext()) for each in page.iter("code") if each.get("class") == "key")
        app = pyotp.TOTP(key.replace(" ", ""))
        answer = self.sends("/admin/account/totp", code=app.at(timestamp), current=PASSWORD)
        assert answer.status_code == 200, answer.text
        return app, ["".join(each.itertext()) for each in tree(answer).iter("code")]


def seated(app: Flask, name: str, role: str, sites: list[str] | None = None) -> Desk:
    """Make an operator, and return the browser in which they are signed in."""
    add(name, role, sites)
    desk = Desk(app.test_client())
    assert desk.signs_in(name).status_code == 303
    return desk


def put(comment_id: int, **values: Any) -> None:
    """Set columns of a comment, as they could be after an import or under other rules; text where there is room."""
    for name, value in values.items():
        room = getattr(Comment.__table__.columns[name].type, "length", None)
        if room is not None and not database.is_embedded():
            values[name] = value and value[:room]
    with database.write() as connection:
        connection.execute(update(Comment).where(Comment.id == comment_id).values(**values))


def refused(answer: TestResponse, status: int, said: str = "") -> None:
    """Check that something was refused, on a page that says why."""
    assert answer.status_code == status, answer.text
    assert said in text(answer), text(answer)
