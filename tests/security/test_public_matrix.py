"""What anybody may learn of a comment by a route for readers: every route by the URL map, every state, everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.conftest import PAGE, stored
from tests.security.forum import NEVER, PRINCIPALS, STATES, Forum, addressed, open_forum, states_told

SHOWN = {"body", "name", "website"}
ALL = SHOWN | {"email"}
Told = dict[str, set[str]]
NOTHING: Told = {}
PUBLIC: Told = {"published": SHOWN}


class Row(NamedTuple):
    """What is sent, in turn; how each of PRINCIPALS is answered; what may then be told of the comments.

    Statuses are those of all STATES, or one for each of them. What its author alone may be told is `own`.
    """

    sent: list[dict[str, Any]]
    statuses: tuple[int | tuple[int, ...], ...]
    everybody: Told = NOTHING
    own: Told = NOTHING


def query(**further: str) -> dict[str, Any]:
    return {"query_string": {"page": "{page}"} | further}


NEW = {"page": "{page}", "body": "New.", "parent": "{id}"}
#: of a comment that everybody sees, and of one that only its author does
SEEN, HIDDEN = (200, 404, 404, 404, 404, 404), (200, 200, 200, 404, 404, 200)
ONE = "/api/v1/comments/<comment_id>"
#: nothing of it hangs on a comment
FILE = Row([{}], (200,) * 4)
#: every route that is not for operators: without the kinds of what is in an address
MATRIX: dict[tuple[str, str], Row] = {
    ("POST", "/api/v1/comments"): Row(
        [{"json": NEW | {"author": {"name": "Eve"}}}],
        ((201, *[422] * 5), (201, *[422] * 5), 403, (201, *[422] * 4, 201)),
    ),
    # the text is the new one then
    ("PATCH", ONE): Row(
        [{"json": {"body": "New."}}],
        (401, 404, 403, HIDDEN),
        own={state: SHOWN - {"body"} for state in ("published", "pending", "spam", "shadow")},
    ),
    ("DELETE", ONE): Row([{}], (401, 404, 403, HIDDEN)),
    ("POST", f"{ONE}/restore"): Row([{}], (401, 404, 403, (404, 404, 404, 404, 200, 404)), own={"erased": SHOWN}),
    ("PUT", f"{ONE}/vote"): Row(
        [{"json": {"value": 1}}, {"json": {"value": 0}}],
        (401, SEEN, 403, (403, 404, 404, 404, 404, 403)),
        {"published": SHOWN},
    ),
    ("POST", f"{ONE}/report"): Row(
        [{"json": {"reason": "Rude."}}], (401, (204, *SEEN[1:]), 403, (204, 404, 404, 404, 404, 204))
    ),
    ("POST", "/api/v1/preview"): Row([{"json": {"body": "New."}}], (200,) * 4),
    ("GET", "/api/v1/form"): Row([query()], (200, 200, 403, 200)),
    # the same for all who ask
    ("GET", "/api/v1/thread"): Row(
        [query(at="{id}"), query(parent="{id}"), *(query(sort=each) for each in ("oldest", "newest", "best"))],
        (200,) * 4,
        PUBLIC,
    ),
    ("GET", "/api/v1/counts"): Row([query()], (200,) * 4),
    ("GET", "/api/v1/reader"): Row(
        [query(), query(all="true")], (401, 200, 403, 200), own=dict.fromkeys(STATES, ALL)
    ),
    ("DELETE", "/api/v1/reader"): Row([query()], (401, 200, 403, 200)),
    ("GET", "/thread"): Row(
        [query(at="{id}"), query(reply="{id}"), query(parent="{id}"), query(sort="best"), query(held="1")],
        (200,) * 4,
        PUBLIC,
    ),
    ("POST", "/thread"): Row([{"data": NEW | {"name": "Eve", "token": "x"}}], (403,) * 4, PUBLIC),
    ("GET", "/"): FILE,
    ("GET", "/problems/<code>"): FILE,
    ("GET", "/openapi.json"): FILE,
    ("GET", "/healthz"): FILE,
    ("GET", "/readyz"): Row([{}], (503,) * 4),  # nobody does what must be done from time to time
    ("GET", "/metrics"): FILE,
    ("GET", "/count.js"): FILE,
    ("GET", "/embed.js"): FILE,
    ("GET", "/more.js"): FILE,
    ("GET", "/locales/<code>.json"): FILE,
    ("GET", "/static/<filename>"): FILE,
}  # fmt: skip


def served(app: Flask) -> dict[tuple[str, str], str]:
    """Return the routes for readers, by method and address as MATRIX has it."""
    return {
        (method, re.sub(r"<(?:[^<>]*:)?(\w+)>", r"<\1>", rule.rule)): rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(("/admin", "/api/v1/admin"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


#: words that a route may know, now or one day
GUESSES: list[dict[str, str]] = [
    {"page": "{page}"},
    {"page": "{page}", "since": "0"},
    {"page": "{page}", "at": "{id}"},
    {"page": "{page}", "parent": "{id}"},
    {"page": "{page}", "all": "true"},
    {"page": "{page}", "before": "{id}", "state": "all"},
    {"page": "{page}", "comment": "{id}", "view": "all"},
    {"id": "{id}"},
]
#: why a comment is not shown, which its author must not learn either
UNSAID = ('"spam"', '"shadow"', '"rule"')


def faults(shown: str, may: Told) -> list[str]:
    """Return what a text tells that it may not."""
    found = [
        f"{state}: {field}" for state, fields in states_told(shown).items() for field in fields - may.get(state, set())
    ]
    return found + [name for name, word in NEVER.items() if word in shown]


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """One application for all cases."""
    with open_forum(tmp_path_factory.mktemp("forum")) as opened:
        yield opened


def test_every_route_has_its_row(forum: Forum) -> None:
    assert set(served(forum.app)) == set(MATRIX)


def test_no_row_tells_anybody_but_its_author_of_a_comment_that_is_not_shown() -> None:
    assert [asked for asked, row in MATRIX.items() if row.everybody not in (NOTHING, PUBLIC)] == []


def _asked(forum: Forum, who: str, method: str, rule: str) -> list[str]:
    """Send all that a row says, for a comment of each state; return what is wrong with the answers."""
    row = MATRIX[method, rule]
    expected = row.statuses[PRINCIPALS.index(who)]
    path, wrong = served(forum.app)[method, rule], []
    for place, state in enumerate(STATES):
        status = expected if isinstance(expected, int) else expected[place]
        for given in row.sent:
            answer = forum.sends(who, method, path, state, given)
            said = faults(answer.text, row.everybody | (row.own if who == "author" else NOTHING))
            said += [each for each in UNSAID if path.startswith("/api/") and each in answer.text]
            said += [f"status {answer.status_code}"] if answer.status_code != status else []
            wrong += [f"{state} {given}: {each}" for each in said]
        if row is FILE:
            break
    return wrong


@pytest.mark.parametrize(("method", "rule"), MATRIX)
def test_everybody_is_told_what_is_theirs(forum: Forum, method: str, rule: str) -> None:
    with forum.restored.after(limit_acts=()):  # the author, who may change something, comes last
        assert {who: wrong for who in PRINCIPALS if (wrong := _asked(forum, who, method, rule))} == {}


def test_what_may_be_told_is_told(forum: Forum) -> None:
    # or nothing of the above would prove anything
    with forum.restored.after():
        assert states_told(forum.sends("stranger", "GET", "/api/v1/thread", "published", query()).text) == PUBLIC
        own = forum.sends("author", "GET", "/api/v1/reader", "published", query()).text
    assert states_told(own) == dict.fromkeys(STATES, ALL)
    assert [
        name for name, word in NEVER.items() if not any(word in str(row) for row in forum.restored.at_first.values())
    ] == []


def guessed(forum: Forum, who: str, path: str) -> list[str]:
    """Ask a route for each comment with words that it may or may not know; return what it tells."""
    found = []
    for state, number in forum.ids.items():
        for words in GUESSES:
            asked = {"query_string": {name: value.format(id=number, page=PAGE) for name, value in words.items()}}
            answer = forum.asks(who, "GET", addressed(path, number), **asked)
            found += [f"{path} {state} {words}: {each}" for each in faults(answer.text, PUBLIC)]
        if "<" not in path and not path.startswith(("/api/", "/thread")):
            break  # a file
    return found


@pytest.mark.parametrize("who", ["stranger", "other"])
def test_nor_does_a_guess_make_a_route_tell_more(forum: Forum, who: str) -> None:
    with forum.restored.after():
        paths = [path for (method, _), path in served(forum.app).items() if method == "GET"]
        assert [each for path in paths for each in guessed(forum, who, path)] == []


def test_a_route_that_tells_of_any_comment_is_seen(tmp_path: Path) -> None:
    def raw(comment_id: int) -> str:
        return next(str(row["body"]) for row in stored("comments") if row["id"] == comment_id)

    with open_forum(tmp_path) as planted:
        planted.app.url_map.add(Rule("/api/v1/comments/<int:comment_id>/raw", endpoint="raw", methods=["GET"]))
        planted.app.view_functions["raw"] = raw
        (new,) = served(planted.app).keys() - MATRIX.keys()
        assert new == ("GET", f"{ONE}/raw")
        told = guessed(planted, "stranger", served(planted.app)[new])
    assert {each.split()[1] for each in told} == set(STATES) - {"published"}
