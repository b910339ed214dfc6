"""Network addresses as far as they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.people import address

SECRET = "x" * 32
NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def today(given: str, now: datetime = NOON, secret: str = SECRET) -> str:
    return address.buckets(secret, given, now)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("192.0.2.1", "::FFFF:C000:201"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:DB8:1:2:0:0:0:9"),
        ("fe80::1", "fe80::2"),
        ("fe80::1%eth0", "fe80::2%eth1"),
    ],
)
def test_these_are_one(one: str, other: str) -> None:
    assert today(one) == today(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.2.2"),
        ("192.0.2.1", "::ffff:192.0.2.2"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("::1", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_these_are_two(one: str, other: str) -> None:
    assert today(one) != today(other)


def test_the_name_of_yesterday_is_looked_at_too() -> None:
    assert address.buckets(SECRET, "192.0.2.1", NOON + DAY)[1] == today("192.0.2.1")


def test_the_name_changes_daily() -> None:
    names = {today("192.0.2.1", NOON + days * DAY) for days in range(30)}
    assert len(names) == 30


def test_without_the_secret_nobody_can_tell_whose_it_is() -> None:
    assert today("192.0.2.1") != today("192.0.2.1", secret="y" * 32)
    assert "192.0.2" not in today("192.0.2.1")


@pytest.mark.parametrize("given", ["", "unix:", "no address", "x" * 10_000, "1.2.3.4.5", "192.0.2.1:80"])
def test_what_is_no_address_has_a_name_as_well(given: str) -> None:
    assert today(given).startswith("address:")
    assert len(today(given)) == len(today("192.0.2.1"))


def test_just_before_midnight_the_name_of_tomorrow_is_looked_at_too() -> None:
    late = NOON.replace(hour=23, minute=59, second=45)
    assert address.buckets(SECRET, "192.0.2.1", late)[2:] == (today("192.0.2.1", late + DAY),)
    assert len(address.buckets(SECRET, "192.0.2.1", late - timedelta(minutes=1))) == 2
