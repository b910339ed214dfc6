"""Who asks for a comment by its number learns nothing of one that waits, was marked or was deleted (A13)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service import pages
from service.people.audit import COMMAND_LINE
from service.policy import bans
from tests.api.desk import put
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, PAGE, Operator, Reader, stored

ABSENT = 4711
WAYS: dict[str, tuple[str, str, Any]] = {
    "edit": ("PATCH", "/comments/{}", {"body": "Another text."}),
    "delete": ("DELETE", "/comments/{}", None),
    "restore": ("POST", "/comments/{}/restore", None),
    "vote": ("PUT", "/comments/{}/vote", {"value": 1}),
    "vote down": ("PUT", "/comments/{}/vote", {"value": -1}),
    "report": ("POST", "/comments/{}/report", {"reason": "Rude."}),
    "below": ("GET", f"/thread?page={PAGE}&parent={{}}", None),
    "around": ("GET", f"/thread?page={PAGE}&at={{}}", None),
}
STATES: dict[str, dict[str, Any]] = {
    "pending": {"state": "pending"},
    "spam": {"state": "spam"},
    "deleted": {"state": "deleted"},
    "being erased": {"state": "deleted", "erased_state": "published", "erase_at": datetime(2100, 1, 1, tzinfo=UTC)},
    "hidden": {"state": "spam", "shadow": True, "told": "published"},
}
KEYS = {"another reader": "B" * 43, "nobody": None, "no key": "x"}
#: what stands in the way of all of them, so that another refusal could come first
CIRCUMSTANCES = ("open", "closed", "no votes", "banned", "another site", "no site", "no origin")


def asks(reader: Reader, way: str, comment_id: int) -> TestResponse:
    """Ask for a comment in one of WAYS."""
    method, path, sent = WAYS[way]
    path = f"/api/v1{path.format(comment_id)}"
    return reader.client.open(path, method=method, headers=reader.headers(), **({"json": sent} if sent else {}))


def told(answer: TestResponse, comment_id: int) -> tuple[int, list[tuple[str, str]], str]:
    """Return all of an answer but the number that was asked for, and what is another in every answer."""
    headers = [each for each in answer.headers if each[0] not in ("X-Request-Id", "Server-Timing")]
    return answer.status_code, sorted(headers), answer.text.replace(str(comment_id), "…")


@pytest.fixture
def hidden(reader: Reader) -> int:
    """A comment of some reader's, to be hidden by the test."""
    reader.posts()  # one that stays, or the page would be as new
    number = int(reader.posts("Hello again.").json["comment"]["id"])
    put(number, id=8216)  # as long as ABSENT, and found nowhere else in an answer
    return 8216


@pytest.mark.parametrize("circumstance", CIRCUMSTANCES)
@pytest.mark.parametrize("who", KEYS)
@pytest.mark.parametrize("state", STATES)
def test_a_comment_that_is_not_shown_is_as_if_it_were_not_there(
    reader: Reader, operator: Operator, hidden: int, state: str, who: str, circumstance: str
) -> None:
    origin: str | None = {"another site": OTHER_ORIGIN, "no site": "https://evil.example", "no origin": None}.get(
        circumstance, ORIGIN
    )
    asker = Reader(reader.client, origin, KEYS[who])
    if circumstance == "another site":
        pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    if circumstance == "closed":
        operator.closes()
    if circumstance == "no votes":
        operator.runs("site", "set", "blog", "--votes", "off")
    if circumstance == "banned":
        bans.add("address", "127.0.0.1", COMMAND_LINE, NOW)
    put(hidden, **STATES[state])
    for way in WAYS:
        theirs, nobodys = asks(asker, way, hidden), asks(asker, way, ABSENT)
        assert told(theirs, hidden) == told(nobodys, ABSENT), way
        assert theirs.status_code >= 400
    assert next(row for row in stored("comments") if row["id"] == hidden)["up"] == 0
    assert stored("reports") == []


@pytest.mark.parametrize("state", STATES)
def test_a_reply_to_it_is_refused_alike(reader: Reader, hidden: int, state: str) -> None:
    put(hidden, **STATES[state])
    stranger = Reader(reader.client)
    answers = [stranger.posts("A reply.", parent=number) for number in (hidden, ABSENT)]
    assert told(answers[0], hidden) == told(answers[1], ABSENT)
    assert answers[0].status_code == 422


@pytest.mark.parametrize(
    ("state", "way", "status"),
    [("pending", "edit", 200), ("pending", "delete", 200), ("hidden", "edit", 200), ("being erased", "restore", 200)],
)
def test_to_its_author_it_is_there(reader: Reader, hidden: int, state: str, way: str, status: int) -> None:
    put(hidden, **STATES[state])
    assert asks(reader, way, hidden).status_code == status


def test_the_check_itself_sees_a_difference(reader: Reader, hidden: int) -> None:
    stranger = Reader(reader.client, key="B" * 43)
    assert told(asks(stranger, "vote", hidden), hidden) != told(asks(stranger, "vote", ABSENT), ABSENT)
