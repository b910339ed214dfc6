"""The log tells what was changed, leads to it, and can be asked for a time; so can its API and its command."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from service import database
from service.people import audit, operators, tokens
from service.people.audit import COMMAND_LINE, Actor
from tests.api.desk import Desk, refused, text, tree
from tests.conftest import NOW, Operator, Reader

DAYS = {"from=2026-05-13&to=2026-05-13": ["comment.erase"], "from=2026-05-16": ["site.set"]}


@pytest.fixture
def days(desk: Desk) -> None:
    """Entries of the day before, and of two days later."""
    with database.write() as connection:
        for day, verb in ((-1, "comment.erase"), (2, "site.set")):
            audit.record(connection, Actor("ben", "api"), verb, NOW + timedelta(days=day))


def test_it_tells_what_was_changed_and_leads_there(desk: Desk, reader: Reader) -> None:
    made = reader.posts().json["comment"]["id"]
    sent = {"one": f"spam {made}", "reason": "עברית"}
    assert desk.sends("/admin/queue/decide", page="/admin/queue", **sent).status_code == 303
    operators.add("ben", "moderator", ["blog"], COMMAND_LINE, NOW)
    page = desk.opens("/admin/audit")
    said = text(page)
    for part in ("Comment marked as spam", "state: published → spam", "role: moderator; sites: blog"):
        assert part in said, said
    links = [each.get("href", "") for each in tree(page).iter("a")]
    assert {f"/admin/comments/{made}", "/admin/pages/1", "/admin/sites/blog"} <= set(links)


def test_what_is_long_opens(desk: Desk) -> None:
    with database.write() as connection:
        words = {"before": {"spam_words": []}, "after": {"spam_words": [f"<b>{number}" for number in range(100)]}}
        audit.record(connection, COMMAND_LINE, "site.rules", NOW, details=words)
    (opens,) = tree(desk.opens("/admin/audit")).iter("details")
    assert "<b>99" in "".join(opens.itertext())


def test_what_was_done_is_chosen_in_words(desk: Desk) -> None:
    page = tree(desk.opens("/admin/audit?verb=operator"))
    (select,) = [each for each in page.iter("select") if each.get("name") == "verb"]
    chosen = [each for each in select if "selected" in each.attrib]
    assert ["".join(each.itertext()) for each in chosen] == ["Operators: everything"]
    other = tree(desk.opens("/admin/audit?verb=odd"))
    assert "odd" in [each.get("value") for each in other.iter("option")]


@pytest.mark.usefixtures("days")
def test_it_can_be_asked_for_a_time(desk: Desk, make_app: Callable[..., Flask], operator: Operator) -> None:
    _, key = tokens.make("ann", "script", ["read"], None, COMMAND_LINE, NOW)
    for query, verbs in DAYS.items():
        lines = desk.opens(f"/admin/audit/export?{query}").text.splitlines()
        assert [json.loads(line)["verb"] for line in lines] == verbs
        assert len(list(next(iter(tree(desk.opens(f"/admin/audit?{query}")).iter("tbody"))))) == 1
    refused(desk.opens("/admin/audit?from=yesterday", 422), 422, "This is no date")
    asked = {"since": "2026-05-13T00:00:00Z", "until": "2026-05-14T00:00:00Z"}
    for path in ("audit", "audit/export"):
        answer = desk.client.get(
            f"/api/v1/admin/{path}", query_string=asked, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.text.count('"verb"') == answer.text.count("comment.erase") == 1
    bounds = ("--since", "2026-05-13", "--until", "2026-05-14")
    for command in ("list", "export"):
        said = operator.runs("audit", command, *bounds)
        assert "comment.erase" in said
        assert "site.set" not in said
        assert "operator.signin" not in said
