"""Links that are good once, other operators, the log; and who may what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service import database, pages
from service.people import audit, invitations, operators
from service.people.audit import COMMAND_LINE, Actor
from tests.api.desk import PASSWORD, SAME, Desk, add, refused, text
from tests.conftest import NOW, OTHER_ORIGIN, stored

NEW = {"password": PASSWORD, "again": PASSWORD}


class TestFirstOwner:
    """A link makes the first owner: only while there is none, and once."""

    @pytest.fixture
    def link(self, app: Flask, clock: TimeMachineFixture) -> str:
        """The link's path."""
        return f"/admin/setup/{invitations.for_first_owner(NOW)}"

    def test_looking_changes_nothing_and_the_form_makes_the_owner(self, app: Flask, link: str) -> None:
        desk = Desk(app.test_client())
        for _ in range(3):
            assert desk.opens(link).headers["Referrer-Policy"] == "no-referrer"
        assert stored("operators") == []
        answer = desk.sends(link, name="Ann", **NEW)
        assert answer.headers["Location"] == "/admin/"
        assert operators.get("ann").role == "owner"
        desk.opens("/admin/operators")
        for _ in range(2):
            desk.opens(link, 410)
        answer = desk.client.post(link, headers=SAME, data={"csrf": Desk(app.test_client()).token("/admin/sign-in")}
                                  | NEW | {"name": "eve"})  # fmt: skip
        refused(answer, 410, "used already")
        assert [entry["actor"] for entry in stored("audit") if entry["via"] == "ui"] == ["ann", "ann"]

    def test_it_lasts_a_day_and_the_newest_alone_is_good(
        self, app: Flask, link: str, clock: TimeMachineFixture
    ) -> None:
        desk = Desk(app.test_client())
        newer = f"/admin/setup/{invitations.for_first_owner(NOW)}"
        desk.opens(link, 410)
        clock.shift(timedelta(hours=24, seconds=-1))
        desk.opens(newer)
        clock.shift(1)
        desk.opens(newer, 410)

    def test_there_is_none_once_there_is_an_owner(self, app: Flask, link: str) -> None:
        add("ben", "moderator")
        desk = Desk(app.test_client())
        desk.opens(link)  # a moderator is no owner
        add("ann")
        desk.opens(link, 410)
        assert invitations.for_first_owner(NOW) is None

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"name": "a b"}, "1 to 64 of the characters"),
            ({"password": "short", "again": "short"}, "12 to 256 characters"),
            ({"again": "else"}, "not the same"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_link_stays_good(
        self, app: Flask, link: str, typed: dict[str, str], said: str
    ) -> None:
        desk = Desk(app.test_client())
        answer = desk.sends(link, **({"name": "ann"} | NEW | typed))
        refused(answer, 422, said)
        assert PASSWORD not in answer.text
        assert desk.sends(link, name="ann", **NEW).status_code == 303

    def test_no_other_link_does(self, app: Flask, desk: Desk) -> None:
        add("ben", "moderator")
        made = invitations.for_password("ben", audit.COMMAND_LINE, NOW)
        for path in (
            f"/admin/setup/{made}",
            f"/admin/setup/{'x' * 43}",
            "/admin/setup/x",
            f"/admin/password/{'x' * 43}",
        ):
            desk.opens(path, 410)


class TestPasswordLink:
    """It sets a password, once, within seven days, and signs in; not past the second factor."""

    def test_it_is_good_once_and_ends_all_sessions(self, app: Flask, desk: Desk) -> None:
        path = f"/admin/password/{invitations.for_password('ann', audit.COMMAND_LINE, NOW)}"
        other = Desk(app.test_client())
        other.opens(path)
        fresh = {"password": "another clock altogether", "again": "another clock altogether"}
        assert other.sends(path, **fresh).headers["Location"] == "/admin/"
        desk.opens("/admin/account", 303)
        other.opens("/admin/account")
        other.opens(path, 410)
        assert desk.signs_in(password=fresh["password"]).status_code == 303

    def test_it_lasts_seven_days(self, app: Flask, desk: Desk, clock: TimeMachineFixture) -> None:
        path = f"/admin/password/{invitations.for_password('ann', audit.COMMAND_LINE, NOW)}"
        clock.shift(timedelta(days=7, seconds=-1))
        desk.opens(path)
        clock.shift(1)
        desk.opens(path, 410)

    def test_a_password_set_otherwise_ends_it(self, desk: Desk) -> None:
        path = f"/admin/password/{invitations.for_password('ann', audit.COMMAND_LINE, NOW)}"
        operators.set_password("ann", PASSWORD, audit.COMMAND_LINE, NOW)
        desk.opens(path, 410)

    def test_the_second_factor_is_asked_for(self, app: Flask, desk: Desk) -> None:
        desk.turns_totp_on(NOW.timestamp())
        path = f"/admin/password/{invitations.for_password('ann', audit.COMMAND_LINE, NOW)}"
        other = Desk(app.test_client())
        assert other.sends(path, **NEW).headers["Location"] == "/admin/code"
        other.opens("/admin/account", 303)

    def test_links_begin_with_the_public_address_whatever_host_is_asked_for(
        self, make_app: Callable[..., Flask]
    ) -> None:
        app = make_app(public_url="https://comments.example.org")
        with app.app_context():
            add()
            desk = Desk(app.test_client())
            desk.signs_in()
            headers = SAME | {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
            token = desk.token("/admin/operators")
            answer = desk.client.post("/admin/operators/ann/link", data={"csrf": token}, headers=headers,
                                      base_url="http://localhost")  # fmt: skip
            assert "evil" not in answer.text
            if answer.status_code == 200:
                assert 'value="https://comments.example.org/admin/password/' in answer.text


class TestOperators:
    """Owners add, change and remove others."""

    def test_one_is_added_with_sites_and_gets_a_link(self, desk: Desk, app: Flask) -> None:
        pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
        answer = desk.sends("/admin/operators", name="Ben", role="moderator", which="some", site=["other"])
        (link,) = re.findall(r'value="http://localhost(/admin/password/\S{43})"', answer.text)
        assert operators.get("ben").sites == ("other",)
        assert link not in desk.opens("/admin/operators").text
        ben = Desk(app.test_client())
        assert ben.sends(link, **NEW).status_code == 303
        ben.opens("/admin/account")

    @pytest.mark.parametrize(
        ("typed", "status", "said"),
        [
            ({"name": "a/b"}, 422, "1 to 64 of the characters"),
            ({"name": "ann"}, 409, "There is an operator named ann already."),
            ({"role": "king"}, 422, "owner or moderator"),
            ({"role": "owner", "which": "some"}, 422, "An owner has all sites."),
            ({"which": "some", "site": "nothing"}, 404, "no such site"),
        ],
    )
    def test_what_is_wrong_is_said(self, desk: Desk, typed: dict[str, str], status: int, said: str) -> None:
        refused(
            desk.sends("/admin/operators", **({"name": "ben", "role": "moderator", "which": "all"} | typed)),
            status,
            said,
        )
        assert len(stored("operators")) == 1

    def test_role_and_sites_are_changed_at_once_for_sessions_that_there_are(self, desk: Desk, app: Flask) -> None:
        add("ben", "moderator")
        ben = Desk(app.test_client())
        ben.signs_in("ben")
        ben.opens("/admin/operators", 403)
        assert desk.sends("/admin/operators/ben", role="owner", which="all").status_code == 303
        ben.opens("/admin/operators")
        assert desk.sends("/admin/operators/ben", role="moderator", which="some", site="blog").status_code == 303
        ben.opens("/admin/operators", 403)
        assert operators.get("ben").sites == ("blog",)
        assert "moderator of blog" in text(ben.opens("/admin/account"))

    def test_the_last_owner_stays(self, desk: Desk) -> None:
        refused(desk.sends("/admin/operators/ann/remove", page="/admin/operators/ann"), 409, "only owner")
        refused(desk.sends("/admin/operators/ann", role="moderator", which="all"), 409, "only owner")
        add("ben")
        assert desk.sends("/admin/operators/ann/remove", page="/admin/operators/ann").status_code == 303
        desk.opens("/admin/account", 303)

    def test_sessions_and_second_factor_are_ended(self, desk: Desk, app: Flask) -> None:
        add("ben")
        ben = Desk(app.test_client())
        ben.signs_in("ben")
        ben.turns_totp_on(NOW.timestamp())
        assert desk.sends("/admin/operators/ben/end-sessions", page="/admin/operators/ben").status_code == 303
        ben.opens("/admin/account", 303)
        assert desk.sends("/admin/operators/ben/totp-off", page="/admin/operators/ben").status_code == 303
        assert ben.signs_in("ben").headers["Location"] == "/admin/"
        refused(desk.sends("/admin/operators/ben/totp-off", page="/admin/operators/ben"), 409, "off")

    def test_who_is_not_there_is_not_found(self, desk: Desk) -> None:
        desk.opens("/admin/operators/nobody", 404)
        refused(desk.sends("/admin/operators/nobody/remove", page="/admin/operators"), 404)


def test_a_moderator_has_no_say_about_operators(desk: Desk, app: Flask) -> None:
    add("ben", "moderator")
    ben = Desk(app.test_client())
    ben.signs_in("ben")
    for path in ("/admin/operators", "/admin/operators/ann"):
        refused(ben.opens(path, 403), 403, "Only owners can see and change operators.")
    before = stored("operators")
    token = ben.token("/admin/account")
    for path in ("", "/ann", "/ann/link", "/ann/end-sessions", "/ann/totp-off", "/ann/remove", "/nobody/remove"):
        refused(
            ben.client.post(f"/admin/operators{path}", data={"csrf": token}, headers=SAME),
            403,
            "Only owners can see and change operators.",
        )
    assert stored("operators") == before
    assert "Operators" not in text(ben.opens("/admin/account"))


OPEN = {
    "/admin/sign-in",
    "/admin",
    "/admin/code",
    "/admin/sign-out",
    "/admin/go",
    "/admin/setup/<token>",
    "/admin/password/<token>",
}


def test_nobody_sees_anything_without_signing_in(app: Flask) -> None:
    desk = Desk(app.test_client())
    looked = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and "GET" in rule.methods and rule.rule not in OPEN:
            path = re.sub(r"<int[^>]*>", "1", rule.rule.replace("<name>", "ann"))
            answer = desk.opens(path, 303)
            assert answer.headers["Location"] in (f"/admin/sign-in?next={path}", "/admin/")
            looked.add(rule.rule)
    assert len(looked) >= 8


class TestLog:
    """What was done, filtered, as a page and as a file; and nobody changes it."""

    @pytest.fixture
    def log(self, desk: Desk) -> Desk:
        """Sixty entries about two sites."""
        other = pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
        with database.write() as connection:
            for number in range(60):
                site = other.id if number % 2 else pages.get_site("blog").id
                audit.record(
                    connection,
                    Actor("ben", "api"),
                    "comment.approve",
                    NOW,
                    site_id=site,
                    comment_id=number + 1,
                    subject=f"<i>No. {number}</i>",
                    reason="fine",
                    details={"was": "pending"},
                )
        return desk

    def test_it_is_read_page_by_page(self, log: Desk) -> None:
        first = log.opens("/admin/audit?verb=comment")
        assert "<i>No. 59</i>" in text(first)
        assert "No. 9<" not in text(first)
        (older,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
        second = log.opens(older.replace("&amp;", "&"))
        assert "<i>No. 9</i>" in text(second)
        assert "No. 59<" not in text(second)
        assert 'rel="next"' not in second.text

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("actor=ben", 60),
            ("actor=ann", 1),
            ("actor=Ben", 0),
            ("verb=comment.approve", 60),
            ("verb=comment", 60),
            ("verb=comment.", 0),
            ("verb=%25", 0),
            ("verb=operator", 2),
            ("site=other", 31),
            ("site=nothing", 0),
            ("comment=7", 1),
            ("comment=x", 0),
            ("comment=99999999999999999999", 0),
            ("before=99999999999999999999", 64),
            ("before=1", 0),
            ("", 64),
        ],
    )
    def test_it_is_filtered(self, log: Desk, query: str, count: int) -> None:
        assert log.opens(f"/admin/audit?{query}").text.count("<tr>") - (count > 0) == min(count, 50)
        if "before" not in query:
            answer = log.opens(f"/admin/audit/export?{query}")
            lines = [json.loads(line) for line in answer.text.splitlines()]
            assert len(lines) == count
            assert answer.mimetype == "application/x-ndjson"

    def test_a_line_of_the_file_tells_everything(self, log: Desk) -> None:
        line = json.loads(log.opens("/admin/audit/export?comment=60").text)
        told = ("at", "actor", "via", "verb", "site", "comment_id", "subject", "details")
        assert {name: line[name] for name in told} == {
            "at": "2026-05-14T18:20:00Z", "actor": "ben", "via": "api", "verb": "comment.approve", "site": "other",
            "comment_id": 60, "subject": "<i>No. 59</i>", "details": {"was": "pending"}}  # fmt: skip

    def test_a_moderator_of_some_sites_reads_of_these_alone(self, log: Desk, app: Flask) -> None:
        add("eve", "moderator", ["other"])
        eve = Desk(app.test_client())
        eve.signs_in("eve")
        assert eve.opens("/admin/audit").text.count("<tr>") == 1 + 31
        assert ">blog<" not in eve.opens("/admin/audit").text
        assert len(eve.opens("/admin/audit/export").text.splitlines()) == 31
        for query in ("site=blog", "actor=ann", "comment=1"):
            assert eve.opens(f"/admin/audit/export?{query}").text == ""
        operators.change("eve", {"sites": []}, audit.COMMAND_LINE, NOW)
        assert eve.opens("/admin/audit/export").text == ""
