"""Passwords, attempts, codes, sessions and tokens, each by itself."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service import database
from service.errors import Gone, Invalid, NotSignedIn, TooManyAttempts
from service.people import address, attempts, audit, invitations, operators, passwords, sessions, signin, tokens, totp
from service.people.audit import COMMAND_LINE
from tests.conftest import NOW, stored

PASSWORD = "a clock that is right twice"


@pytest.mark.parametrize("password", ["x" * 11, "x" * 257, "", "x" * 11 + "\0" + "x"])
def test_a_password_that_cannot_be_one_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.hashed(password)


def test_a_password_is_kept_as_argon2id_of_its_own_salt() -> None:
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert first.startswith("$argon2id$v=19$m=")
    assert first != second
    assert passwords.matches(first, PASSWORD)
    assert not passwords.matches(first, PASSWORD + " ")
    assert not passwords.matches(None, "the password of nobody at all")
    assert not passwords.matches("no hash at all", PASSWORD)
    assert not passwords.is_outdated(first)
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1).hash(PASSWORD))


def test_two_are_hashed_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock, full = 0, 0, threading.Lock(), threading.Barrier(2)

    def verify(*_: object) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        full.wait(30)  # nobody goes on before there are two
        with lock:
            running -= 1
        return True

    stored_hash = passwords.hashed(PASSWORD)
    monkeypatch.setattr(PasswordHasher, "verify", verify)
    threads = [threading.Thread(target=passwords.matches, args=(stored_hash, PASSWORD)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == 2


class TestAttempts:
    """Counted exactly, by account and by address; given back when they were right."""

    def spend(self, name: str = "ann", where: str = "192.0.2.7", after: int = 0) -> tuple[int, ...]:
        """Spend an attempt."""
        now = NOW + timedelta(seconds=after)
        with database.write() as connection:
            return attempts.spend(connection, attempts.buckets(name, address.buckets("secret", where, now)), now)

    def test_the_sixth_within_a_quarter_of_an_hour_waits(self, app: Flask) -> None:
        for number in range(5):
            self.spend(after=number)
        with pytest.raises(TooManyAttempts) as caught:
            self.spend(after=10)
        assert caught.value.retry_after == 890
        assert len(stored("spent")) == 10  # what was refused is not counted
        self.spend(after=900)
        with pytest.raises(TooManyAttempts):
            self.spend(after=900)

    def test_account_and_address_are_limits_each_of_its_own(self, app: Flask) -> None:
        for number in range(5):
            self.spend("ann", f"192.0.2.{number}")
        with pytest.raises(TooManyAttempts):
            self.spend(" ANN", "198.51.100.1")
        self.spend("ben", "192.0.2.1")
        for number in range(3):
            self.spend(f"name{number}", "192.0.2.1")
        with pytest.raises(TooManyAttempts):
            self.spend("another", "192.0.2.1")
        self.spend("ben", "192.0.2.2")

    def test_what_is_given_back_was_never_spent(self, app: Flask) -> None:
        for _ in range(20):
            spent = self.spend()
            with database.write() as connection:
                attempts.give_back(connection, spent)
        assert stored("spent") == []

    def test_midnight_forgives_nothing(self, app: Flask) -> None:
        midnight = int((NOW.replace(hour=23, minute=59, second=50) - NOW).total_seconds())
        for _ in range(5):
            self.spend(after=midnight)
        with pytest.raises(TooManyAttempts):
            self.spend("other", after=midnight + 20)

    def test_of_twenty_at_once_five_are_let_in(self, app: Flask) -> None:
        let_in = []

        def attempt() -> None:
            with app.app_context(), contextlib.suppress(TooManyAttempts):
                let_in.append(self.spend())

        threads = [threading.Thread(target=attempt) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(let_in) == 5

    def test_old_rows_are_cleared_away(self, app: Flask) -> None:
        self.spend()
        self.spend(after=86_400 + 1)
        assert len(stored("spent")) == 2


class TestTotp:
    """Codes by RFC 6238, none good twice."""

    KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the RFC's own

    @pytest.mark.parametrize(
        ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]
    )
    def test_the_examples_of_the_rfc_hold(self, at: int, code: str) -> None:
        assert totp.step_of(self.KEY, code, 0, at) == at // 30

    @pytest.mark.parametrize("code", ["", "28708", "2870820", "abcdef", "٢٨٧٠٨٢", "-28708", "287082x", "2.7082"])
    def test_what_is_no_code_is_none(self, code: str) -> None:
        assert totp.step_of(self.KEY, code, 0, 59) is None

    def test_one_step_either_way_and_only_after_the_last(self) -> None:
        at = NOW.timestamp()
        current = int(at) // 30
        codes = {step: pyotp.TOTP(self.KEY).at((current + step) * 30) for step in range(-2, 3)}
        assert {step: totp.step_of(self.KEY, code, 0, at) is not None for step, code in codes.items()} == {
            -2: False, -1: True, 0: True, 1: True, 2: False}  # fmt: skip
        assert totp.step_of(self.KEY, codes[0], current, at) is None
        assert totp.step_of(self.KEY, codes[-1], current, at) is None
        assert totp.step_of(self.KEY, codes[1], current, at) == current + 1

    def test_a_key_follows_from_secret_and_session(self) -> None:
        key = totp.secret_for("secret", "one")
        assert key == totp.secret_for("secret", "one")
        assert len({key, totp.secret_for("secret", "two"), totp.secret_for("other", "one")}) == 3
        assert len(key) == 32

    def test_the_address_is_what_apps_take(self) -> None:
        made = totp.address_of(self.KEY, "ann", "Afterword (comments.example.org)")
        parsed = pyotp.parse_uri(made)
        assert (parsed.secret, parsed.name, parsed.issuer) == (self.KEY, "ann", "Afterword (comments.example.org)")
        picture = totp.picture(made)
        assert picture.startswith(b"<?xml")
        assert b"<script" not in picture


class TestSessions:
    """Half an hour idle, half a day in all."""

    def start(self, proven: bool = True, name: str = "ann") -> str:
        """Begin a session of a new operator."""
        operators.add(name, "owner", None, COMMAND_LINE, NOW)
        with database.write() as connection:
            return sessions.start(connection, operators.get(name).id, proven, "Browser\x00\n" * 40, "192.0.2.0/24", NOW)

    def test_only_its_hash_is_kept(self, app: Flask) -> None:
        token = self.start()
        assert len(token) == 43
        assert token not in str(stored("sessions"))
        found = sessions.find(token, NOW)
        assert (found.operator, found.address, len(found.agent)) == ("ann", "192.0.2.0/24", 120)
        assert found.agent.isprintable()

    @pytest.mark.parametrize(("proven", "minutes"), [(True, 30), (False, 10)])
    def test_it_ends_by_itself(self, app: Flask, proven: bool, minutes: int) -> None:
        token = self.start(proven)
        assert sessions.find(token, NOW + timedelta(minutes=minutes, seconds=-1)) is not None
        assert sessions.find(token, NOW + timedelta(minutes=minutes)) is None

    @pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(days=1), timedelta(days=3_650)])
    def test_a_clock_that_was_set_back_lets_nobody_in(self, app: Flask, back: timedelta) -> None:
        token = self.start()
        assert sessions.find(token, NOW - timedelta(seconds=59)) is not None, "two hosts are never quite at one"
        assert sessions.find(token, NOW - back) is None
        assert sessions.find(token, NOW) is not None, "and ends nothing"

    @pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 10_000, "é", "\ud800"])
    def test_another_cookie_is_nobodys(self, app: Flask, token: str) -> None:
        self.start()
        assert sessions.find(token, NOW) is None

    def test_one_that_was_ended_is_not_renewed(self, app: Flask) -> None:
        found = sessions.find(self.start(), NOW)
        sessions.end(found, COMMAND_LINE, NOW)
        with pytest.raises(NotSignedIn), database.write() as connection:
            sessions.renew(connection, found, NOW)

    def test_one_that_was_ended_never_turns_into_a_later_one(self, app: Flask) -> None:
        found = sessions.find(self.start(), NOW)
        sessions.end(found, COMMAND_LINE, NOW)
        later = sessions.find(self.start(name="bob"), NOW)
        assert later.id > found.id
        secret = totp.secret_for("s" * 40, "seed")
        with pytest.raises(NotSignedIn):
            signin.enable_totp(found, secret, pyotp.TOTP(secret).at(NOW.timestamp()), COMMAND_LINE, NOW)
        assert not operators.get(found.operator).has_totp

    def test_one_that_is_over_is_not_renewed(self, app: Flask) -> None:
        found = sessions.find(self.start(), NOW)
        with pytest.raises(NotSignedIn), database.write() as connection:
            sessions.renew(connection, found, NOW + sessions.IDLE)


class TestTokens:
    """Keys for the API."""

    def find(self, token: str, after: timedelta = timedelta()) -> operators.Principal | None:
        """Look a token up."""
        with database.read() as connection:
            return tokens.find(connection, token, NOW + after)

    def test_one_is_good_until_it_expires(self, app: Flask) -> None:
        operators.add("ann", "owner", None, COMMAND_LINE, NOW)
        known, token = tokens.make("Ann", "x", ["read"], 7, COMMAND_LINE, NOW)
        assert self.find(token, timedelta(days=7, seconds=-1)).scopes == {"read"}
        assert self.find(token, timedelta(days=7)) is None
        assert known.expires == NOW + timedelta(days=7)
        _, lasting = tokens.make("ann", "y", ["read", "operators"], None, COMMAND_LINE, NOW)
        assert self.find(lasting, timedelta(days=10_000)) is not None

    def test_a_clock_that_was_set_back_lets_nobody_in(self, app: Flask) -> None:
        operators.add("ann", "owner", None, COMMAND_LINE, NOW)
        _, token = tokens.make("Ann", "x", ["read"], 7, COMMAND_LINE, NOW)
        assert self.find(token, -timedelta(days=3_650)) is None
        link = invitations.for_password("ann", COMMAND_LINE, NOW)
        with pytest.raises(Gone):
            invitations.look(link, NOW - timedelta(days=1))
        assert invitations.look(link, NOW).operator == "ann"

    def test_its_scopes_shrink_with_the_role(self, app: Flask) -> None:
        operators.add("boss", "owner", None, COMMAND_LINE, NOW)
        operators.add("ann", "owner", None, COMMAND_LINE, NOW)
        _, token = tokens.make("ann", "x", ["operators", "read"], None, COMMAND_LINE, NOW)
        operators.change("ann", {"role": "moderator", "sites": ["blog"]}, COMMAND_LINE, NOW)
        found = self.find(token)
        assert found.scopes == {"read"}
        assert len(found.sites) == 1
        operators.remove("ann", COMMAND_LINE, NOW)
        assert self.find(token) is None

    @pytest.mark.parametrize(
        "token", ["", "aft_", "aft_" + "x" * 43, "x" * 47, "aft_" + "x" * 43 + "\n", "Bearer aft_x"]
    )
    def test_another_text_is_nobodys(self, app: Flask, token: str) -> None:
        operators.add("ann", "owner", None, COMMAND_LINE, NOW)
        tokens.make("ann", "x", ["read"], 7, COMMAND_LINE, NOW)
        assert self.find(token) is None

    def test_its_use_is_noted_once_a_minute(self, app: Flask) -> None:
        operators.add("ann", "owner", None, COMMAND_LINE, NOW)
        _, token = tokens.make("ann", "x", ["read"], 7, COMMAND_LINE, NOW)
        used = []
        for second in (0, 59, 60):
            tokens.note(token, NOW + timedelta(seconds=second))
            used.append((tokens.listing("ann")[0].used - NOW).total_seconds())
        assert used == [0, 0, 60]


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"]
)
def test_nobody_changes_the_log(app: Flask, statement: str) -> None:
    with database.write() as connection:
        audit.record(connection, COMMAND_LINE, "comment.approve", NOW)
    before = stored("audit")
    with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
        connection.execute(text(statement))
    assert stored("audit") == before


@pytest.mark.parametrize(
    ("whole", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1::/48"), ("::ffff:192.0.2.77", "192.0.2.0/24"),
     ("", ""), ("unix", "")],
)  # fmt: skip
def test_an_address_is_cut_to_its_network(whole: str, network: str) -> None:
    assert address.truncated(whole) == network


def test_passwords_cost_what_owasp_asks_for_at_least() -> None:
    # argon2id: 19 MiB and two rounds (Password Storage Cheat Sheet)
    assert passwords.MEMORY >= 19 * 1024
    assert passwords.ROUNDS >= 2
