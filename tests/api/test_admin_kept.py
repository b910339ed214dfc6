"""What was typed into a form is not lost when the form could not be taken; and the way back to it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from service.people import invitations, operators
from service.people.audit import COMMAND_LINE
from tests.api.desk import COOKIE, PASSWORD, SAME, Desk, refused, text, tree
from tests.conftest import NOW, Reader, stored

LONG = "A reply that took twenty minutes.\n\n</textarea><script>alert(1)</script> & so on"


def kept(answer: TestResponse) -> list[str]:
    """Return the texts that a page gives back."""
    areas = [each for each in tree(answer).iter("textarea") if "readonly" in each.attrib]
    return ["".join(each.itertext()) for each in areas]


def leads(answer: TestResponse, name: str) -> str:
    """Return where a link of a page leads."""
    (found,) = [each.get("href", "") for each in tree(answer).iter("a") if "".join(each.itertext()) == name]
    return found


@pytest.mark.parametrize(
    ("path", "typed", "back"),
    [
        ("/admin/comments/1/edit", {"body": LONG, "reason": "a typo"}, "/admin/comments/1"),
        ("/admin/comments/1/answer", {"answer": LONG}, "/admin/comments/1"),
        ("/admin/rules/blog", {"spam_words": LONG, "hold_patterns": "x"}, "/admin/rules/blog"),
        ("/admin/bans", {"value": LONG}, "/admin/bans"),
        ("/admin/queue/decide", {"reason": "rude", "back": "/admin/queue?view=spam"}, "/admin/queue?view=spam"),
        ("/admin/queue/decide", {"reason": "rude", "back": "//evil.example/"}, "/admin/queue"),
        ("/admin/pages/7/close", {"reason": "old"}, "/admin/pages/7"),
        ("/admin/account/password", {"current": PASSWORD, "password": PASSWORD, "again": PASSWORD}, "/admin/account"),
        ("/admin/operators/ann/link", {}, "/admin/operators/ann"),
    ],
)
def test_a_session_that_ended_costs_nothing_that_was_typed(
    desk: Desk, path: str, typed: dict[str, str], back: str
) -> None:
    token = desk.token("/admin/account")
    desk.client.delete_cookie(COOKIE)
    answer = desk.client.post(path, data={"csrf": token} | typed, headers=SAME)
    refused(answer, 401, "Sign in")
    given = [value for name, value in typed.items() if name not in ("back", "current", "password", "again")]
    assert sorted(kept(answer)) == sorted(given)
    assert ("What you had typed" in text(answer)) == bool(given)
    assert PASSWORD not in answer.text
    assert not [each for each in tree(answer).iter("script") if each.text]
    signing_in = leads(answer, "Sign in")
    desk.opens(signing_in)
    (onward,) = re.findall(r'name="next" value="([^"]+)"', desk.opens(signing_in).text)
    assert onward == back


def test_nothing_is_given_back_to_a_form_from_elsewhere(desk: Desk) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = desk.client.post("/admin/comments/1/edit", data={"body": LONG}, headers=headers)
    refused(answer, 403)
    assert kept(answer) == []


def test_any_other_refusal_gives_it_back_too(desk: Desk, reader: Reader) -> None:
    made = reader.posts().json["comment"]["id"]
    answer = desk.client.post(f"/admin/comments/{made}/edit", data={"body": LONG, "csrf": "x"}, headers=SAME)
    refused(answer, 403, "no longer good")
    assert kept(answer) == [LONG]
    assert leads(answer, "Back to the form") == f"/admin/comments/{made}"
    gone = desk.sends("/admin/comments/999/edit", page="/admin/account", body=LONG)
    refused(gone, 404)
    assert kept(gone) == [LONG]


class TestTooOld:
    """A form by which one comes in is shown anew when it was open for too long, with the name."""

    def old(self, desk: Desk, clock: TimeMachineFixture, path: str, **typed: str) -> TestResponse:
        """Send a form that was opened longer ago than it is good, and then what is shown for it."""
        token = desk.token(path)
        clock.shift(timedelta(hours=1, seconds=1))
        answer = desk.client.post(path, data=typed | {"csrf": token}, headers=SAME)
        refused(answer, 403, "no longer good")
        (alert,) = [each for each in tree(answer).iter() if each.get("role") == "alert"]
        assert "Please send it again." in "".join(alert.itertext())
        (fresh,) = re.findall(r'name="csrf" value="([^"]+)"', answer.text)
        assert PASSWORD not in answer.text
        if "name" in typed:
            assert f'value="{typed["name"]}"' in answer.text
        again: TestResponse = desk.client.post(path, data=typed | {"csrf": fresh}, headers=SAME)
        return again

    def test_signing_in(self, app: Flask, desk: Desk, clock: TimeMachineFixture) -> None:
        there = Desk(app.test_client())
        answer = self.old(there, clock, "/admin/sign-in", name="ann", password=PASSWORD, next="/admin/bans")
        assert answer.headers["Location"] == "/admin/bans"

    def test_becoming_the_owner(self, app: Flask, clock: TimeMachineFixture) -> None:
        path = f"/admin/setup/{invitations.for_first_owner(NOW)}"
        assert self.old(
            Desk(app.test_client()), clock, path, name="ann", password=PASSWORD, again=PASSWORD
        ).status_code == 303  # fmt: skip
        assert operators.get("ann").role == "owner"

    def test_setting_a_password(self, app: Flask, desk: Desk, clock: TimeMachineFixture) -> None:
        path = f"/admin/password/{invitations.for_password('ann', COMMAND_LINE, NOW)}"
        assert self.old(Desk(app.test_client()), clock, path, password=PASSWORD, again=PASSWORD).status_code == 303

    def test_a_link_that_is_used_up_shows_no_form(self, app: Flask, desk: Desk) -> None:
        answer = desk.client.post(f"/admin/password/{'x' * 43}", data={"csrf": "x"}, headers=SAME)
        refused(answer, 403, "This form is too old")
        assert stored("invitations") == []
