"""Limits: exact counts, told with the time after which there is room again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from service import pages
from service.people.audit import COMMAND_LINE
from service.settings import Limit
from tests.conftest import NOW, ORIGIN, PAGE, Reader, stored

MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Crowd:
    """Readers at many addresses, on a service with limits."""

    def __init__(self, app: Flask) -> None:
        self.reader = Reader(app.test_client(use_cookies=False))
        self.said = 0

    def posts(self, address: str = "192.0.2.1", page: str = PAGE, body: str = "", **headers: str) -> TestResponse:
        """Post from an address; every text is another one unless given."""
        self.said += 1
        self.reader.client.environ_base["REMOTE_ADDR"] = address
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.reader.posts(body or f"Comment {self.said}.", headers=sent, page=page)

    def is_let_in(self, *arguments: Any, **named: Any) -> bool:
        """Tell whether a comment was taken, or refused for being too many."""
        answer = self.posts(*arguments, **named)
        assert answer.status_code in (201, 429), answer.text
        return answer.status_code == 201


@pytest.fixture
def crowd_under(make_app: Callable[..., Flask], clock: TimeMachineFixture) -> Iterator[Callable[..., Crowd]]:
    """Return a function that makes a crowd under given limits."""
    contexts = []

    def make(**changes: Any) -> Crowd:
        app = make_app(**changes)
        contexts.append(app.app_context())
        contexts[-1].push()
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        return Crowd(app)

    yield make
    for context in reversed(contexts):
        context.pop()


def test_exactly_as_many_as_the_limit_says_are_let_in(crowd_under: Callable[..., Crowd]) -> None:
    crowd = crowd_under(limit_posts=(Limit(5, MINUTE),))
    assert [crowd.is_let_in() for _ in range(8)] == [True] * 5 + [False] * 3
    assert len(stored("comments")) == 5


def test_a_refusal_is_a_problem_that_says_when_to_come_back(
    crowd_under: Callable[..., Crowd], clock: TimeMachineFixture
) -> None:
    crowd = crowd_under(limit_posts=(Limit(2, MINUTE),))
    crowd.posts()
    clock.shift(20.5)
    crowd.posts()
    answer = crowd.posts()
    assert (answer.status_code, answer.json["type"]) == (429, "/problems/too-many")
    assert answer.headers["Retry-After"] == "40"
    assert "40 seconds" in answer.json["detail"]


def test_a_refusal_names_what_there_was_too_much_of(
    crowd_under: Callable[..., Crowd], make_app: Callable[..., Flask], clock: TimeMachineFixture
) -> None:
    once, twice = (Limit(1, MINUTE),), (Limit(2, MINUTE),)
    crowd = crowd_under(limit_posts=twice, limit_page_posts=once)
    told = [crowd.posts(page=f"{PAGE}/{place}").json.get("detail", "") for place in (1, 1, 2, 3)]
    client = make_app(limit_acts=once).test_client()
    said = {"json": {"body": "Hello."}, "headers": {"Origin": ORIGIN}}
    told += [client.post("/api/v1/preview", **said).json.get("detail", "") for _ in range(2)]
    assert [sentence.partition(" in a short time.")[0] for sentence in told] == [
        "",
        "Too many comments on this page",
        "",
        "Too many comments",
        "",
        "Too many requests",
    ]


@pytest.mark.parametrize("passed", [0, 0.4, 1, 20.9995, 59.9999])
def test_after_the_time_that_was_told_there_is_room(
    crowd_under: Callable[..., Crowd], clock: TimeMachineFixture, passed: float
) -> None:
    crowd = crowd_under(limit_posts=(Limit(1, MINUTE),))
    crowd.posts()
    clock.shift(passed)
    clock.shift(int(crowd.posts().headers["Retry-After"]))
    assert crowd.is_let_in()


def test_the_window_moves(crowd_under: Callable[..., Crowd], clock: TimeMachineFixture) -> None:
    crowd = crowd_under(limit_posts=(Limit(2, MINUTE),))
    let_in = []
    for _ in range(7):
        let_in.append(crowd.is_let_in())
        clock.shift(20)
    #     0     20    40     60    80    100    120
    assert let_in == [True, True, False, True, True, False, True]


def test_what_was_refused_is_not_counted(crowd_under: Callable[..., Crowd], clock: TimeMachineFixture) -> None:
    crowd = crowd_under(limit_posts=(Limit(1, MINUTE),))
    crowd.posts()
    for _ in range(5):
        clock.shift(10)
        crowd.posts()
    clock.shift(10)
    assert crowd.is_let_in()
    assert len(stored("spent")) == 2


def test_every_one_of_several_limits_holds(crowd_under: Callable[..., Crowd], clock: TimeMachineFixture) -> None:
    crowd = crowd_under(limit_posts=(Limit(2, MINUTE), Limit(3, HOUR)))
    assert [crowd.is_let_in() for _ in range(3)] == [True, True, False]
    clock.shift(MINUTE)
    assert [crowd.is_let_in() for _ in range(2)] == [True, False]
    assert int(crowd.posts().headers["Retry-After"]) == HOUR - MINUTE


def test_the_limits_are_the_documented_ones_by_default(
    crowd_under: Callable[..., Crowd], clock: TimeMachineFixture
) -> None:
    from service.settings import load

    usual = load()
    crowd = crowd_under(limit_posts=usual.limit_posts, limit_page_posts=usual.limit_page_posts)
    let_in = 0
    for _ in range(10):
        let_in += sum(crowd.is_let_in() for _ in range(6))
        clock.shift(MINUTE)
    assert let_in == 30


def test_addresses_are_counted_apart(crowd_under: Callable[..., Crowd]) -> None:
    crowd = crowd_under(limit_posts=(Limit(1, MINUTE),))
    assert crowd.is_let_in("192.0.2.1")
    assert crowd.is_let_in("192.0.2.2")
    assert not crowd.is_let_in("192.0.2.1")


def test_a_network_of_ipv6_counts_as_one_address(crowd_under: Callable[..., Crowd]) -> None:
    # A9: one customer has at least a /64, and could take a new address for each comment
    crowd = crowd_under(limit_posts=(Limit(3, MINUTE),))
    hosts = ip_network("2001:db8:1:2::/64").hosts()
    assert [crowd.is_let_in(str(next(hosts))) for _ in range(6)] == [True] * 3 + [False] * 3
    assert not crowd.is_let_in("2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert crowd.is_let_in("2001:db8:1:3::1")


def test_an_ipv4_address_is_the_same_in_ipv6(crowd_under: Callable[..., Crowd]) -> None:
    crowd = crowd_under(limit_posts=(Limit(1, MINUTE),))
    assert crowd.is_let_in("192.0.2.1")
    assert not crowd.is_let_in("::ffff:192.0.2.1")
    assert crowd.is_let_in("::ffff:192.0.2.2")


@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Real_IP", "CF_Connecting_IP", "Forwarded", "True_Client_IP"])
def test_nobody_gets_a_new_address_by_saying_so(crowd_under: Callable[..., Crowd], header: str) -> None:
    # A8
    crowd = crowd_under(limit_posts=(Limit(3, MINUTE),))
    let_in = [crowd.is_let_in(**{header: f"198.51.100.{place}"}) for place in range(6)]
    assert let_in == [True] * 3 + [False] * 3


def test_behind_a_trusted_proxy_its_word_counts(crowd_under: Callable[..., Crowd]) -> None:
    crowd = crowd_under(limit_posts=(Limit(1, MINUTE),), trusted_proxies=(ip_network("10.0.0.0/8"),))
    assert crowd.is_let_in("10.0.0.1", X_Forwarded_For="198.51.100.1")
    assert crowd.is_let_in("10.0.0.1", X_Forwarded_For="198.51.100.2")
    assert not crowd.is_let_in("10.0.0.2", X_Forwarded_For="203.0.113.9, 198.51.100.1")  # the left may be made up
    assert not crowd.is_let_in("198.51.100.1", X_Forwarded_For="203.0.113.7")  # not from a proxy


def test_a_page_has_a_limit_of_its_own(crowd_under: Callable[..., Crowd], clock: TimeMachineFixture) -> None:
    crowd = crowd_under(limit_page_posts=(Limit(3, MINUTE),))
    assert [crowd.is_let_in(f"192.0.2.{place}") for place in range(5)] == [True] * 3 + [False] * 2
    assert crowd.is_let_in("192.0.2.9", page=f"{ORIGIN}/other")
    clock.shift(MINUTE)
    assert crowd.is_let_in("192.0.2.9")


def test_no_row_of_a_page_is_left_by_a_refused_comment(crowd_under: Callable[..., Crowd]) -> None:
    crowd = crowd_under(limit_posts=(Limit(1, MINUTE),))
    crowd.posts()
    crowd.posts(page=f"{ORIGIN}/other")
    assert len(stored("pages")) == 1


def test_off_means_off(crowd_under: Callable[..., Crowd]) -> None:
    crowd = crowd_under()
    assert all(crowd.is_let_in() for _ in range(40))
    assert stored("spent") == []


class TestRepeats:
    """The same text on the same page is posted once."""

    @pytest.mark.parametrize(
        "again",
        ["The clock is slow.", "the CLOCK is slow.", "The  clock\nis slow.", " The clock is slow.\n\n"],
    )
    def test_case_and_spacing_make_no_other_text(self, crowd_under: Callable[..., Crowd], again: str) -> None:
        crowd = crowd_under(limit_repeats=(Limit(1, 10 * MINUTE),))
        crowd.posts(body="The clock is slow.")
        answer = crowd.posts("192.0.2.9", body=again)
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/duplicate")
        assert len(stored("comments")) == 1

    def test_another_text_or_another_page_is_no_repeat(self, crowd_under: Callable[..., Crowd]) -> None:
        crowd = crowd_under(limit_repeats=(Limit(1, 10 * MINUTE),))
        assert crowd.is_let_in(body="The clock is slow.")
        assert crowd.is_let_in(body="The clock is slow!")
        assert crowd.is_let_in(body="The clock is slow.", page=f"{ORIGIN}/other")

    def test_later_it_may_be_said_again(self, crowd_under: Callable[..., Crowd], clock: TimeMachineFixture) -> None:
        crowd = crowd_under(limit_repeats=(Limit(1, 10 * MINUTE),))
        crowd.posts(body="First!")
        clock.shift(10 * MINUTE - 1)
        assert crowd.posts(body="First!").status_code == 409
        clock.shift(1)
        assert crowd.is_let_in(body="First!")

    def test_a_comment_refused_for_its_address_is_no_repeat_later(
        self, crowd_under: Callable[..., Crowd], clock: TimeMachineFixture
    ) -> None:
        crowd = crowd_under(limit_posts=(Limit(1, MINUTE),), limit_repeats=(Limit(1, 10 * MINUTE),))
        crowd.posts()
        assert crowd.posts(body="Said twice.").status_code == 429
        clock.shift(MINUTE)
        assert crowd.is_let_in(body="Said twice.")


@pytest.mark.parametrize("limit", [Limit(2, MINUTE), Limit(2, HOUR), Limit(2, DAY)])
def test_midnight_opens_no_new_account(
    crowd_under: Callable[..., Crowd], clock: TimeMachineFixture, limit: Limit
) -> None:
    # addresses are kept under a name that changes daily
    crowd = crowd_under(limit_posts=(limit,))
    clock.move_to(NOW.replace(hour=23, minute=59, second=50), tick=False)
    assert [crowd.is_let_in() for _ in range(3)] == [True, True, False]
    clock.shift(11)  # another day
    assert not crowd.is_let_in()
    clock.shift(limit.seconds - 12)
    assert not crowd.is_let_in()
    clock.shift(1)
    assert crowd.is_let_in()


def test_a_clock_set_back_locks_nobody_out(crowd_under: Callable[..., Crowd], clock: TimeMachineFixture) -> None:
    crowd = crowd_under(
        limit_posts=(Limit(1, MINUTE),), limit_page_posts=(Limit(1, MINUTE),), limit_repeats=(Limit(1, HOUR),)
    )
    clock.shift(DAY)
    crowd.posts(body="Too early.")
    clock.shift(-DAY)
    assert crowd.is_let_in(body="Too early.")


def test_what_was_let_in_a_moment_ahead_is_counted(
    crowd_under: Callable[..., Crowd], clock: TimeMachineFixture
) -> None:
    # two requests wait for the database's lock, and the one that came later gets it first
    crowd = crowd_under(limit_posts=(Limit(1, MINUTE),))
    clock.shift(2)
    crowd.posts()
    clock.shift(-2)
    assert not crowd.is_let_in()


def test_no_whole_address_is_stored(crowd_under: Callable[..., Crowd], clock: TimeMachineFixture) -> None:
    crowd = crowd_under(limit_posts=(Limit(5, MINUTE),))
    crowd.posts("192.0.2.123")
    clock.shift(timedelta(days=1))
    crowd.posts("192.0.2.123")
    tables = ("comments", "pages", "readers", "retries", "spent")
    assert "192.0.2.123" not in str([stored(table) for table in tables])
    assert {row["address"] for row in stored("comments")} == {"192.0.2.0/24"}  # for operators, and for some days
    assert "192.0.2" not in str([stored(table) for table in tables[1:]])
    buckets = {row["bucket"] for row in stored("spent")}
    assert len(buckets) == 2  # nor can two days of one address be told to be the same one's


def test_whoever_is_let_in_from_after_midnight_counts_for_those_from_before_it(
    crowd_under: Callable[..., Crowd], clock: TimeMachineFixture
) -> None:
    crowd = crowd_under(limit_posts=(Limit(1, MINUTE),))
    midnight = NOW.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    clock.move_to(midnight + timedelta(seconds=0.1))
    assert crowd.is_let_in()
    clock.move_to(midnight - timedelta(seconds=0.1))  # begun earlier, and let in later
    assert not crowd.is_let_in()
