"""The gate of hostile text: a service into whose every field it was written by every way, and all that shows it.

Functions that return faults, so that the power check can see them red.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from service import database, pages, text
from service.errors import Invalid
from service.people import audit, operators, tokens
from service.people.audit import COMMAND_LINE, Actor
from service.policy import settings
from service.policy.presets import RULES
from service.text import clean, safe_url
from service.transfer import load, wordpress
from tests import oracle
from tests.api.desk import Desk, seated
from tests.cli.test_import import comment, export, item
from tests.conftest import NOW, ORIGIN, standing_app, stored

ADMIN = "/api/v1/admin"
#: what a stage of its own is given: its output is judged without the others
STAGES: dict[str, Callable[[], Callable[[str], str]]] = {
    "bleach": lambda: clean.scrub,
    "nh3": lambda: clean.net,
    "nh3 alone": lambda: clean.sift,
    "both": lambda: clean.sanitize,
}


def faults_of_stages(vectors: Sequence[str]) -> list[tuple[str, str, list[str]]]:
    """Return what is active in what the sanitisers leave of raw markup, each of them alone."""
    found = []
    for name, stage in STAGES.items():
        for vector in vectors:
            left = stage()(vector.encode("utf-8", "replace").decode())
            faults = [each for each in oracle.active(left) if "without rel" not in each]
            found += [(name, vector, faults)] if faults else []
    return found


def faults_of_rendering(vectors: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return what must not be in the HTML of comments with those bodies, typed and imported."""
    found = []
    for vector in vectors:
        for body in (vector, text.markdown_from_html(vector, newlines=True)):
            with suppress(Invalid, ValueError):
                html = text.to_html(text.clean_body(body)).html
                found += [(vector, faults)] if (faults := oracle.faults_of(html, ("div",))) else []
                # the net is the maintained half: what it would leave of the output is the output
                found += [(vector, ["nh3 would leave something else"])] if clean.sift(html) != html else []
    return found


@dataclass
class House:
    """A service, and everybody who writes there."""

    app: Flask
    client: FlaskClient
    desk: Desk
    token: str
    folder: Path
    statuses: dict[str, list[int]] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    def asks(self, way: str, method: str, path: str, key: str = "", env: Any = None, **sent: Any) -> TestResponse:
        """Send a request and note how it was answered; whatever is answered is no fault of ours and no page."""
        headers = {"Origin": ORIGIN} | ({"Authorization": f"Bearer {key}"} if key else {})
        answer = self.client.open(
            path, method=method, headers=headers, environ_base=env or {}, **({"json": sent} if sent else {})
        )
        self.statuses.setdefault(way, []).append(answer.status_code)
        if answer.status_code >= 500:
            self.faults.append((way, answer.text))
        elif answer.status_code != 204:
            self.faults += [(way, fault) for fault in faults_of_json(answer)]
        return answer

    def writes(self, vector: str, number: int) -> None:
        """Write a hostile string as a reader, into every field that readers have."""
        line, api, by = vector[:60], "/api/v1/comments", {"author": {"name": "Ann"}}
        said = {"title": vector[:300], "id": f"{number} {line}", "author": {"name": f"A{line}"}}
        first = self.asks("POST", "POST", api, page=f"{ORIGIN}/{number // 20}", body=vector, **by)
        second = self.asks("POST fields", "POST", api, page=f"{ORIGIN}/x", body=f"Hello {number}.", **said)
        self.ids += [answer.json["comment"]["id"] for answer in (first, second) if answer.status_code == 201]
        last = {"email": vector} if number % 2 else {"website": vector}
        self.asks(
            f"POST {min(last)}", "POST", api, page=f"{ORIGIN}/0", body=f"I {number}.", author=last | {"name": "B"}
        )
        if second.status_code == 201:
            own, key = f"{api}/{second.json['comment']['id']}", second.json["reader_key"]
            self.asks("PATCH", "PATCH", own, key, body=vector)
            # addresses are limited, too
            from_there = {"REMOTE_ADDR": f"10.{number >> 8}.{number & 255}.1"}
            self.asks("report", "POST", f"{own}/report", "S" * 39 + f"{number:04}", from_there, reason=line)
        self.asks("preview", "POST", "/api/v1/preview", body=vector)
        if number % 4 == 0:
            self.asks("POST page", "POST", api, page=f"{ORIGIN}/x/{vector}", body=f"We {number}.", **by)

    def moderates(self, vector: str, number: int) -> None:
        """Write a hostile string as an operator, into every field that operators have."""
        line, one, key = vector[:60], self.ids[number % len(self.ids)], self.token
        page = next(int(row["page_id"]) for row in stored("comments") if row["id"] == one)
        comment, of_page, frozen = f"{ADMIN}/comments/{one}", f"{ADMIN}/pages/{page}", f"{ADMIN}/sites/frozen"
        self.asks("revise", "PATCH", comment, key, body=vector, name=line, reason=line)
        self.asks("revise website", "PATCH", comment, key, website=vector)
        self.asks("answer", "POST", f"{comment}/answers", key, body=vector)
        self.asks("decide", "POST", f"{ADMIN}/decisions", key, ids=[one], decision="approve", reason=line)
        self.asks("describe", "PATCH", of_page, key, title=vector[:300])
        self.asks("describe url", "PATCH", of_page, key, url=vector)
        if number % 3 == 0:
            self.asks("close", "POST", f"{ADMIN}/pages", key, act="close", ids=[page], reason=line)
        self.asks("freeze", "POST", f"{frozen}/freeze", key, reason=line)
        self.asks("closing", "PUT", f"{frozen}/closing", key, after_comments=1, reason=line)
        self.asks("ban", "POST", f"{ADMIN}/bans", key, kind="name", value=line, site="frozen", reason=line)
        words = {"hold_words": [line], "spam_words": [line]}
        self.asks("words", "PATCH", f"{frozen}/rules", key, settings=words)
        self.asks("site", "POST", f"{ADMIN}/sites", key, name=line, origins=[vector])
        self.asks("operator", "POST", f"{ADMIN}/operators", key, name=line, role="moderator", sites=["frozen"])
        self.asks("token", "POST", f"{ADMIN}/account/tokens", key, name=line, scopes=["read"], days=1)

    def imports(self, vectors: Sequence[str]) -> None:
        """Bring hostile strings over from a WordPress, in every field of its export."""
        found = [
            comment(number, content=vector, author=vector, author_url=vector, author_email=vector)
            for number, vector in enumerate(_xml_can_hold(vectors), 1)
        ]
        title = escape("".join(_xml_can_hold(vectors[:5])))
        exported = export(self.folder, item(*found, link=f"{ORIGIN}/imported", title=title))
        with exported.open("rb") as file:
            records = wordpress.read(file)
            done = load.merge(pages.get_site("blog"), "wordpress", records, NOW, COMMAND_LINE, dry_run=False)
        self.statuses["import"] = [201] * done.comments

    def forces(self, vectors: Sequence[str]) -> None:
        """Put hostile strings where text is stored, past all that judges it: what shows it stands alone."""
        whole = [vector.replace("\x00", "").encode("utf-8", "replace").decode() for vector in vectors]
        with database.write() as connection:
            # each database has a name for where a row lies, and a mark for a value
            row_id, mark = ("rowid", "?") if connection.dialect.name == "sqlite" else ("ctid", "%s")
            for table, columns in FORCED.items():
                rows = connection.exec_driver_sql(f"SELECT {row_id} FROM {table}").scalars().all()
                assert rows, f"nothing in {table}"
                # several in each, so that all of them are somewhere, however few rows there are
                given = ", ".join(f"{column} = {mark}" for column in columns)
                asked = f"UPDATE {table} SET {given} WHERE {row_id} = {mark}"
                for place, row in enumerate(rows):
                    heap = " ".join(whole[place :: len(rows)]) or whole[place % len(whole)]
                    held = [heap[: _room(connection, table, column)] for column in columns]
                    connection.exec_driver_sql(asked, (*held, row))
            connection.exec_driver_sql("UPDATE pages SET version = version + 1")
            for each in whole:  # of the log nothing can be changed
                who, what, why = (each[: _room(connection, "audit", name)] for name in ("actor", "subject", "reason"))
                audit.record(connection, Actor(who, "web"), "site.remove", NOW, subject=what, reason=why)

    def shows(self) -> list[tuple[str, str]]:
        """Return what is active in all that shows any of it: the API, the plain page, the operators', exports.

        An address in the API is no link yet: who makes one of it judges it.
        """
        found = []
        for page in [each for each in stored("pages") if each["count"] > 1]:
            query = {"page": page["url"]}
            found += [
                ("thread", each) for each in faults_of_json(self.client.get("/api/v1/thread", query_string=query))
            ]
            plain = self.client.get("/thread", query_string=query)
            found += [("plain page", each) for each in oracle.faults_of_page(plain.text)]
        for path in self._desks():
            answer = self.desk.client.get(path)
            if answer.mimetype == "text/html":
                found += [(path, each) for each in oracle.faults_of_page(answer.text, ("/static/admin.js",))]
            elif answer.mimetype != "image/svg+xml":
                found += [
                    (path, "no JSON")
                    for line in answer.text.strip().split("\n")
                    if not isinstance(json.loads(line), dict | list)
                ]
        for path in ("queue?view=all", "pages", "audit", "bans", "operators", "sites", "account/tokens"):
            answer = self.client.get(f"{ADMIN}/{path}", headers={"Authorization": f"Bearer {self.token}"})
            found += [(path, each) for each in faults_of_json(answer)]
        return found

    def _desks(self) -> Iterator[str]:
        """Yield the addresses of the operators' pages: all lists to their ends, and some of what is listed."""
        for path in ("queue?view=all", "pages?state=all", "audit"):
            waiting, seen = [f"/admin/{path}"], set[str]()
            while waiting:
                seen.add(address := waiting.pop())
                yield address
                found = re.findall(r'href="([^"]*[?;](?:after|before)=[^"]*)"', self.desk.client.get(address).text)
                further = {urljoin(address, unescape(each)) for each in found} - seen
                waiting += sorted(further)[:1] if len(seen) < 8 else []
        yield from (
            f"/admin/{path}" for path in ("bans", "sites", "operators", "account", "rules/frozen", "sites/frozen")
        )
        yield from ("/admin/audit/export", "/admin/spam", "/admin/spam/export")
        yield from (f"/admin/comments/{row['id']}" for row in stored("comments")[::40])
        yield from (f"/admin/pages/{row['id']}" for row in stored("pages")[::20])


#: text that is stored as it was written, by table
FORCED = {
    "comments": ("body", "name", "email", "website", "rule", "address"),
    "comment_edits": ("body", "name", "website"),
    "pages": ("title", "closed_reason"),
    "reports": ("reason",),
    "bans": ("value", "reason"),
    "tokens": ("name",),
}


def _room(connection: Connection, table: str, column: str) -> int | None:
    # SQLite minds no column's length
    if connection.dialect.name == "sqlite":
        return None
    length: int | None = getattr(database.Base.metadata.tables[table].c[column].type, "length", None)
    return length


def faults_of_json(answer: TestResponse) -> list[str]:
    """Return what is active in an answer of the API: HTML that is not safe, addresses that are none."""
    if answer.mimetype not in ("application/json", "application/problem+json"):
        return [f"it is {answer.mimetype}"]
    return list(_judged(json.loads(answer.text)))


def _judged(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _judged(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == "html":
                yield from oracle.faults_of(each, ("div",))
            elif name == "website" and isinstance(each, str) and each and safe_url(each) != each:
                yield f"website {each!r}"
            else:
                yield from _judged(each)


def _xml_can_hold(vectors: Sequence[str]) -> list[str]:
    return [re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", vector) for vector in vectors]


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """Open a service with two sites and an owner, its data in a folder."""
    with time_machine.travel(NOW, tick=False):
        app = standing_app(folder)
        app.extensions["afterword"] = replace(app.extensions["afterword"], limit_acts=())
        with app.app_context():
            pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
            pages.add("frozen", ["https://frozen.example"], NOW, COMMAND_LINE)
            settings.change("blog", {"publish": "all", "off": list(RULES)}, COMMAND_LINE, NOW)
            desk = seated(app, "ann", "owner")
            token = tokens.make("ann", "gate", operators.SCOPES, None, COMMAND_LINE, NOW)[1]
            yield House(app, app.test_client(use_cookies=False), desk, token, folder)
