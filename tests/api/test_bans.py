"""Bans: who and what may not comment, openly or in the shadow."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service import pages
from service.errors import Conflict, Invalid, NotFound
from service.people.audit import COMMAND_LINE
from service.policy import bans
from tests.api.plain import Plain
from tests.conftest import NOW, OTHER_ORIGIN, Operator, Reader, stored


def add(kind: str, value: str, **options: Any) -> bans.Ban:
    return bans.add(kind, value, COMMAND_LINE, datetime.now(UTC), **options)


AUTHOR = {"name": "Ann", "email": "ann@mail.example.org", "website": "https://ann.example/me"}
LINKED = "See https://www.casino.example:8443/play/now?x=1 today."


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("name", "ann"),
        ("name", " ＡＮＮ "),
        ("email", "Ann@Mail.example.org"),
        ("email", "mail.example.org"),
        ("email", "@example.org"),
        ("url", "casino.example"),
        ("url", "https://CASINO.example/"),
        ("url", "casino.example/play*"),
        ("url", "casino.example/play/now"),
        ("url", "*sino.example/*/now"),
        ("url", "ann.example"),
        ("url", "ann.example/me"),
        ("address", "127.0.0.1"),
        ("address", "127.0.0.0/8"),
        ("address", "::ffff:127.0.0.1"),
        ("address", "::ffff:127.0.0.9/120"),
        ("address", "::ffff:7f00:0/104"),
    ],
)
def test_what_is_banned_is_refused_in_words(reader: Reader, kind: str, value: str) -> None:
    add(kind, value, reason="Enough of it.")
    answer = reader.posts(LINKED, author=AUTHOR)
    assert answer.status_code == 403
    assert answer.json["type"].endswith("/refused")
    assert "Enough" not in answer.text
    assert stored("comments") == []


def test_an_address_that_comes_mapped_is_the_address(reader: Reader) -> None:
    add("address", "::ffff:127.0.0.0/120")
    reader.client.environ_base["REMOTE_ADDR"] = "::ffff:127.0.0.1"
    assert reader.posts().status_code == 403


@pytest.mark.parametrize("value", ["ann@xn--bcher-kva.example", "XN--BCHER-KVA.example", "bücher.example"])
@pytest.mark.parametrize("email", ["ann@xn--bcher-kva.example", "Ann@Bücher.example"])
def test_a_domain_is_one_in_letters_and_as_it_travels(reader: Reader, value: str, email: str) -> None:
    add("email", value)
    assert reader.posts(author={"name": "Ann", "email": email}).status_code == 403


def test_a_ban_ends_within_a_hundred_years_or_not(reader: Reader) -> None:
    with pytest.raises(Invalid):
        add("name", "Ann", until=datetime(9999, 12, 31, tzinfo=UTC))
    add("name", "Ann", until=NOW + timedelta(days=36_000))


@pytest.mark.parametrize("name", ["A\u200dnn", "A\u00adnn", "Ann\u3164", "Ａnn\ufe0f"])
def test_a_banned_name_is_known_by_what_is_seen_of_it(reader: Reader, name: str) -> None:
    add("name", "Ann")
    assert reader.posts(author={"name": name}).status_code == 403


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("name", "Anna"),
        ("email", "bob@mail.example.org"),
        ("email", "other.mail.example.org"),
        ("email", "ample.org"),
        ("url", "sino.example"),
        ("url", "casino.example/pla"),
        ("url", "casino.example/now"),
        ("url", "casino.example.org"),
        ("url", "ann.example/m"),
        ("address", "127.0.0.2"),
        ("address", "::/16"),
        ("reader", "999"),
    ],
)
def test_what_is_not_is_published(reader: Reader, kind: str, value: str) -> None:
    add(kind, value)
    assert reader.posts(LINKED, author=AUTHOR).status_code == 201


def test_a_reader_is_banned_by_id_whatever_the_name(reader: Reader) -> None:
    reader.posts()
    add("reader", str(stored("comments")[0]["reader_id"]))
    assert reader.posts("Another.", author={"name": "Somebody Else"}).status_code == 403
    reader.key = None
    assert reader.posts("Another.").status_code == 201


def test_an_edit_is_stopped_too(reader: Reader) -> None:
    made = reader.posts().json["comment"]["id"]
    add("url", "casino.example")
    answer = reader.client.patch(f"/api/v1/comments/{made}", json={"body": LINKED}, headers=reader.headers())
    assert answer.status_code == 403
    assert stored("comments")[0]["body"] == "A fine clock."


def test_a_ban_of_one_site_is_none_on_another(reader: Reader) -> None:
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    add("name", "Ann", site_id=pages.get_site("other").id)
    assert reader.posts().status_code == 201
    assert Reader(reader.client, OTHER_ORIGIN).posts(page=f"{OTHER_ORIGIN}/clock").status_code == 403


def test_a_ban_ends_by_itself(reader: Reader, clock: TimeMachineFixture) -> None:
    add("name", "Ann", until=NOW + timedelta(hours=1))
    assert reader.posts().status_code == 403
    clock.shift(3_600)
    assert reader.posts().status_code == 201


def test_a_removed_ban_is_none(reader: Reader) -> None:
    ban = add("name", "Ann")
    bans.remove(ban.id, COMMAND_LINE, NOW)
    assert reader.posts().status_code == 201
    with pytest.raises(NotFound):
        bans.remove(ban.id, COMMAND_LINE, NOW)


@pytest.mark.parametrize("number", [2**31, 2**53 - 1])
def test_of_a_ban_beyond_all_there_is_none(app: Flask, number: int) -> None:
    made = add("name", "Ann")
    with pytest.raises(NotFound):
        bans.remove(number, COMMAND_LINE, NOW)
    assert bans.listing(before=number) == [made]


class TestShadow:
    """A ban that its subject does not notice."""

    @pytest.fixture(autouse=True)
    def _banned(self, reader: Reader) -> None:
        add("name", "Ann", shadow=True)

    def test_the_author_is_told_that_it_is_published(self, reader: Reader) -> None:
        answer = reader.posts()
        assert (answer.status_code, answer.json["comment"]["state"]) == (201, "published")
        row = stored("comments")[0]
        assert (row["state"], row["rule"], bool(row["shadow"])) == ("spam", "banned", True)

    def test_nobody_else_sees_it(self, reader: Reader) -> None:
        reader.posts()
        assert (reader.sees()["comments"], reader.sees()["page"]["count"]) == ([], 0)
        other = Reader(reader.client)
        other.posts("Mine.", author={"name": "Bob"})
        assert [comment["author"]["name"] for comment in other.sees()["comments"]] == ["Bob"]

    def test_its_author_finds_it_again_and_can_change_it(self, reader: Reader) -> None:
        made = reader.posts().json["comment"]["id"]
        query = {"page": "https://blog.example.org/clock"}
        mine = reader.client.get("/api/v1/reader", query_string=query, headers=reader.headers()).json["comments"]
        assert [each["comment"]["state"] for each in mine] == ["published"]
        answer = reader.client.patch(f"/api/v1/comments/{made}", json={"body": "Changed."}, headers=reader.headers())
        assert (answer.status_code, answer.json["comment"]["state"]) == (200, "published")
        assert reader.sees()["comments"] == []

    def test_an_open_ban_goes_before_it(self, reader: Reader) -> None:
        add("address", "127.0.0.1")
        assert reader.posts().status_code == 403

    def test_the_plain_page_which_knows_no_author_says_held(self, reader: Reader) -> None:
        plain = Plain(reader.client)
        assert "held=1" in plain.sends(plain.opens()).headers["Location"]

    def test_once_an_operator_publishes_it_everybody_sees_it(self, reader: Reader, operator: Operator) -> None:
        operator.approves(reader.posts().json["comment"]["id"])
        assert len(reader.sees()["comments"]) == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("reader", "Ann"),
        ("reader", "0"),
        ("reader", "9" * 20),
        ("name", ""),
        ("name", "x" * 255),
        ("email", "ann"),
        ("email", "ann@"),
        ("email", "a b.example"),
        ("url", "*"),
        ("url", "*.*"),
        ("url", "/path"),
        ("url", "exa mple.org"),
        ("address", "127.0.0.1.2"),
        ("address", "0.0.0.0/0"),
        ("address", "10.0.0.0/7"),
        ("address", "::/0"),
        ("address", "::ffff:0.0.0.0/96"),
        ("address", "::ffff:10.0.0.0/103"),
        ("colour", "blue"),
    ],
)
def test_what_cannot_be_banned_is_refused(reader: Reader, kind: str, value: str) -> None:
    with pytest.raises(Invalid):
        add(kind, value)
    assert stored("bans") == []


def test_the_same_ban_is_made_once_and_again_after_its_end(reader: Reader, clock: TimeMachineFixture) -> None:
    add("name", "Ann", until=NOW + timedelta(hours=1))
    with pytest.raises(Conflict):
        add("name", "ANN")
    clock.shift(3_600)
    add("name", "ANN")


def test_bans_by_pattern_and_network_have_a_bound(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bans, "MOST", 2)
    add("url", "a.example")
    add("address", "10.0.0.0/8")
    with pytest.raises(Conflict):
        add("url", "b.example")
    add("name", "Ann")
    add("url", "b.example", site_id=1)


def test_a_ban_is_made_listed_and_removed_at_the_command_line(operator: Operator, reader: Reader) -> None:
    assert "Ban 1: address 192.0.2.0/24 on blog, in the shadow." in operator.runs(
        "ban", "add", "address", "192.0.2.7/24", "--site", "blog", "--shadow", "--reason", "Floods."
    )
    operator.runs("ban", "add", "email", "@spam.example", "--until", "2099-01-31")
    listed = json.loads(operator.runs("ban", "list", "--json"))
    assert [(ban["kind"], ban["value"], ban["site"], ban["shadow"]) for ban in listed] == [
        ("email", "spam.example", None, False),
        ("address", "192.0.2.0/24", "blog", True),
    ]
    assert listed[0]["until"] == "2099-01-31T00:00:00Z"
    assert "192.0.2.0/24" in operator.runs("ban", "list", "--kind", "address")
    operator.runs("ban", "remove", 1, 2, "--reason", "A mistake.")
    assert operator.tries("ban", "remove", 1).exit_code == 1
    assert stored("bans") == []
    verbs = [(row["verb"], row["actor"], row["reason"]) for row in stored("audit") if "ban." in row["verb"]]
    assert verbs == [
        ("ban.add", "command line", "Floods."),
        ("ban.add", "command line", ""),
        ("ban.remove", "command line", "A mistake."),
        ("ban.remove", "command line", "A mistake."),
    ]
    assert "192.0.2" not in json.dumps(stored("audit"))
