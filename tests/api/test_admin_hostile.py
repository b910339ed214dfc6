"""Nothing that operators are shown is markup, whatever stands in a comment, its page, a report or an address."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql
from sqlalchemy import update
from werkzeug.test import TestResponse

from service import comments, database
from service.models import CommentEdit
from service.people.audit import COMMAND_LINE
from tests.api.desk import Desk, put, text, tree
from tests.conftest import NOW, Reader

QUEUE = "/admin/queue"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'></textarea><b>&amp;{{7*7}}"


@pytest.fixture
def hostile(desk: Desk, reader: Reader) -> int:
    """A comment all of whose fields are markup, as none can become by a door."""
    asked = reader.posts("Hello.").json["comment"]["id"]
    made = int(reader.posts("Hello again.", parent=asked).json["comment"]["id"])
    sent = {"json": {"reason": HOSTILE[:300]}, "headers": Reader(reader.client, key="B" * 43).headers()}
    assert reader.client.post(f"/api/v1/comments/{made}/report", **sent).status_code < 300
    comments.revise(made, comments.load_revision({"body": "Other."}), COMMAND_LINE, NOW, HOSTILE)
    for each in (asked, made):
        put(each, body=HOSTILE, name=HOSTILE, email=HOSTILE, website=HOSTILE, rule=HOSTILE[:40], address=HOSTILE,
            why='["<script>1</script>", "<img src=x>"]')  # fmt: skip
    with database.write() as connection:
        connection.execute(sql("UPDATE pages SET title = CAST(:it AS text), url = CAST(:it AS text)"), {"it": HOSTILE})
        for column in ("body", "name", "website"):
            room = CommentEdit.__table__.columns[column].type.length
            connection.execute(update(CommentEdit).values({column: HOSTILE[:room]}))
    return made


def inert(page: TestResponse) -> None:
    """Check that nothing of a page is active but what belongs to it."""
    for node in tree(page).iter():
        assert isinstance(node.tag, str)
        assert node.tag not in ("img", "iframe", "svg", "object", "style", "base", "b"), node.tag
        if node.tag == "script":
            assert (node.get("src"), node.text) == ("/static/admin.js", None)
        assert not [name for name in node.attrib if name.startswith("on")], node.attrib
        for name in ("href", "action", "src"):
            value = node.get(name) or "/"
            assert value.startswith(("/", "https:", "#")) or value.startswith(HOSTILE), value
    assert "49" not in text(page).replace("comment-49", "")


def test_what_is_shown_is_text(desk: Desk, hostile: int) -> None:
    for path in (f"{QUEUE}?view=all", f"{QUEUE}?view=reported", f"/admin/comments/{hostile}"):
        page = desk.opens(path)
        inert(page)
        assert text(page).count("<script>alert(1)</script>") > 5


def test_what_is_asked_for_is_text(desk: Desk) -> None:
    for name in ("view", "site", "page", "author", "rule", "text", "from", "to", "order", "after", "did", "left", "x"):
        inert(desk.client.get(QUEUE, query_string={name: HOSTILE}))
