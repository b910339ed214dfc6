"""Sites at the operators' desk: settings for owners, freezing for moderators too, rules that say first what they do."""

from __future__ import annotations

import html
import json
import re

import pytest
from werkzeug.test import TestResponse

from service import pages
from service.pages import Site
from service.people.audit import COMMAND_LINE
from tests.api.desk import SAME, Desk, refused, text
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, Reader, fill, stored

SETTINGS = {"origins": ORIGIN, "names": "optional", "depth": "3", "edit_minutes": "5", "votes": "up"}


@pytest.fixture(autouse=True)
def _sites(other: Site) -> None:
    """There are the sites `blog`, with a page, and `other`."""
    fill(3)


def seen(answer: TestResponse, form: int) -> str:
    """Return what a site's form has of what was seen: of its settings (0), or of its rules for closing (1)."""
    return str(re.findall(r'name="seen" value="([^"]+)"', answer.text)[form])


def test_settings_that_somebody_saved_meanwhile_are_not_lost(desk: Desk) -> None:
    page = "/admin/sites/blog"
    first = seen(desk.opens(page), 0)
    pages.change("blog", {"depth": 1}, None, COMMAND_LINE, NOW)
    refused(desk.sends(page, **SETTINGS | {"depth": "x"}, seen=first), 422)
    answer = desk.sends(page, **SETTINGS, seen=first)
    refused(answer, 409, "Somebody has changed this meanwhile: depth (now 1). Nothing was saved.")
    assert 'value="up" selected' in answer.text
    assert (pages.get_site("blog").depth, pages.get_site("blog").votes) == (1, "both")
    assert desk.sends(page, **SETTINGS, seen=seen(answer, 0)).status_code == 303


def test_rules_for_closing_that_somebody_set_meanwhile_are_not_lost(desk: Desk) -> None:
    page, typed = "/admin/sites/blog", {"after_comments": "9"}
    preview = desk.sends(f"{page}/closing", page=page, **typed, seen=seen(desk.opens(page), 1))
    told = re.findall(r'name="told" value="([^"]+)"', preview.text)[0]
    told = html.unescape(told)
    pages.set_closing("blog", {"days_after_last": 30}, COMMAND_LINE, NOW)
    answer = desk.sends(f"{page}/closing", page=page, **typed, told=told, seen=seen(preview, 1))
    refused(answer, 409, "days_after_last (now 30)")
    assert pages.read_closing(pages.get_site("blog").closing).values() == {"days_after_last": 30}
    answer = desk.sends(f"{page}/closing", page=page, **typed, told=told, seen=seen(answer, 1))
    assert answer.status_code == 303


def test_reasons_rule_by_rule_are_kept_and_can_be_changed(desk: Desk) -> None:
    page, typed = "/admin/sites/blog", {"after_comments": "50"}
    pages.set_closing("blog", {"after_comments": 50, "reasons": {"after_comments": "Enough."}}, COMMAND_LINE, NOW)
    assert 'value="Enough."' in desk.opens(page).text
    for more, reasons in (({}, {"after_comments": "Enough."}), ({"reason_hours": "Night."}, {"hours": "Night."})):
        sent = typed | more | ({"reason_after_comments": ""} if more else {})
        preview = desk.sends(f"{page}/closing", page=page, **sent)
        told = html.unescape(re.findall(r'name="told" value="([^"]+)"', preview.text)[0])
        assert desk.sends(f"{page}/closing", page=page, **sent, told=told).status_code == 303
        assert pages.read_closing(pages.get_site("blog").closing).values()["reasons"] == reasons
    refused(desk.sends(f"{page}/closing", page=page, **typed, reason_hours="x" * 301), 422, "300 characters")


def test_settings_are_saved_and_stand_in_the_log(desk: Desk) -> None:
    typed = SETTINGS | {"origins": f"{ORIGIN}\r\n\r\nhttps://www.example.org/"}
    assert desk.sends("/admin/sites/blog", **typed).status_code == 303
    site = pages.get_site("blog")
    assert (site.names, site.depth, site.edit_minutes, site.votes) == ("optional", 3, 5, "up")
    assert pages.origins_of(site) == [ORIGIN, "https://www.example.org"]
    (entry,) = [entry for entry in stored("audit") if entry["verb"] == "site.set"]
    assert (entry["actor"], entry["via"], json.loads(entry["details"])["depth"]) == ("ann", "ui", [5, 3])
    desk.sends("/admin/sites/blog", **typed)
    assert len([entry for entry in stored("audit") if entry["verb"] == "site.set"]) == 1


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"depth": "7"}, 422, "0 to 6"),
        ({"depth": "deep"}, 422, "whole number"),
        ({"edit_minutes": "1441"}, 422, "0 to 1440"),
        ({"names": "x"}, 422, "required or optional"),
        ({"origins": ""}, 422, "at least one origin"),
        ({"origins": "javascript:alert(1)"}, 422, "javascript:alert(1)"),
        ({"origins": OTHER_ORIGIN}, 409, "belongs to another site"),
    ],
)
def test_a_fault_keeps_what_was_typed(desk: Desk, typed: dict[str, str], status: int, said: str) -> None:
    before = stored("sites")
    answer = desk.sends("/admin/sites/blog", **SETTINGS | typed)
    refused(answer, status, said)
    assert re.search(r'<option value="up" selected>', answer.text)
    for value in typed.values():
        assert value in answer.text
    assert stored("sites") == before


def test_a_site_is_added_and_its_tag_shown(desk: Desk) -> None:
    answer = desk.sends("/admin/sites", name="new", origins="https://new.example\r\nhttp://new.example")
    assert answer.headers["Location"].startswith("/admin/sites/new?")
    assert "Script tag" in text(desk.opens(answer.headers["Location"]))
    assert pages.origins_of(pages.get_site("new")) == ["http://new.example", "https://new.example"]
    assert [(entry["verb"], entry["actor"]) for entry in stored("audit")][-1] == ("site.add", "ann")


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"name": "New Site"}, 422, "1 to 64 of the characters"),
        ({"name": "blog"}, 409, "a site named blog already"),
        ({"origins": OTHER_ORIGIN}, 409, "belongs to another site"),
        ({"origins": "ftp://new.example"}, 422, "ftp://new.example:"),
    ],
)
def test_a_site_that_cannot_be_is_refused_and_keeps_what_was_typed(
    desk: Desk, typed: dict[str, str], status: int, said: str
) -> None:
    before = stored("sites")
    answer = desk.sends("/admin/sites", **{"name": "new", "origins": "https://new.example"} | typed)
    refused(answer, status, said)
    assert all(value in answer.text for value in typed.values())
    assert stored("sites") == before


def test_a_site_is_removed_once_its_name_was_typed(desk: Desk, moderator: Desk) -> None:
    path, page = "/admin/sites/blog/remove", "/admin/sites/blog"
    refused(desk.sends(path, page=page, confirm="Blog"), 422, "Nothing was removed")
    refused(moderator.sends(path, page=page, confirm="blog"), 403, "settings")
    assert len(stored("comments")) == 3
    assert "is removed" in text(desk.opens(desk.sends(path, page=page, confirm=" blog ").headers["Location"]))
    assert stored("comments") == []
    assert [(entry["verb"], entry["subject"]) for entry in stored("audit")][-1] == ("site.remove", "blog")
    refused(desk.opens(page, 404), 404)


def test_rules_for_closing_are_set_only_after_it_was_said_what_they_do(desk: Desk, reader: Reader) -> None:
    path = "/admin/sites/blog/closing"
    typed = {"after_comments": "2", "reason": "Full <b>house</b>."}
    told = desk.sends(path, page="/admin/sites/blog", **typed)
    assert "Of 1 page these rules would close 1 now, and open 0" in text(told)
    assert "<b>house" not in told.text
    assert reader.posts().status_code == 201
    (token,) = re.findall(r'name="told" value="([^"]*)"', told.text)
    token = token.replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
    other = desk.sends(path, page="/admin/sites/blog", **typed | {"after_comments": "99"}, told=token)
    assert "would close 0 now" in text(other)
    assert not [entry for entry in stored("audit") if entry["verb"] == "site.closing"]
    assert desk.sends(path, page="/admin/sites/blog", **typed, told=token).status_code == 303
    assert reader.posts().json["reason"] == "Full <b>house</b>."
    assert [entry["actor"] for entry in stored("audit") if entry["verb"] == "site.closing"] == ["ann"]
    assert 'value="2"' in desk.opens("/admin/sites/blog").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"days_after_first": "x"}, "whole number"),
        ({"days_after_last": "-3"}, "whole number"),
        ({"after_comments": "1000001"}, "1000000"),
        ({"hours": "7 to 9"}, "written like 07:00-23:00"),
        ({"hours": "07:00-23:00", "zone": "Moon/Crater"}, "no such time zone"),
        ({"hours": "07:00-23:00", "weekdays": "someday"}, "one of"),
        ({"reason": "x" * 301}, "300 characters"),
    ],
)
def test_a_fault_in_a_rule_keeps_what_was_typed(desk: Desk, typed: dict[str, str], said: str) -> None:
    answer = desk.sends("/admin/sites/blog/closing", page="/admin/sites/blog", **typed)
    assert answer.status_code == 422
    assert said.lower() in text(answer).lower()
    (name, value), *_ = typed.items()
    assert f'value="{value}"' in answer.text, name


def test_a_moderator_freezes_and_thaws_and_sets_nothing(moderator: Desk, reader: Reader) -> None:
    page = "/admin/sites/blog"
    assert "Script tag" not in moderator.opens(page).text
    assert "other" not in text(moderator.opens("/admin/sites"))
    fault = moderator.sends(f"{page}/freeze", page=page, reason="Moving", until="2020-01-01T00:00")
    refused(fault, 422, "must lie ahead")
    assert 'value="Moving"' in fault.text
    moderator.sends(f"{page}/freeze", page=page, reason="We are moving.")
    assert reader.posts().json["reason"] == "We are moving."
    moderator.sends(f"{page}/thaw", page=page)
    assert reader.posts().status_code == 201
    done = [entry["verb"] for entry in stored("audit") if entry["actor"] == "mia"]
    assert done == ["operator.signin", "site.freeze", "site.thaw"]
    for path in (page, f"{page}/closing"):
        refused(moderator.sends(path, page=page, **SETTINGS), 403, "settings")
    for path in ("/admin/sites/other", "/admin/sites/nothing"):
        refused(moderator.opens(path, 404), 404)
        for act in ("freeze", "thaw"):
            refused(moderator.sends(f"{path}/{act}", page=page), 404)


def test_the_tag_and_the_links_lead_where_they_should(desk: Desk) -> None:
    shown = desk.opens("/admin/sites/blog").text
    assert "&lt;script async src=&#34;http://localhost/embed.js&#34;&gt;&lt;/script&gt;" in shown
    assert f'href="{ORIGIN}/clock#afterword-operator"' in shown
    assert f'href="{ORIGIN}/clock#afterword-operator=off"' in shown
    assert f'href="{OTHER_ORIGIN}/#afterword-operator"' in desk.opens("/admin/sites/other").text


def test_a_form_of_the_old_kind_is_refused(desk: Desk) -> None:
    assert desk.client.post("/admin/sites/blog", data=SETTINGS, headers=SAME).status_code == 403


def test_of_very_many_pages_the_first_are_looked_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1, page=f"{ORIGIN}/other")
    monkeypatch.setattr("service.pages.lists.MOST_PREVIEWED", 1)
    answer = desk.sends("/admin/sites/blog/closing", page="/admin/sites/blog", after_comments="1")
    assert "Of the first 1 of 2 pages these rules would close 1 now" in text(answer)
