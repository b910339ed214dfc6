"""`/api/v1/admin`: who may do what, and what comes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.programs import Arranged, arrange, make_keys
from tests.conftest import ORIGIN, OTHER_ORIGIN, PAGE, Operator, Reader, fill, stored
from tests.restored import contents

ADMIN = "/api/v1/admin"
#: who asks: nobody, a reader, a moderator of another site, one of this site, an owner, an owner's token to read only
PRINCIPALS = ("none", "reader", "other", "moderator", "owner", "reads")
#: what is answered to each of them, in that order
READS = (401, 401, 200, 200, 200, 200)
READS_ONE = (401, 401, 404, 200, 200, 200)
ACTS = (401, 401, 404, 200, 200, 403)
#: a moderator has not the scope, on whichever site
SETS = (401, 401, 403, 403, 200, 403)
SITE = "/sites/<string(maxlength=64):name>"
EMPTY_FILTER = '{"format": "afterword spam filter", "version": 1, "words": 0}'
ERASES = (401, 401, 404, 204, 204, 403)
#: the comment of the test is held, and only what is published can be answered
ANSWERS = (401, 401, 404, 409, 409, 403)
ONE = "/operators/<string(maxlength=64):operator>"
#: of one's own: the session and the token of the test are the moderator's
OWN = (401, 401, 200, 200, 200, 403)
OWN_ONE = (401, 401, 404, 204, 404, 403)
TOKEN = {"name": "x", "scopes": ["read"], "days": 1}
NEW = {"name": "nora", "role": "moderator", "sites": ["blog"]}
#: every route under /api/v1/admin; one that is missing here fails the test
MATRIX: dict[tuple[str, str], tuple[dict[str, Any], tuple[int, ...]]] = {
    ("GET", "/queue"): ({}, READS),
    ("POST", "/decisions"): ({"json": {"ids": [1], "decision": "spam"}}, ACTS),
    ("POST", "/decisions/<string(maxlength=24):batch>/undo"): ({}, ACTS),
    ("GET", "/comments/<int(max=9007199254740991):comment_id>"): ({}, READS_ONE),
    ("PATCH", "/comments/<int(max=9007199254740991):comment_id>"): ({"json": {"body": "Other."}}, ACTS),
    ("DELETE", "/comments/<int(max=9007199254740991):comment_id>"): ({}, ERASES),
    ("POST", "/comments/<int(max=9007199254740991):comment_id>/answers"): ({"json": {"body": "Thanks."}}, ANSWERS),
    ("GET", "/pages"): ({}, READS),
    ("POST", "/pages"): ({"json": {"act": "close", "ids": [1]}}, ACTS),
    ("GET", "/pages/<int(max=9007199254740991):page_id>"): ({}, READS_ONE),
    ("PATCH", "/pages/<int(max=9007199254740991):page_id>"): ({"json": {"title": "The clock"}}, ACTS),
    ("GET", "/audit"): ({}, READS),
    ("POST", "/person/export"): ({"json": {"comment": 1}}, SETS),
    ("POST", "/person/erase"): ({"json": {"comment": 1}}, SETS),
    ("GET", "/sites"): ({}, READS),
    ("POST", "/sites"): ({"json": {"name": "new", "origins": ["https://new.example"]}}, (401, 401, 403, 403, 201, 403)),
    ("DELETE", SITE): ({"query_string": {"confirm": "blog"}}, (401, 401, 403, 403, 204, 403)),
    ("GET", SITE): ({}, READS_ONE),
    ("PATCH", SITE): ({"json": {"depth": 2}}, SETS),
    ("POST", f"{SITE}/freeze"): ({"json": {"reason": "We are moving."}}, ACTS),
    ("POST", f"{SITE}/thaw"): ({}, ACTS),
    ("PUT", f"{SITE}/closing"): ({"json": {"after_comments": 1}}, SETS),
    ("POST", f"{SITE}/closing/preview"): ({"json": {"after_comments": 1}}, SETS),
    ("GET", f"{SITE}/rules"): ({}, SETS),
    ("PATCH", f"{SITE}/rules"): ({"json": {"settings": {"links": 1}}}, SETS),
    ("POST", f"{SITE}/rules/try"): ({"json": {"settings": {"links": 1}}}, SETS),
    ("GET", "/bans"): ({}, (401, 401, 200, 200, 200, 403)),
    ("POST", "/bans"): ({"json": {"kind": "name", "value": "Eve", "site": "blog"}}, (401, 401, 404, 201, 201, 403)),
    ("DELETE", "/bans/<int(max=9007199254740991):ban_id>"): ({}, ERASES),
    ("GET", "/spam"): ({}, SETS),
    ("GET", "/spam/export"): ({}, SETS),
    ("POST", "/spam/import"): ({"data": EMPTY_FILTER, "content_type": "application/x-ndjson"}, SETS),
    ("POST", "/spam/reset"): ({}, SETS),
    ("GET", "/operators"): ({}, SETS),
    ("POST", "/operators"): ({"json": NEW}, (401, 401, 403, 403, 201, 403)),
    ("GET", ONE): ({}, SETS),
    ("PATCH", ONE): ({"json": {"sites": None}}, SETS),
    ("DELETE", ONE): ({}, (401, 401, 403, 403, 204, 403)),
    ("POST", f"{ONE}/link"): ({}, (401, 401, 403, 403, 201, 403)),
    ("POST", f"{ONE}/end-sessions"): ({}, SETS),
    # of the test's operators none has one
    ("DELETE", f"{ONE}/second-factor"): ({}, (401, 401, 403, 403, 409, 403)),
    ("GET", "/account"): ({}, READS),
    ("GET", "/account/sessions"): ({}, READS),
    ("DELETE", "/account/sessions/<int(max=9007199254740991):session_id>"): ({}, OWN_ONE),
    ("POST", "/account/end-sessions"): ({}, OWN),
    ("GET", "/account/tokens"): ({}, READS),
    ("POST", "/account/tokens"): ({"json": TOKEN}, (401, 401, 201, 201, 201, 403)),
    ("DELETE", "/account/tokens/<int(max=2147483647):token_id>"): ({}, OWN_ONE),
    ("GET", "/audit/export"): ({}, READS),
}


@pytest.fixture
def keys(app: Flask) -> dict[str, str]:
    """The tokens of all principals, by name."""
    return make_keys()


@pytest.fixture(scope="module")
def arranged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arranged]:
    """One application for all cases."""
    with arrange(tmp_path_factory.mktemp("moderation")) as made:
        yield made


def asks(client: FlaskClient, key: str, method: str, path: str, **sent: Any) -> TestResponse:
    """Send a request with a token."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return client.open(f"{ADMIN}{path}", method=method, headers=headers | {"Origin": ORIGIN}, **sent)


def _routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(ADMIN):
            yield from (
                (method, rule.rule.removeprefix(ADMIN))
                for method in rule.methods or ()
                if method not in ("HEAD", "OPTIONS")
            )


def test_every_route_has_its_row(app: Flask) -> None:
    assert set(_routes(app)) == set(MATRIX)


@pytest.mark.parametrize("who", PRINCIPALS)
@pytest.mark.parametrize(("method", "rule"), MATRIX)
def test_everybody_may_do_what_is_theirs(arranged: Arranged, method: str, rule: str, who: str) -> None:
    sent, statuses = MATRIX[method, rule]
    path = re.sub(r"<[^<>]*:(\w+)>", lambda found: str(arranged.named[found[1]]), rule)
    with arranged.restored.after():
        client = arranged.restored.app.test_client(use_cookies=False)
        answer = asks(client, arranged.keys[who], method, path, **sent)
        assert answer.status_code == statuses[PRINCIPALS.index(who)], answer.text
        answer.get_data()  # to its end, where it is a stream
        changed = contents() != arranged.restored.at_first
    assert answer.headers["Cache-Control"] == "no-store"
    assert not [name for name in answer.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json"
        assert not changed


def test_no_page_is_told_that_it_may_ask(client: FlaskClient, keys: dict[str, str]) -> None:
    for path in (f"{ADMIN}/queue", f"{ADMIN}/nothing"):
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
        for method in ("OPTIONS", "GET"):
            answer = client.open(path, method=method, headers=asked)
            assert not [name for name in dict(answer.headers) if name.startswith("Access-Control")]
    assert asks(client, keys["owner"], "GET", "/queue").headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_day_of_moderating(client: FlaskClient, keys: dict[str, str], reader: Reader) -> None:
    held = reader.posts(" ".join(f"https://example.org/{n}" for n in range(6))).json["comment"]["id"]
    key = keys["moderator"]
    queue = asks(client, key, "GET", "/queue").json
    assert [(entry["id"], entry["rule"], entry["page"]["url"]) for entry in queue["entries"]] == [
        (held, "many-links", PAGE)
    ]
    assert queue["counts"]["pending"] == {"number": 1, "more": False}
    made = asks(client, key, "POST", "/decisions", json={"ids": [held], "decision": "approve", "reason": "Fine."})
    assert made.json["changed"] == [held]
    assert reader.sees()["page"]["count"] == 1
    undone = asks(client, key, "POST", f"/decisions/{made.json['batch']}/undo").json
    assert (undone["changed"], undone["skipped"], reader.sees()["page"]["count"]) == ([held], [], 0)
    changed = asks(client, key, "PATCH", f"/comments/{held}", json={"body": "No links."}).json
    assert changed["comment"]["body"] == "No links."
    assert changed["history"][0]["actor"] == "mia"
    assert asks(client, key, "DELETE", f"/comments/{held}").status_code == 204
    log = asks(client, key, "GET", "/audit", query_string={"comment": held}).json["entries"]
    assert [(entry["verb"], entry["actor"], entry["via"], entry["site"]) for entry in log] == [
        (verb, "mia", "api", "blog") for verb in ("comment.erase", "comment.edit", "comment.undo", "comment.approve")
    ]


def test_an_operator_answers_under_the_own_name_and_not_on_a_closed_page(
    client: FlaskClient, keys: dict[str, str], reader: Reader, operator: Operator
) -> None:
    (asked,) = fill(1)
    path, sent = f"/comments/{asked}/answers", {"json": {"body": "Thank *you*."}}
    made = asks(client, keys["moderator"], "POST", path, **sent)
    assert made.status_code == 201
    told = made.json["comment"]
    assert (told["name"], told["operator"], told["parent"]["id"], told["state"]) == ("mia", True, asked, "published")
    assert reader.sees()["comments"][1]["author"]["operator"] is True
    assert asks(client, keys["moderator"], "POST", path, json={"body": " "}).status_code == 422
    operator.closes(PAGE)
    assert asks(client, keys["owner"], "POST", path, **sent).status_code == 403
    assert len(stored("comments")) == 2


def test_pages_are_closed_opened_and_handed_back(client: FlaskClient, keys: dict[str, str], reader: Reader) -> None:
    fill(1)
    key = keys["moderator"]
    (page,) = asks(client, key, "GET", "/pages").json["pages"]
    for act, status in (("close", 403), ("open", 201), ("hand-back", 201)):
        for named in ({"page": PAGE}, {"ids": [page["id"]]}):
            done = asks(client, key, "POST", "/pages", json={"act": act, **named})
            assert (done.status_code, done.json["urls"]) == (200, [PAGE])
            assert reader.posts(f"{act} {named}").status_code == status
            listed = asks(client, key, "GET", "/pages", query_string={"state": "closed"}).json["pages"]
            assert len(listed) == (act == "close")
    log = asks(client, key, "GET", "/audit", query_string={"verb": "page"}).json["entries"]
    assert {entry["actor"] for entry in log} == {"mia"}


def test_what_is_another_sites_is_as_if_it_were_not_there(client: FlaskClient, keys: dict[str, str]) -> None:
    fill(1)
    fill(1, page=f"{OTHER_ORIGIN}/x")
    key = keys["other"]
    assert [site["name"] for site in asks(client, key, "GET", "/sites").json["sites"]] == ["other"]
    assert [page["site"] for page in asks(client, key, "GET", "/pages").json["pages"]] == ["other"]
    (entry,) = asks(client, key, "GET", "/queue", query_string={"view": "all"}).json["entries"]
    assert entry["site"] == "other"
    for path, query in (("/queue", {"site": "blog"}), ("/queue", {"page": PAGE}), ("/pages", {"site": "blog"})):
        assert asks(client, key, "GET", path, query_string=query).status_code == 404
    theirs = asks(client, key, "POST", "/pages", json={"act": "close", "page": PAGE})
    nobodys = asks(client, key, "POST", "/pages", json={"act": "close", "page": "https://nobody.example/"})
    assert (theirs.status_code, theirs.json["type"]) == (nobodys.status_code, nobodys.json["type"])
    assert asks(client, key, "GET", "/audit", query_string={"site": "blog"}).json["entries"] == []


@pytest.mark.parametrize(
    ("method", "path", "sent", "field"),
    [
        ("GET", "/queue?view=x", None, "view"),
        ("GET", "/queue?after=x", None, "after"),
        ("GET", "/queue?nonsense=x", None, "nonsense"),
        ("POST", "/decisions", {"ids": [], "decision": "spam"}, "ids"),
        ("POST", "/decisions", {"ids": list(range(1, 502)), "decision": "spam"}, "ids"),
        ("POST", "/decisions", {"ids": ["1"], "decision": "spam"}, "ids"),
        ("POST", "/decisions", {"ids": [1], "decision": "publish"}, "decision"),
        ("POST", "/decisions", {"ids": [1], "decision": "spam", "state": "x"}, "state"),
        ("PATCH", "/comments/1", {"email": "x@example.org"}, "email"),
        ("POST", "/pages", {"act": "close"}, "page"),
        ("POST", "/pages", {"act": "close", "page": PAGE, "ids": [1]}, "page"),
        ("POST", "/pages", {"act": "close", "page": PAGE, "until": "soon"}, "until"),
        ("GET", "/audit?before=0", None, "before"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(
    client: FlaskClient, keys: dict[str, str], method: str, path: str, sent: Any, field: str
) -> None:
    answer = asks(client, keys["owner"], method, path, **({"json": sent} if sent is not None else {}))
    assert (answer.status_code, set(answer.json["errors"])) == (422, {field}), answer.text


def test_the_command_line_decides_edits_and_erases(operator: Operator, reader: Reader) -> None:
    first, second = fill(2, body="Something.")
    made = json.loads(operator.runs("comment", "hold", first, second, "--reason", "Later.", "--json"))
    assert made["changed"] == [first, second]
    assert operator.runs("comment", "undo", "--", made["batch"]) == "2 undone.\n"
    assert json.loads(operator.runs("comment", "undo", "--json", "--", made["batch"]))["skipped"] == [
        {"id": each, "reason": "decided"} for each in (first, second)
    ]
    assert operator.tries("comment", "edit", first, "--body-file", "-", typed="Other.").exit_code == 0
    assert [each["body"] for each in json.loads(operator.runs("comment", "history", first, "--json"))] == ["Something."]
    assert operator.runs("comment", "edit", first, "--name", "Ann") == "Nothing was changed.\n"
    assert operator.runs("comment", "erase", first, "--yes") == f"Comment {first} is erased.\n"
    assert json.loads(operator.runs("comment", "show", first))["body"] == ""
    listed = ["comment", "list", "--json", "--text", "something", "--author", "Ann", "--page", PAGE]
    listed += ["--since", "2026-01-01", "--until", "2027-01-01"]
    assert [each["id"] for each in json.loads(operator.runs(*listed))] == [second]
    assert json.loads(operator.runs("comment", "list", "--view", "reported", "--json")) == []
    assert operator.tries("comment", "list", "--view", "spam", "--state", "spam").exit_code == 2
