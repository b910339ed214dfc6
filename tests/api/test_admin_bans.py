"""Bans at the operators' desk: moderators ban on their sites, and see what holds there."""

from __future__ import annotations

import pytest

from service import pages
from service.people.audit import COMMAND_LINE
from service.policy import bans
from tests.api.desk import Desk, refused, text
from tests.conftest import NOW, Reader, stored

pytestmark = pytest.mark.usefixtures("other")


def test_an_owner_bans_on_all_sites_and_ends_it(desk: Desk, reader: Reader) -> None:
    typed = {"kind": "name", "value": "Ann", "shadow": "no", "reason": "Rude & <loud>.", "until": "2026-05-15T00:00"}
    assert desk.sends("/admin/bans", **typed).headers["Location"] == "/admin/bans?done=ban-added"
    (ban,) = bans.listing()
    assert (ban.value, ban.site, ban.actor, ban.shadow) == ("ann", None, "ann", False)
    assert reader.posts().status_code == 403
    assert "Rude & <loud>." in text(desk.opens("/admin/bans"))
    desk.sends(f"/admin/bans/{ban.id}/remove", page="/admin/bans", reason="Forgiven.")
    assert reader.posts().status_code == 201
    entries = [(entry["verb"], entry["actor"], entry["reason"]) for entry in stored("audit")]
    assert entries[-2:] == [("ban.add", "ann", "Rude & <loud>."), ("ban.remove", "ann", "Forgiven.")]


def test_the_form_is_filled_in_from_the_query(desk: Desk) -> None:
    shown = desk.opens("/admin/bans?kind=address&value=192.0.2.0/24&site=blog&shadow=yes").text
    for part in ('value="address" selected', 'value="192.0.2.0/24"', 'value="blog" selected', "<details open>"):
        assert part in shown
    assert "&lt;script" in desk.opens("/admin/bans?value=<script>").text
    assert bans.listing() == []


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"value": ""}, 422, "Must be a name"),
        ({"kind": "planet"}, 422, "One of reader"),
        ({"kind": "address", "value": "0.0.0.0/0"}, 422, "no wider than"),
        ({"until": "2020-01-01T00:00"}, 422, "must lie ahead"),
        ({"until": "then"}, 422, "no date and time"),
        ({"reason": "x" * 301}, 422, "300 characters"),
        ({"value": "Mallory"}, 409, "banned there already"),
        ({"site": "nowhere"}, 404, "no such site"),
    ],
)
def test_a_fault_keeps_what_was_typed(desk: Desk, typed: dict[str, str], status: int, said: str) -> None:
    bans.add("name", "Mallory", COMMAND_LINE, NOW)
    answer = desk.sends("/admin/bans", **{"kind": "name", "value": "Eve", "shadow": "yes", "reason": "Hm."} | typed)
    refused(answer, status, said)
    if status != 404:
        assert 'value="yes" checked' in answer.text
        assert "Hm." in answer.text or "reason" in typed
    assert len(bans.listing()) == 1


def test_a_moderator_bans_on_their_sites_alone(moderator: Desk) -> None:
    everywhere = bans.add("name", "Mallory", COMMAND_LINE, NOW)
    theirs = bans.add("name", "Eve", COMMAND_LINE, NOW, site_id=pages.get_site("other").id)
    shown = text(moderator.opens("/admin/bans"))
    assert "mallory" in shown
    assert "eve name" not in shown
    assert "Remove" not in shown
    typed = {"kind": "name", "value": "Trudy"}
    refused(moderator.sends("/admin/bans", **typed), 422, "takes an operator of all")
    refused(moderator.sends("/admin/bans", **typed, site="other"), 404)
    for ban in (everywhere, theirs):
        refused(moderator.sends(f"/admin/bans/{ban.id}/remove", page="/admin/bans"), 404)
    assert moderator.sends("/admin/bans", **typed, site="blog").status_code == 303
    (mine,) = [ban for ban in bans.listing() if ban.site == "blog"]
    assert moderator.sends(f"/admin/bans/{mine.id}/remove", page="/admin/bans").status_code == 303
    assert {ban.id for ban in bans.listing()} == {everywhere.id, theirs.id}


def test_whom_other_sites_banned_everywhere_is_not_told_to_a_moderator_of_one(desk: Desk, moderator: Desk) -> None:
    blog = pages.get_site("blog").id
    bans.add("email", "eve@mail.example", COMMAND_LINE, NOW, reason="Wrote to Zoe.")
    bans.add("address", "192.0.2.0/24", COMMAND_LINE, NOW)
    bans.add("email", "mallory@mail.example", COMMAND_LINE, NOW, site_id=blog)
    bans.add("name", "Trudy", COMMAND_LINE, NOW, reason="Rude.")
    shown = text(moderator.opens("/admin/bans"))
    assert "an e-mail address or domain (all sites) email" in shown
    assert "an IP address or network (all sites) address" in shown
    for part in ("eve@", "Zoe", "192.0.2.0/24 address"):
        assert part not in shown
    assert "mallory@mail.example" in shown
    assert "Rude." in shown
    assert "Wrote to Zoe." in text(desk.opens("/admin/bans"))
    assert "eve@mail.example" in text(desk.opens("/admin/bans"))


def test_a_long_list_comes_in_parts_and_by_kind(desk: Desk) -> None:
    for number in range(60):
        bans.add("name", f"name {number}", COMMAND_LINE, NOW)
    bans.add("email", "example.org", COMMAND_LINE, NOW)
    assert desk.opens("/admin/bans").text.count("Remove this ban") == 50
    assert desk.opens("/admin/bans?before=12").text.count("Remove this ban") == 11
    assert desk.opens("/admin/bans?only=email").text.count("Remove this ban") == 1
