"""`/api/v1/admin` for sites, rules, bans and the spam filter: what comes of each act, and what is one's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service import pages
from service.people import operators, tokens
from service.people.audit import COMMAND_LINE
from service.policy import bans, settings, spam
from tests.conftest import NOW, OTHER_ORIGIN, PAGE, Reader, fill, stored

ADMIN = "/api/v1/admin"


@pytest.fixture
def asks(client: FlaskClient, clock: TimeMachineFixture) -> Any:
    """A function that asks as `olga`, an owner, or as `mia`, a moderator of `blog`."""
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    operators.add("olga", "owner", None, COMMAND_LINE, NOW)
    operators.add("mia", "moderator", ["blog"], COMMAND_LINE, NOW)
    keys = {
        "olga": tokens.make("olga", "test", operators.SCOPES, None, COMMAND_LINE, NOW)[1],
        "mia": tokens.make("mia", "test", operators.SCOPES[:3], None, COMMAND_LINE, NOW)[1],
    }

    def asking(method: str, path: str, who: str = "olga", status: int = 200, **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {keys[who]}"}
        answer = client.open(f"{ADMIN}{path}", method=method, headers=headers, **sent)
        assert answer.status_code == status, answer.text
        return answer.json if answer.is_json else answer

    return asking


def verbs() -> list[tuple[str, str, str]]:
    """Return what the log has of operators."""
    return [(entry["verb"], entry["actor"], entry["via"]) for entry in stored("audit") if entry["via"] == "api"]


def test_a_site_is_set_frozen_thawed_and_given_rules(asks: Any, reader: Reader) -> None:
    fill(2)
    changed = asks("PATCH", "/sites/blog", json={"depth": 2, "votes": "off"})
    assert (changed["depth"], changed["votes"], changed["pages"], changed["comments"]) == (2, "off", 1, 2)
    frozen = asks("POST", "/sites/blog/freeze", "mia", json={"reason": "Moving.", "until": "2099-01-01T00:00:00Z"})
    assert (frozen["frozen"]["reason"], frozen["frozen"]["until"]) == ("Moving.", "2099-01-01T00:00:00Z")
    assert reader.posts().json["reason"] == "Moving."
    assert asks("POST", "/sites/blog/thaw", "mia")["frozen"] is None
    rules = {"after_comments": 2, "hours": "07:00-23:00", "zone": "Europe/Berlin"}
    seen = asks("POST", "/sites/blog/closing/preview", json={"after_comments": 2})
    assert seen == {"pages": 1, "of": 1, "closes": 1, "opens": 0}
    assert asks("GET", "/sites/blog", "mia")["closing"] == {}
    assert asks("PUT", "/sites/blog/closing", json=rules)["closing"] == rules
    assert reader.posts().status_code == 403
    assert verbs() == [
        ("site.set", "olga", "api"),
        ("site.freeze", "mia", "api"),
        ("site.thaw", "mia", "api"),
        ("site.closing", "olga", "api"),
    ]


def test_a_site_is_added_and_removed_for_good(asks: Any, reader: Reader) -> None:
    fill(2)
    made = asks(
        "POST", "/sites", status=201, json={"name": "new", "origins": ["https://new.example", "HTTP://New.example/"]}
    )
    assert (made["name"], made["origins"], made["pages"]) == ("new", ["http://new.example", "https://new.example"], 0)
    for taken in ({"name": "new"}, {"origins": [OTHER_ORIGIN]}):
        asks("POST", "/sites", status=409, json={"name": "newer", "origins": ["https://newer.example"]} | taken)
    asks("DELETE", "/sites/blog", status=422)
    asks("DELETE", "/sites/blog?confirm=new", status=422)
    assert reader.sees()["page"]["count"] == 2
    asks("DELETE", "/sites/blog?confirm=blog", status=204)
    asks("DELETE", "/sites/blog?confirm=blog", status=404)
    assert reader.client.get("/api/v1/thread", query_string={"page": PAGE}).status_code == 404
    assert stored("comments") == []
    assert verbs() == [("site.add", "olga", "api"), ("site.remove", "olga", "api")]
    told = json.loads(stored("audit")[-1]["details"])
    assert told == {"origins": ["https://blog.example.org"], "pages": 1, "comments": 2}


def test_what_the_log_tells_of_a_removed_site_is_never_that_of_a_later_one(asks: Any) -> None:
    asks("POST", "/sites/other/freeze", json={})
    asks("DELETE", "/sites/other?confirm=other", status=204)
    made = asks("POST", "/sites", status=201, json={"name": "later", "origins": [OTHER_ORIGIN]})
    told = asks("GET", "/audit?site=later")["entries"]
    assert [(entry["verb"], entry["site"]) for entry in told] == [("site.add", "later")]
    assert made["id"] not in [entry["site_id"] for entry in stored("audit") if entry["subject"] == "other"]


def test_rules_are_tried_and_set(asks: Any, reader: Reader) -> None:
    reader.posts("A casino.")
    change = {"settings": {"hold_words": ["casino"], "preset": "relaxed"}, "reason": "Enough."}
    tried = asks("POST", "/sites/blog/rules/try", json=change)
    assert (tried["total"], tried["of"], tried["by_rule"]) == (1, 1, {"hold-words": 1})
    assert [(each["state"], each["would_be"]) for each in tried["would_change"]] == [("published", "pending")]
    assert settings.rules_of("blog").own() == {}
    made = asks("PATCH", "/sites/blog/rules", json=change)
    assert (made["settings"]["preset"], made["settings"]["hold_words"]) == ("relaxed", ["casino"])
    assert {"name": "hold-words", "on": True, "does": "Holds what has a word of a list in it."} in made["rules"]
    assert asks("GET", "/sites/blog/rules") == made
    assert asks("PATCH", "/sites/blog/rules", json={"settings": {"hold_words": None}})["settings"]["hold_words"] == []
    assert verbs() == [("site.rules", "olga", "api")] * 2


def test_long_lists_fit(asks: Any) -> None:
    words = [f"{'ж' * 80}{number}" for number in range(2_000)]
    made = asks("PATCH", "/sites/blog/rules", json={"settings": {"spam_words": words, "hold_words": words}})
    assert made["settings"]["spam_words"] == words


def test_bans_are_added_listed_and_ended(asks: Any, reader: Reader) -> None:
    ban = asks("POST", "/bans", "mia", 201, json={"kind": "name", "value": "Ann", "site": "blog", "reason": "Rude."})
    assert (ban["value"], ban["site"], ban["actor"]) == ("ann", "blog", "mia")
    assert reader.posts().status_code == 403
    asks("POST", "/bans", "mia", 403, json={"kind": "name", "value": "Ann"})
    everywhere = asks("POST", "/bans", "olga", 201, json={"kind": "url", "value": "casino.example", "shadow": True})
    asks("POST", "/bans", "olga", 409, json={"kind": "url", "value": "casino.example"})
    assert [each["id"] for each in asks("GET", "/bans", "mia")["bans"]] == [everywhere["id"], ban["id"]]
    assert [each["id"] for each in asks("GET", "/bans?kind=url", "mia")["bans"]] == [everywhere["id"]]
    asks("DELETE", f"/bans/{everywhere['id']}", "mia", 404)
    asks("DELETE", f"/bans/{ban['id']}?reason=Forgiven.", "mia", 204)
    assert [each.id for each in bans.listing()] == [everywhere["id"]]
    assert stored("audit")[-1]["reason"] == "Forgiven."


def test_the_filter_is_taken_elsewhere_and_back(asks: Any) -> None:
    lines = '{"format": "afterword spam filter", "version": 1, "words": 1}\n["", 3, 4, 0, 0]\n["w:pills", 0, 4, 0, 0]\n'
    sent = {"data": lines, "content_type": "application/x-ndjson"}
    assert asks("POST", "/spam/import", **sent) == {"good": 3, "spam": 4, "words": 1, "ready": False}
    assert asks("POST", "/spam/import", **sent)["spam"] == 8
    assert asks("POST", "/spam/import?replace=true", **sent)["spam"] == 4
    assert asks("GET", "/spam/export").text == "".join(spam.export())
    asks("POST", "/spam/import", status=400, data=b"\xff", content_type="application/x-ndjson")
    asks("POST", "/spam/import", status=400, data=lines[:-9], content_type="application/x-ndjson")
    assert asks("POST", "/spam/reset")["spam"] == 4
    assert asks("GET", "/spam")["words"] == 0


@pytest.mark.parametrize(
    ("method", "path", "sent", "field"),
    [
        ("POST", "/sites", {"name": "New Site", "origins": ["https://new.example"]}, "name"),
        ("POST", "/sites", {"name": "new", "origins": []}, "origins"),
        ("POST", "/sites", {"name": "new", "origins": ["ftp://new.example"]}, "origins"),
        ("PATCH", "/sites/blog", {"depth": 9}, "depth"),
        ("PATCH", "/sites/blog", {"colour": "red"}, "colour"),
        ("PATCH", "/sites/blog", {"origins": ["x:y"]}, "origins"),
        ("POST", "/sites/blog/freeze", {"until": "2020-01-01T00:00:00Z"}, "until"),
        ("POST", "/sites/blog/freeze", {"until": "9999-12-31T23:59:00Z"}, "until"),
        ("POST", "/sites/blog/freeze", {"until": "9999-12-31T23:59:59-14:00"}, "until"),
        ("POST", "/pages", {"act": "close", "page": PAGE, "until": "9999-12-31T12:00:00Z"}, "until"),
        ("POST", "/pages", {"act": "close", "page": PAGE, "until": "0001-01-01T00:00:00+14:00"}, "until"),
        ("POST", "/bans", {"kind": "name", "value": "x", "until": "9999-12-31T23:59:59-14:00"}, "until"),
        ("GET", "/queue?since=0001-01-01T00:00:00%2B14:00", None, "since"),
        ("GET", "/queue?until=9999-12-31T23:59:59-14:00", None, "until"),
        ("GET", "/queue?view=reported&after=MXQtOTk5OTk5OTk5OTk5OTk5OTkgNQ", None, "after"),
        ("PUT", "/sites/blog/closing", {"hours": "always"}, "hours"),
        ("PATCH", "/sites/blog/rules", {"settings": {"links": "x"}}, "links"),
        ("PATCH", "/sites/blog/rules", {"settings": {"colour": None}}, "colour"),
        ("POST", "/sites/blog/rules/try", {"settings": {"hold_patterns": ["("]}}, "hold_patterns"),
        ("POST", "/bans", {"kind": "planet", "value": "x"}, "kind"),
        ("POST", "/bans", {"kind": "address", "value": "x"}, "value"),
        ("POST", "/spam/import?replace=perhaps", None, "replace"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(asks: Any, method: str, path: str, sent: Any, field: str) -> None:
    problem = asks(method, path, status=422, **({"json": sent} if sent is not None else {}))
    assert set(problem["errors"]) == {field}
    assert verbs() == []


@pytest.mark.parametrize("name", ["other", "nowhere"])
def test_another_site_is_as_if_it_were_not_there(asks: Any, name: str) -> None:
    for method, path in (("GET", ""), ("POST", "/freeze"), ("POST", "/thaw")):
        problem = asks(method, f"/sites/{name}{path}", "mia", 404, **({"json": {}} if path == "/freeze" else {}))
        assert problem["detail"] == f"There is no such site as {name}."


def test_a_change_of_rules_that_names_what_was_seen_overwrites_no_other(asks: Any) -> None:
    seen = asks("GET", "/sites/blog/rules")["seen"]
    made = asks("PATCH", "/sites/blog/rules", json={"settings": {"links": 4}, "seen": seen})
    late = {"settings": {"hold_words": []}, "seen": seen}
    assert "meanwhile: links (now 4)" in asks("PATCH", "/sites/blog/rules", status=409, json=late)["detail"]
    asks("PATCH", "/sites/blog/rules", json=late | {"seen": made["seen"]})
    asks("PATCH", "/sites/blog/rules", json={"settings": {"links": 3}})


def test_a_change_of_a_site_that_names_what_was_seen_overwrites_no_other(asks: Any) -> None:
    first = asks("GET", "/sites/blog")
    second = asks("PATCH", "/sites/blog", json={"depth": 1, "seen": first["seen"]})
    assert (
        "depth (now 1)"
        in asks("PATCH", "/sites/blog", status=409, json={"votes": "up", "seen": first["seen"]})["detail"]
    )
    asks("PATCH", "/sites/blog", json={"votes": "up", "seen": second["seen"]})
    path = f"/sites/blog/closing?seen={first['seen_closing']}"
    asks("PUT", path, json={"after_comments": 9})
    assert "after_comments (now 9)" in asks("PUT", path, status=409, json={})["detail"]
    asks("PUT", "/sites/blog/closing", json={})


def test_whom_a_ban_of_all_sites_is_about_is_told_to_operators_of_all(asks: Any) -> None:
    for kind, value in (("email", "eve@mail.example"), ("address", "192.0.2.0/24"), ("name", "eve")):
        asks("POST", "/bans", status=201, json={"kind": kind, "value": value, "reason": "Rude."})
    for path in ("/bans", "/bans?site=blog"):
        seen = [(ban["kind"], ban["value"], ban["reason"]) for ban in asks("GET", path, "mia")["bans"]]
        assert seen == [("name", "eve", "Rude."), ("address", "", ""), ("email", "", "")]
        assert [ban["value"] for ban in asks("GET", path)["bans"]] == ["eve", "192.0.2.0/24", "eve@mail.example"]
