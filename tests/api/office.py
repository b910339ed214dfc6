"""Everybody who may ask something of the operators' pages, and all that they may ask about."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import pyotp
import time_machine
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from service import comments, database, pages
from service.people import invitations, tokens, totp
from service.people.audit import COMMAND_LINE
from service.policy import bans, settings
from tests.api.desk import COOKIE, SAME, Desk, add, put, tree
from tests.conftest import NOW, ORIGIN, PAGE, fill, standing_app, stored
from tests.restored import Restored

#: nobody; an owner whose second factor is still to come; a moderator of another site, of this one, of all; an owner
PRINCIPALS = ("nobody", "half", "elsewhere", "here", "everywhere", "owner")

#: this site, in whose data nobody from elsewhere may look
SITE, HOST = "cellar", "https://cellar.example"
URL, TITLE, BODY, NAME, EMAIL = f"{HOST}/wine", "Under the stairs", "The claret is gone.", "Edmund", "ed@post.example"
BANNED, REASON, WORD, FROZEN = "mallory", "He drank it.", "absinthe", "The key is lost."
SECRETS = (SITE, HOST, TITLE, BODY, NAME, EMAIL, BANNED, REASON, WORD, FROZEN)
#: forms by which one comes in belong to no session
ENTRANCES = ("/sign-in", "/setup", "/password")


@dataclass
class Seat:
    """Somebody's browser: its cookie, the token of its forms, and what of the account can be named in a request."""

    cookie: str
    csrf: str
    things: dict[str, object]


@dataclass
class Office:
    """The application with all that there is, and everybody who asks."""

    app: Flask
    seats: dict[str, Seat]
    unbound: str
    things: dict[str, object]
    restored: Restored

    def asks(
        self, who: str, method: str, rule: str, given: dict[str, Any], **other: object
    ) -> tuple[TestResponse, str]:
        """Send a request, with other things where they are named; return the answer and all that was said in asking."""
        seat = self.seats[who]
        things = self.things | seat.things | other
        things["name"] = things["operator"] if rule.startswith("/operators") else things["site"]
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda named: str(things[named[1]]), rule)
        sent = {name: _filled(value, things) for name, value in given.items()}
        asked = f"{path} {sent}"
        client = self.app.test_client()
        if seat.cookie:
            client.set_cookie(COOKIE, seat.cookie)
        if method == "GET":
            return client.get(f"/admin{path}", query_string=sent), asked
        if "file" in sent:
            sent["file"] = (io.BytesIO(sent["file"].encode()), "filter.jsonl")
        sent["csrf"] = self.unbound if rule.startswith(ENTRANCES) else seat.csrf
        return client.post(f"/admin{path}", data=sent, headers=SAME), asked


def _filled(value: Any, things: dict[str, object]) -> Any:
    return Template(value).safe_substitute(things) if isinstance(value, str) else value


@contextmanager
def open_office(folder: Path) -> Iterator[Office]:
    """Open the office, at NOW, with its data in a folder."""
    with time_machine.travel(NOW, tick=False):
        app = standing_app(folder)
        with app.app_context():
            things = _arranged()
            seats = {who: _seated(app, who) for who in PRINCIPALS}
            for who in ("nobody", "half"):
                seats[who].things = seats["owner"].things | seats[who].things
            unbound = Desk(app.test_client()).token("/admin/sign-in")
            yield Office(app, seats, unbound, things, Restored(app))


def _arranged() -> dict[str, object]:
    """Make the sites `blog` and SITE, and return what can be named in a request."""
    pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
    site = pages.add(SITE, [HOST], NOW, COMMAND_LINE)
    fill(1, page=PAGE, body="A fine clock.")
    first, second = fill(2, page=URL, body=BODY)
    for each in (first, second):
        put(each, name=NAME, email=EMAIL)
    page = next(row["id"] for row in stored("pages") if row["url"] == URL)
    with database.write() as connection:
        connection.execute(text("UPDATE pages SET title = :title WHERE id = :id"), {"title": TITLE, "id": page})
    batch = comments.moderate([second], "pending", COMMAND_LINE, NOW, REASON).batch
    ban = bans.add("name", BANNED, COMMAND_LINE, NOW, site_id=site.id, reason=REASON)
    settings.change(SITE, {"hold_words": [WORD]}, COMMAND_LINE, NOW)
    add("nora", "moderator", [SITE])
    link = invitations.for_password("nora", COMMAND_LINE, NOW)
    things: dict[str, object] = {"site": SITE, "comment_id": first, "page_id": page, "url": URL, "ban_id": ban.id}
    return things | {"batch": batch, "act": "close", "operator": "nora", "token": link}


ACCOUNTS: dict[str, tuple[str, str, list[str] | None]] = {
    "half": ("olga", "owner", None),
    "elsewhere": ("mia", "moderator", ["blog"]),
    "here": ("noah", "moderator", [SITE]),
    "everywhere": ("max", "moderator", None),
    "owner": ("ann", "owner", None),
}


def _seated(app: Flask, who: str) -> Seat:
    desk = Desk(app.test_client())
    if who == "nobody":
        return Seat("", desk.token("/admin/sign-in"), {"code": "000000"})
    name, *access = ACCOUNTS[who]
    known = add(name, *access)
    if who == "half":
        device = pyotp.TOTP(pyotp.random_base32())
        with database.write() as connection:
            totp.put(connection, known.id, device.secret, 0)
        desk.signs_in(name)
        return Seat(desk.cookie() or "", desk.token("/admin/code"), {"code": device.at(NOW)})
    Desk(app.test_client()).signs_in(name)
    (other,) = (row["id"] for row in stored("sessions") if row["operator_id"] == known.id)
    desk.signs_in(name)
    token, _ = tokens.make(name, "script", ["read"], None, COMMAND_LINE, NOW)
    page = tree(desk.opens("/admin/account/totp"))
    key = next("".join(each.itertext()) for each in page.iter("code") if each.get("class") == "key")
    code = pyotp.TOTP(key.replace(" ", "")).at(NOW)
    things = {"session_id": other, "token_id": token.id, "code": code}
    return Seat(desk.cookie() or "", desk.token("/admin/account"), things)
