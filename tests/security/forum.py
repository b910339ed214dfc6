"""A page with comments in every state, each with words of its own, and everybody who may ask for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from service import comments, pages
from service.people.audit import COMMAND_LINE
from tests.api.desk import put
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, PAGE, Reader, standing_app, stored
from tests.restored import Restored

#: what a comment may be; `erased` was deleted by its author, who may have it back; `shadow` is hidden without a word
STATES = ("published", "pending", "spam", "deleted", "erased", "shadow")
#: nobody in particular; another reader, whose comments and reports are here too; the author from another site's page;
#: the author
PRINCIPALS = ("stranger", "other", "elsewhere", "author")
#: what nobody is told by any route for readers: what a comment said before, why it was reported, where it came from
NEVER = {"earlier": "zqearlier", "reported": "zqreported", "rule": "zqrule", "why": "zqwhy", "network": "zqnetwork"}


def words(state: str) -> dict[str, str]:
    """Return what is found in the comment of that state and nowhere else; they do not name the state."""
    return {each: f"zq{STATES.index(state)}{each}" for each in ("body", "name", "email", "website")}


def states_told(shown: str) -> dict[str, set[str]]:
    """Return which fields of which states' comments a text holds."""
    found = {state: {field for field, word in words(state).items() if word in shown} for state in STATES}
    return {state: fields for state, fields in found.items() if fields}


@dataclass
class Forum:
    """The application, the comments by their state, and the keys of the principals."""

    app: Flask
    ids: dict[str, int]
    keys: dict[str, str]
    restored: Restored

    def asks(self, who: str, method: str, path: str, **sent: Any) -> TestResponse:
        """Send a request as the widget of a site's page does, or as a browser sends the plain page's form."""
        origin = OTHER_ORIGIN if who == "elsewhere" else ORIGIN
        key = self.keys.get(who)
        headers = {"Origin": origin} | ({"Authorization": f"Bearer {key}"} if key else {})
        if "data" in sent:
            headers |= {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        client = self.app.test_client(use_cookies=False)
        return client.open(path, method=method, headers=headers, buffered=True, **sent)

    def sends(self, who: str, method: str, rule: str, state: str, given: Mapping[str, Any]) -> TestResponse:
        """Send one request of a row: `{id}` stands for the comment of that state, `{page}` for its page."""
        named = {"id": self.ids[state], "page": PAGE}
        sent = {how: {name: _filled(value, named) for name, value in what.items()} for how, what in given.items()}
        return self.asks(who, method, addressed(rule, self.ids[state]), **sent)


def _filled(value: Any, named: Mapping[str, Any]) -> Any:
    if value == "{id}":
        return named["id"]
    return value.format(**named) if isinstance(value, str) else value


def addressed(rule: str, number: object) -> str:
    """Return an address of a rule: what is in it by name is a file or a word, what is a number is that one."""
    path = re.sub(r"<any\(([^),]*)[^)]*\):\w+>", lambda found: found[1].strip("'\" "), rule)
    for known, value in (("problems/<code>", "problems/invalid"), ("<code>", "de"), ("<path:filename>", "front.css")):
        path = path.replace(known, value)
    return re.sub(r"<[^>]+>", str(number), path)


@contextmanager
def open_forum(folder: Path) -> Iterator[Forum]:
    """Open the forum, at NOW, with its data in a folder; what is hidden has a reply that everybody sees."""
    with time_machine.travel(NOW, tick=False):
        app = standing_app(folder)
        with app.app_context():
            pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
            pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
            client = app.test_client(use_cookies=False)
            author, other = Reader(client), Reader(client, key="B" * 43)
            ids = {state: _posted(author, state) for state in STATES}
            for parent in ids.values():
                assert other.posts(f"An answer to {parent}.", parent=parent).status_code == 201
            _hide(author, ids)
            assert author.key
            yield Forum(app, ids, {"other": "B" * 43, "author": author.key, "elsewhere": author.key}, Restored(app))


def _posted(author: Reader, state: str) -> int:
    said = words(state)
    by = {
        "name": said["name"],
        "email": f"{said['email']}@post.example",
        "website": f"https://{said['website']}.example",
    }
    first = author.posts(f"This is {NEVER['earlier']} {state}.", author=by)
    number = int(first.json["comment"]["id"])
    changed = author.client.patch(
        f"/api/v1/comments/{number}", json={"body": f"Here is {said['body']}."}, headers=author.headers()
    )
    assert changed.status_code == 200, changed.text
    return number


def _hide(author: Reader, ids: dict[str, int]) -> None:
    third = Reader(author.client, key="C" * 43)
    for number in ids.values():
        told, path = {"reason": NEVER["reported"]}, f"/api/v1/comments/{number}/report"
        assert third.client.post(path, json=told, headers=third.headers()).status_code == 204
    for state in ("pending", "spam", "deleted"):
        comments.moderate([ids[state]], state, COMMAND_LINE, NOW)
    comments.moderate([ids["shadow"]], "spam", COMMAND_LINE, NOW)
    put(ids["shadow"], shadow=True, told="published")
    gone = author.client.delete(f"/api/v1/comments/{ids['erased']}", headers=author.headers())
    assert gone.status_code == 200, gone.text
    for number in ids.values():
        put(number, rule=NEVER["rule"], why=f'["{NEVER["why"]}"]', address=NEVER["network"])
    assert {row["id"]: row["state"] for row in stored("comments") if row["id"] in ids.values()} == {
        number: {"erased": "deleted", "shadow": "spam"}.get(state, state) for state, number in ids.items()
    }
