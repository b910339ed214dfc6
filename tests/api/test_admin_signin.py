"""Signing in: password, throttling, cookie, expiry, and the way to and fro (security.md, A10, A13, 6.4, 6.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from time_machine import TimeMachineFixture

from service.people import operators, passwords
from service.people.audit import COMMAND_LINE
from tests.api.desk import COOKIE, PASSWORD, Desk, refused, text
from tests.conftest import NOW, stored


@pytest.fixture
def desk(visitor: Desk) -> Desk:
    """The browser of the owner `ann`, who is not signed in yet."""
    return visitor


def test_a_name_and_a_password_begin_a_session(desk: Desk) -> None:
    answer = desk.signs_in(" Ann ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/")
    assert "ann" in text(desk.opens("/admin/account"))
    assert [entry["verb"] for entry in stored("audit")] == ["site.add", "operator.add", "operator.signin"]
    assert stored("spent") == []


def test_the_cookie_is_for_this_host_and_for_no_script(desk: Desk) -> None:
    name, _, rest = desk.signs_in().headers["Set-Cookie"].partition("=")
    value, *flags = rest.split("; ")
    assert name == COOKIE
    assert len(value) == 43
    assert sorted(flags) == ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]
    assert value not in str(stored("sessions"))


def test_every_sign_in_has_a_cookie_of_its_own(desk: Desk, app: Flask) -> None:
    desk.signs_in()
    first = desk.cookie()
    desk.signs_in()
    assert first != desk.cookie()
    assert len(stored("sessions")) == 1  # the browser has forgotten the first


def test_a_cookie_that_was_put_there_is_not_taken_over(desk: Desk) -> None:
    desk.client.set_cookie(COOKIE, "x" * 43)
    desk.signs_in()
    assert desk.cookie() != "x" * 43


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", "a clock that is wrong twice"),
        ("ann", ""),
        ("ann", PASSWORD + "x" * 300),
        ("ann", PASSWORD.upper()),
        ("nobody", PASSWORD),
        ("", ""),
        ("invited", PASSWORD),
        ("invited", ""),
        ("ann' OR 1=1 --", PASSWORD),
        ("é" * 4_000, "é" * 4_000),
    ],
)
def test_what_is_wrong_is_told_the_same_and_costs_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    operators.add("invited", "moderator", None, COMMAND_LINE, NOW)
    hashes = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: hashes.append(given[1]) or verify(*given))
    answer = desk.signs_in(name, password)
    refused(answer, 422, "The name or the password is not right.")
    assert len(hashes) == 1
    assert hashes[0].split("$")[:4] == passwords.hashed(PASSWORD).split("$")[:4]
    assert desk.cookie() is None
    assert len(stored("spent")) == 2
    if len(name) < 60:
        assert answer.text.replace(f'value="{name}"', "").count("invited") == 0


def test_the_page_of_a_wrong_password_tells_names_apart_by_what_was_typed_alone(desk: Desk) -> None:
    def page(name: str) -> str:
        answer = desk.signs_in(name, "wrong")
        return answer.text.replace(name, "NAME").partition('name="csrf"')[0]

    assert page("ann") == page("bob")


def test_a_hash_of_older_parameters_is_made_anew(desk: Desk) -> None:
    from sqlalchemy import update

    from service import database
    from service.models import Operator

    old = PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1).hash(PASSWORD)
    with database.write() as connection:
        connection.execute(update(Operator).values(password_hash=old))
    assert desk.signs_in().status_code == 303
    assert not passwords.is_outdated(stored("operators")[0]["password_hash"])
    assert desk.signs_in().status_code == 303


class TestThrottle:
    """Five failures in fifteen minutes, for an account and for an address, whoever of the processes counts."""

    def test_the_sixth_attempt_waits_even_with_the_right_password(self, desk: Desk, clock: TimeMachineFixture) -> None:
        for _ in range(5):
            assert desk.signs_in(password="wrong").status_code == 422
            clock.shift(60)
        answer = desk.signs_in()
        refused(answer, 429, "Too many attempts in a short time. Please try again in 10 minutes.")
        assert answer.headers["Retry-After"] == "600"
        clock.shift(599)
        assert desk.signs_in().status_code == 429
        clock.shift(1)
        assert desk.signs_in().status_code == 303  # never for good, and asking did not make it longer

    def test_it_holds_across_two_processes_on_one_database(
        self, desk: Desk, make_app: Callable[..., Flask], clock: TimeMachineFixture
    ) -> None:
        other = Desk(make_app().test_client())
        for number in range(5):
            assert (desk, other)[number % 2].signs_in(password="wrong").status_code == 422
        assert desk.signs_in().status_code == other.signs_in().status_code == 429

    def test_an_account_counts_from_all_addresses_and_one_that_nobody_has_too(self, desk: Desk) -> None:
        for name in ("ann", "nobody"):
            for number in range(6):
                desk.client.environ_base["REMOTE_ADDR"] = (
                    f"192.0.2.{number}" if name == "ann" else f"198.51.100.{number}"
                )
                assert desk.signs_in(name, "wrong").status_code == (422 if number < 5 else 429)

    def test_an_address_counts_over_all_accounts_and_others_go_on(self, desk: Desk) -> None:
        for number in range(5):
            assert desk.signs_in(f"name{number}", "wrong").status_code == 422
        assert desk.signs_in().status_code == 429
        desk.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
        assert desk.signs_in().status_code == 303

    def test_one_network_of_ipv6_is_one_address(self, desk: Desk) -> None:
        for number in range(6):
            desk.client.environ_base["REMOTE_ADDR"] = f"2001:db8::{number + 1:x}"
            assert desk.signs_in(f"name{number}", "wrong").status_code == (422 if number < 5 else 429)

    def test_what_a_client_says_of_its_address_is_not_believed(self, desk: Desk) -> None:
        for number in range(6):
            desk.headers["X-Forwarded-For"] = f"192.0.2.{number}"
            assert desk.signs_in(f"name{number}", "wrong").status_code == (422 if number < 5 else 429)

    def test_success_takes_nothing_of_earlier_failures_away(self, desk: Desk) -> None:
        for _ in range(4):
            desk.signs_in(password="wrong")
        assert desk.signs_in().status_code == 303
        assert desk.signs_in().status_code == 303
        assert desk.signs_in(password="wrong").status_code == 422
        assert desk.signs_in().status_code == 429

    def test_no_address_is_kept(self, desk: Desk) -> None:
        desk.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
        desk.signs_in(password="wrong")
        assert "192.0.2" not in str(stored("spent"))
        desk.signs_in()
        assert [row["address"] for row in stored("sessions")] == ["192.0.2.0/24"]


class TestTime:
    """Half an hour without a sign of life, or half a day in all, and a session is over."""

    def test_it_ends_when_nothing_is_done(self, desk: Desk, clock: TimeMachineFixture) -> None:
        desk.signs_in()
        clock.shift(timedelta(minutes=29, seconds=59))
        desk.opens("/admin/account")
        clock.shift(timedelta(minutes=30))
        assert desk.opens("/admin/account", 303).headers["Location"] == "/admin/sign-in?next=/admin/account"

    def test_it_ends_after_half_a_day_anyhow(self, desk: Desk, clock: TimeMachineFixture) -> None:
        desk.signs_in()
        for _ in range(35):
            clock.shift(timedelta(minutes=20))
            desk.opens("/admin/account")
        clock.shift(timedelta(minutes=20))
        desk.opens("/admin/account", 303)

    def test_looking_at_pages_writes_once_a_minute(self, desk: Desk, clock: TimeMachineFixture) -> None:
        desk.signs_in()
        first = stored("sessions")[0]["seen"]
        clock.shift(59)
        desk.opens("/admin/account")
        assert stored("sessions")[0]["seen"] == first
        clock.shift(1)
        desk.opens("/admin/account")
        assert stored("sessions")[0]["seen"] != first

    def test_ended_sessions_are_cleared_away(self, desk: Desk, clock: TimeMachineFixture) -> None:
        desk.signs_in()
        clock.shift(timedelta(hours=1))
        desk.signs_in()
        assert len(stored("sessions")) == 1


def test_signing_out_ends_the_session_and_takes_the_cookie(desk: Desk) -> None:
    desk.signs_in()
    kept = desk.cookie()
    answer = desk.sends("/admin/sign-out", page="/admin/account")
    assert answer.headers["Location"] == "/admin/sign-in?done=signed-out"
    assert desk.cookie() is None
    assert stored("sessions") == []
    desk.client.set_cookie(COOKIE, kept)
    desk.opens("/admin/account", 303)


def test_signing_out_is_no_link(desk: Desk) -> None:
    desk.signs_in()
    desk.opens("/admin/sign-out", 405)
    desk.opens("/admin/account")


def test_who_is_signed_in_needs_no_form_to_go_on(desk: Desk) -> None:
    desk.signs_in()
    assert desk.opens("/admin/sign-in?next=/admin/audit", 303).headers["Location"] == "/admin/audit"


def test_a_form_of_an_ended_session_says_so(desk: Desk, clock: TimeMachineFixture) -> None:
    desk.signs_in()
    token = desk.token("/admin/account")
    clock.shift(timedelta(hours=1))
    answer = desk.client.post("/admin/account/tokens", data={"csrf": token}, headers=desk.headers)
    refused(answer, 401, "You are not signed in any more, so nothing was changed.")


ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example/admin/",
    "/%09/evil.example",
    "/admin/\\evil",
    "\\/evil.example",
    "javascript:alert(1)",
    "/admin//evil.example",
    "/admin/%2f/evil",
    "/admin/%2e%2e//evil.example",
    "/admin/../evil",
    "/thread",
    "/admin",
    "admin/",
    " /admin/",
    "/admin/\t",
    "/admin/\n",
    "/admin/%0d%0aX: y",
    "/admin/%5cevil",
    "//admin/",
    "/admin@evil.example/",
    "/admin.evil.example/",
    "/admin/é",
    '/admin/"x',
    "/admin/<x",
    "/admin/" + "x" * 4_000,
]


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_nobody_is_sent_elsewhere(desk: Desk, onward: str) -> None:
    assert desk.signs_in(next=onward).headers["Location"] == "/admin/"
    location = desk.client.get("/admin/sign-in", query_string={"next": onward}).headers["Location"]
    assert location == "/admin/"
    assert desk.client.get("/admin/go", query_string={"to": onward}).status_code == 404


@pytest.mark.parametrize(
    "onward", ["/admin/audit", "/admin/audit?actor=ann&verb=comment.spam", "/admin/queue?before=7#c-7"]
)
def test_one_arrives_where_one_was_going(desk: Desk, onward: str) -> None:
    path, _, _mark = onward.partition("#")
    page = desk.opens(desk.opens(path, 303).headers["Location"])
    assert path.replace("&", "&amp;") in page.text
    assert desk.signs_in(next=onward).headers["Location"] == onward


def test_a_link_from_another_site_arrives_signed_in(desk: Desk) -> None:
    desk.signs_in()
    kept = desk.cookie()
    desk.client.delete_cookie(COOKIE)  # browsers leave a strict one behind
    answer = desk.opens("/admin/audit?actor=ann", 303, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.headers["Location"] == "/admin/go?to=/admin/audit?actor%3Dann"
    page = desk.opens(answer.headers["Location"], **{"Sec-Fetch-Site": "cross-site"})
    assert '<meta http-equiv="refresh" content="0; url=/admin/audit?actor=ann">' in page.text
    assert "Set-Cookie" not in page.headers
    desk.client.set_cookie(COOKIE, kept)
    desk.opens("/admin/audit?actor=ann", **{"Sec-Fetch-Site": "same-origin"})
