"""One's own account: the second factor, recovery codes, the password, sessions, tokens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service import database
from service.people import tokens
from tests.api.desk import COOKIE, PASSWORD, Desk, add, refused, text, tree
from tests.conftest import NOW, stored

NEW = "another clock, and a better one"


def seconds(clock_shift: int = 0) -> float:
    """Return the time by NOW."""
    return NOW.timestamp() + clock_shift


class TestSecondFactor:
    """A code of the app, or a recovery code, each good once."""

    def test_it_is_on_when_a_code_has_shown_that_the_app_works(self, desk: Desk) -> None:
        before = desk.cookie()
        refused(desk.sends("/admin/account/totp", code="123", current=PASSWORD), 422, "This code is not right.")
        assert stored("operators")[0]["totp_secret"] is None
        app, codes = desk.turns_totp_on(seconds())
        assert stored("operators")[0]["totp_secret"] == app.secret
        assert len(app.secret) == 32
        assert len(set(codes)) == 10
        assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
        assert desk.cookie() != before
        assert "10 recovery codes" in text(desk.opens("/admin/account"))

    def test_page_and_picture_offer_one_key_of_this_session(self, desk: Desk, app: Flask) -> None:
        picture = desk.opens("/admin/account/totp.svg")
        assert picture.mimetype == "image/svg+xml"
        assert picture.headers["Cache-Control"] == "no-store"
        assert picture.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert picture.data == desk.opens("/admin/account/totp.svg").data
        page = desk.opens("/admin/account/totp")
        assert [each.get("src") for each in tree(page).iter("img")] == ["/admin/account/totp.svg"]
        assert "data:" not in page.text
        assert "<svg" not in page.text
        other = Desk(app.test_client())
        other.signs_in()
        assert other.opens("/admin/account/totp.svg").data != picture.data

    def test_only_the_password_is_no_sign_in_any_more(self, desk: Desk, clock: TimeMachineFixture, app: Flask) -> None:
        device, _ = desk.turns_totp_on(seconds())
        clock.shift(60)
        other = Desk(app.test_client())
        answer = other.signs_in(next="/admin/audit")
        assert answer.headers["Location"] == "/admin/code?next=/admin/audit"
        pending = other.cookie()
        for path in ("/admin/", "/admin/account", "/admin/audit", "/admin/account/totp.svg"):
            assert other.opens(path, 303).headers["Location"].startswith("/admin/code")
        token = other.token("/admin/code")
        answer = other.client.post("/admin/account/tokens", data={"csrf": token, "name": "x", "scope": "read"},
                                   headers=other.headers)  # fmt: skip
        assert answer.status_code == 401
        answer = other.sends("/admin/code", code=device.at(seconds(60)), next="/admin/audit")
        assert answer.headers["Location"] == "/admin/audit"
        assert other.cookie() != pending
        other.opens("/admin/audit")
        assert Desk(app.test_client()).client.set_cookie(COOKIE, pending) is None
        other.client.set_cookie(COOKIE, pending)
        other.opens("/admin/audit", 303)

    def test_a_code_is_good_once_and_none_before_it(self, desk: Desk, clock: TimeMachineFixture, app: Flask) -> None:
        device, _ = desk.turns_totp_on(seconds())
        other = Desk(app.test_client())
        other.signs_in()
        for past in (-30, 0):  # the one that turned it on, and the one before
            refused(other.sends("/admin/code", code=device.at(seconds(past))), 422, "was used already")
        code = device.at(seconds(30))
        assert other.sends("/admin/code", code=f" {code[:3]} {code[3:]} ").status_code == 303
        again = Desk(app.test_client())
        again.signs_in()
        refused(again.sends("/admin/code", code=code), 422)
        clock.shift(30)
        refused(again.sends("/admin/code", code=code), 422)
        assert again.sends("/admin/code", code=device.at(seconds(60))).status_code == 303

    @pytest.mark.parametrize(("drift", "status"), [(-60, 422), (-30, 303), (0, 303), (30, 303), (60, 422)])
    def test_a_clock_may_be_half_a_minute_off(
        self, desk: Desk, clock: TimeMachineFixture, app: Flask, drift: int, status: int
    ) -> None:
        device, _ = desk.turns_totp_on(seconds())
        clock.shift(600)
        other = Desk(app.test_client())
        other.signs_in()
        assert other.sends("/admin/code", code=device.at(seconds(600 + drift))).status_code == status

    def test_a_recovery_code_is_good_once(self, desk: Desk, app: Flask) -> None:
        _, codes = desk.turns_totp_on(seconds())
        assert codes[3] not in str(stored("recovery_codes"))
        other = Desk(app.test_client())
        other.signs_in()
        assert other.sends("/admin/code", code=codes[3].upper().replace("-", " ")).status_code == 303
        other.signs_in()
        refused(other.sends("/admin/code", code=codes[3]), 422)
        assert other.sends("/admin/code", code=codes[4]).status_code == 303
        assert "8 recovery codes" in text(other.opens("/admin/account"))
        assert (
            next(e["details"] for e in stored("audit") if "recovery" in e["details"])
            == '{"with": "recovery", "left": "9"}'
        )

    def test_codes_are_somebodys_own(self, desk: Desk, app: Flask) -> None:
        add("ben")
        _, codes = desk.turns_totp_on(seconds())
        ben = Desk(app.test_client())
        ben.signs_in("ben")
        ben.turns_totp_on(seconds())
        ben.signs_in("ben")
        refused(ben.sends("/admin/code", code=codes[0]), 422)

    def test_wrong_codes_are_counted_as_wrong_passwords_are(
        self, desk: Desk, clock: TimeMachineFixture, app: Flask
    ) -> None:
        device, codes = desk.turns_totp_on(seconds())
        other = Desk(app.test_client())
        other.signs_in()
        for _ in range(5):
            refused(other.sends("/admin/code", code="000000"), 422)
        refused(other.sends("/admin/code", code=codes[0]), 429, "Too many attempts")
        assert len(stored("recovery_codes")) == 10
        assert other.signs_in().status_code == 429
        clock.shift(timedelta(minutes=15))
        other.signs_in()
        assert other.sends("/admin/code", code=device.at(seconds(900))).status_code == 303

    def test_one_has_ten_minutes_for_the_second_factor(self, desk: Desk, clock: TimeMachineFixture, app: Flask) -> None:
        _, codes = desk.turns_totp_on(seconds())
        other = Desk(app.test_client())
        other.signs_in()
        token = other.token("/admin/code")
        clock.shift(timedelta(minutes=10))
        answer = other.client.post("/admin/code", data={"csrf": token, "code": codes[0]}, headers=other.headers)
        refused(answer, 401, "not signed in any more")
        assert len(stored("recovery_codes")) == 10

    def test_new_codes_end_the_old_and_need_the_password(self, desk: Desk, app: Flask) -> None:
        _, codes = desk.turns_totp_on(seconds())
        refused(desk.sends("/admin/account/codes", page="/admin/account", current="x"), 422, "not your password")
        answer = desk.sends("/admin/account/codes", page="/admin/account", current=PASSWORD)
        new = ["".join(each.itertext()) for each in tree(answer).iter("code")]
        assert len(set(new)) == 10
        assert not set(new) & set(codes)
        desk.signs_in()
        refused(desk.sends("/admin/code", code=codes[0]), 422)
        assert desk.sends("/admin/code", code=new[0]).status_code == 303

    def test_turning_it_off_needs_the_password(self, desk: Desk, app: Flask) -> None:
        desk.turns_totp_on(seconds())
        refused(desk.sends("/admin/account/totp/off", page="/admin/account", current="x"), 422, "not your password")
        assert stored("operators")[0]["totp_secret"]
        offered = desk.opens("/admin/account/totp.svg").data
        assert desk.sends("/admin/account/totp/off", page="/admin/account", current=PASSWORD).status_code == 303
        assert "The second factor is off." in text(desk.opens("/admin/account?done=totp-off"))
        assert (stored("operators")[0]["totp_secret"], stored("recovery_codes")) == (None, [])
        assert desk.opens("/admin/account/totp.svg").data != offered  # never the same key again
        assert Desk(app.test_client()).signs_in().headers["Location"] == "/admin/"

    def test_turning_it_on_ends_sessions_that_began_without(self, desk: Desk, app: Flask) -> None:
        other = Desk(app.test_client())
        other.signs_in()
        desk.turns_totp_on(seconds())
        other.opens("/admin/account", 303)
        desk.opens("/admin/account")

    def test_it_is_not_turned_on_twice(self, desk: Desk) -> None:
        device, _ = desk.turns_totp_on(seconds())
        page = tree(desk.opens("/admin/account/totp"))
        key = next("".join(each.itertext()) for each in page.iter("code") if each.get("class") == "key").replace(
            " ", ""
        )
        import pyotp

        refused(
            desk.sends("/admin/account/totp", code=pyotp.TOTP(key).at(seconds()), current=PASSWORD), 409, "on already"
        )
        assert stored("operators")[0]["totp_secret"] == device.secret


class TestPassword:
    """A new one needs the old one, and ends all sessions."""

    def change(self, desk: Desk, password: str = NEW, again: str | None = None, current: str = PASSWORD) -> object:
        """Send the form."""
        sent = {"current": current, "password": password, "again": password if again is None else again}
        return desk.sends("/admin/account/password", page="/admin/account", **sent)

    def test_it_ends_all_sessions_and_begins_one(self, desk: Desk, app: Flask) -> None:
        other = Desk(app.test_client())
        other.signs_in()
        before = desk.cookie()
        assert self.change(desk).headers["Location"] == "/admin/account?done=password"
        assert desk.cookie() != before
        desk.opens("/admin/account")
        other.opens("/admin/account", 303)
        assert len(stored("sessions")) == 1
        refused(other.signs_in(), 422)
        assert other.signs_in(password=NEW).status_code == 303

    @pytest.mark.parametrize(
        ("password", "again", "current", "said"),
        [
            ("x" * 11, None, PASSWORD, "12 to 256 characters"),
            ("x" * 257, None, PASSWORD, "12 to 256 characters"),
            ("", None, PASSWORD, "12 to 256 characters"),
            (NEW, NEW.upper(), PASSWORD, "not the same"),
            (NEW, None, "x", "not your password"),
            (NEW, None, "", "not your password"),
        ],
    )
    def test_what_is_wrong_with_it_is_said(
        self, desk: Desk, password: str, again: str | None, current: str, said: str
    ) -> None:
        before = stored("operators")
        refused(self.change(desk, password, again, current), 422, said)
        assert stored("operators") == before
        desk.opens("/admin/account")

    @pytest.mark.parametrize("password", ["x" * 12, "x" * 256, "ein Schäferhund 🐕 bellt", "            "])
    def test_any_characters_will_do(self, desk: Desk, app: Flask, password: str) -> None:
        assert self.change(desk, password).status_code == 303
        assert Desk(app.test_client()).signs_in(password=password).status_code == 303

    def test_the_old_one_cannot_be_found_by_trying(self, desk: Desk) -> None:
        for _ in range(5):
            self.change(desk, current="wrong")
        refused(self.change(desk), 429, "Too many attempts")


class TestSessions:
    """They can be seen and ended, one's own alone."""

    def test_they_are_listed_and_ended(self, desk: Desk, app: Flask) -> None:
        other = Desk(app.test_client())
        other.client.environ_base["HTTP_USER_AGENT"] = 'A <b>"browser"</b>\x01'
        other.signs_in()
        page = desk.opens("/admin/account")
        assert 'title="A &lt;b&gt;&#34;browser&#34;&lt;/b&gt;' in page.text
        first, second = (row["id"] for row in stored("sessions"))
        assert f"/admin/account/sessions/{second}/end" in page.text
        assert f"/admin/account/sessions/{first}/end" not in page.text
        assert desk.sends(f"/admin/account/sessions/{second}/end", page="/admin/account").status_code == 303
        other.opens("/admin/account", 303)
        refused(desk.sends(f"/admin/account/sessions/{second}/end", page="/admin/account"), 404)

    def test_all_others_are_ended(self, desk: Desk, app: Flask) -> None:
        others = [Desk(app.test_client()) for _ in range(3)]
        for other in others:
            other.signs_in()
        assert desk.sends("/admin/account/sessions/end-others", page="/admin/account").status_code == 303
        desk.opens("/admin/account")
        for other in others:
            other.opens("/admin/account", 303)

    def test_nobody_ends_somebody_elses(self, desk: Desk, app: Flask) -> None:
        add("ben")
        ben = Desk(app.test_client())
        ben.signs_in("ben")
        (mine,) = (row["id"] for row in stored("sessions") if row["operator_id"] == 2)
        refused(desk.sends(f"/admin/account/sessions/{mine}/end", page="/admin/account"), 404)
        ben.opens("/admin/account")


class TestTokens:
    """Keys for the API: shown once, with some of one's scopes."""

    def test_one_is_shown_once(self, desk: Desk) -> None:
        answer = desk.sends(
            "/admin/account/tokens",
            page="/admin/account",
            name=" Nightly ",
            scope=["read", "pages"],
            days="7",
            current=PASSWORD,
        )
        (made,) = set(re.findall(r"aft_[A-Za-z0-9_-]{43}", answer.text))
        assert made not in desk.opens("/admin/account").text
        assert made not in str(stored("tokens"))
        with database.read() as connection:
            found = tokens.find(connection, made, NOW)
        assert (found.name, found.scopes, found.via, found.sites) == ("ann", {"read", "pages"}, "api", None)
        (known,) = tokens.listing("ann")
        assert (known.name, known.scopes, known.expires) == ("Nightly", ("read", "pages"), NOW + timedelta(days=7))
        assert desk.sends(f"/admin/account/tokens/{known.id}/remove", page="/admin/account").status_code == 303
        with database.read() as connection:
            assert tokens.find(connection, made, NOW) is None

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"name": " "}, "needs a name"),
            ({"name": "x" * 65}, "needs a name"),
            ({"scope": []}, "one or more of these scopes"),
            ({"scope": ["read", "everything"]}, "one or more of these scopes"),
            ({"days": "0"}, "1 to 3650 days"),
            ({"days": "99999"}, "1 to 3650 days"),
            ({"days": "x"}, "a whole number"),
            ({"current": "not the password"}, "This is not your password."),
        ],
    )
    def test_what_is_wrong_is_said(self, desk: Desk, change: dict[str, object], said: str) -> None:
        sent = {"name": "script", "scope": ["read"], "days": "7", "current": PASSWORD} | change
        refused(desk.sends("/admin/account/tokens", page="/admin/account", **sent), 422, said)
        assert stored("tokens") == []

    def test_a_moderator_makes_none_for_what_is_not_theirs(self, desk: Desk, app: Flask) -> None:
        add("ben", "moderator")
        ben = Desk(app.test_client())
        ben.signs_in("ben")
        assert 'value="settings"' not in ben.opens("/admin/account").text
        sent = {"name": "x", "scope": ["read", "settings"], "days": "", "current": PASSWORD}
        refused(ben.sends("/admin/account/tokens", page="/admin/account", **sent), 422, "read, moderate, pages.")
        assert (
            ben.sends("/admin/account/tokens", page="/admin/account", **(sent | {"scope": "read"})).status_code == 200
        )
        (made,) = tokens.listing("ben")
        refused(desk.sends(f"/admin/account/tokens/{made.id}/remove", page="/admin/account"), 404)
