"""`Idempotency-Key`: a request that is sent again makes no second comment."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from service import pages
from service.people.audit import COMMAND_LINE
from service.settings import Limit
from tests.conftest import NOW, ORIGIN, Operator, Reader, stored

post = sys.modules["service.comments.post"]  # its room has a function of the same name

KEY = "a-key-of-24-characters-"
SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))
HOURS = 3_600


def send(reader: Reader, body: str = "Hello.", key: str = KEY, **fields: Any) -> TestResponse:
    """Post under an idempotency key, as somebody who has not been told a reader key yet."""
    reader.key = None
    return reader.posts(body, headers={"Idempotency-Key": key}, **fields)


def test_the_same_request_gets_the_same_answer(reader: Reader) -> None:
    first, second = send(reader), send(reader)
    assert first.status_code == second.status_code == 201
    assert second.json == first.json
    assert "reader_key" in first.json
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(stored("comments")) == len(stored("readers")) == 1
    assert reader.sees()["page"]["count"] == 1


def test_a_held_comments_answer_is_repeated_too(reader: Reader) -> None:
    first, second = send(reader, SIX_LINKS), send(reader, SIX_LINKS)
    assert first.status_code == second.status_code == 202
    assert second.json == first.json
    assert len(stored("comments")) == 1


def test_the_reader_key_that_a_retry_is_told_works(reader: Reader) -> None:
    send(reader)
    reader.key = send(reader).json["reader_key"]
    assert "reader_key" not in reader.posts("Another.").json
    assert len(stored("readers")) == 1


def test_a_retry_with_the_reader_key_is_not_told_it_again(reader: Reader) -> None:
    send(reader)
    again = reader.posts("Hello.", headers={"Idempotency-Key": KEY})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert set(again.json) == {"comment"}


@pytest.mark.parametrize(
    "changed",
    [{"body": "Hello!"}, {"page": f"{ORIGIN}/other"}, {"id": "7"}, {"author": {"name": "Bob"}}],
    ids=lambda changed: next(iter(changed)),
)
def test_the_key_of_another_request_is_refused(reader: Reader, changed: dict[str, Any]) -> None:
    send(reader)
    answer = send(reader, **changed)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert len(stored("comments")) == 1


def test_a_page_that_changed_its_title_meanwhile_sends_the_same_request(reader: Reader) -> None:
    first, second = send(reader, title="The clock"), send(reader, title="(1) The clock")
    assert second.json == first.json
    assert len(stored("comments")) == 1


@pytest.mark.parametrize("key", ["", "x" * 15, "x" * 65, "sixteen letters ä", "with a space inside", "a" * 16 + "\t."])
def test_a_key_of_another_form_is_refused(reader: Reader, key: str) -> None:
    answer = send(reader, key=key)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert stored("comments") == []


@pytest.mark.parametrize("key", ["x" * 16, "X" * 64, "0123456789abcdef-_-_", "6f1f9f1e-8d7b-4f0e-9a53-6d1c3a0a8b11"])
def test_keys_of_16_to_64_characters_are_taken(reader: Reader, key: str) -> None:
    assert send(reader, key=key).status_code == send(reader, key=key).status_code == 201
    assert len(stored("comments")) == 1


def test_keys_of_two_sites_do_not_meet(reader: Reader, operator: Operator) -> None:
    operator.runs("site", "add", "other", "https://other.example")
    there = Reader(reader.client, "https://other.example")
    first, second = send(reader), send(there, page="https://other.example/clock")
    assert second.status_code == 201
    assert "Idempotency-Replayed" not in second.headers
    assert first.json["reader_key"] != second.json["reader_key"]


def test_an_answer_is_kept_for_two_days(reader: Reader, clock: TimeMachineFixture) -> None:
    send(reader)
    clock.shift(48 * HOURS - 1)
    assert "Idempotency-Replayed" in send(reader).headers
    clock.shift(1)
    answer = send(reader)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers
    assert len(stored("comments")) == 2
    assert len(stored("retries")) == 1


def test_what_was_taken_before_the_page_was_closed_is_still_answered(reader: Reader, operator: Operator) -> None:
    first = send(reader)
    operator.closes(reason="The clock stands.")
    again = send(reader)
    assert (again.status_code, again.json) == (201, first.json)
    assert send(reader, key="a-key-of-another-day").status_code == 403


def test_a_retry_spends_nothing_of_a_limit(reader: Reader, make_app: Any) -> None:
    from service.settings import Limit

    limited = make_app(limit_posts=(Limit(1, 60),), limit_repeats=(Limit(1, 600),))
    somebody = Reader(limited.test_client())
    assert [send(somebody).status_code for _ in range(4)] == [201] * 4
    assert send(somebody, "Another.", key="another-key-12345").status_code == 429


def test_what_was_refused_can_be_sent_again_under_the_same_key(reader: Reader, operator: Operator) -> None:
    operator.closes()
    assert send(reader).status_code == 403
    operator.opens()
    answer = send(reader)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers


@pytest.mark.parametrize(
    ("body", "verb", "status", "state"),
    [
        (SIX_LINKS, "approve", 201, "published"),
        ("Hello.", "delete", 201, "deleted"),
        ("Hello.", "spam", 202, "pending"),
    ],
)
def test_a_retry_tells_what_became_of_the_comment_meanwhile(
    reader: Reader, operator: Operator, body: str, verb: str, status: int, state: str
) -> None:
    operator.runs("comment", verb, send(reader, body).json["comment"]["id"])
    again = send(reader, body)
    assert (again.status_code, again.json["comment"]["state"]) == (status, state)
    assert len(stored("comments")) == 1


@pytest.mark.parametrize("changes", [{"limit_repeats": (Limit(1, 600),)}, {"limit_posts": (Limit(1, 60),)}, {}])
def test_what_the_first_copy_left_is_not_in_the_way_of_the_second(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    app = make_app(**changes)
    first: list[TestResponse] = []
    already = post._already

    def overtaken(*given: Any) -> Any:
        found = already(*given)
        if not first:  # just then the other copy is stored
            first.append(TestResponse([], "0 none", {}, None))
            first.append(send(Reader(app.test_client(use_cookies=False))))
        return found

    with app.app_context():
        pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
        reader, other = (Reader(app.test_client(use_cookies=False)) for _ in range(2))
        other.client.environ_base["REMOTE_ADDR"] = "192.0.2.9"
        assert other.posts("Another one.").status_code == 201
        if not changes:
            pages.set_closing("blog", {"after_comments": 2}, COMMAND_LINE, NOW)
        monkeypatch.setattr(post, "_already", overtaken)
        second = send(reader)
        assert (first[1].status_code, second.status_code) == (201, 201)
        assert second.json == first[1].json
        assert len(stored("comments")) == 2


def test_who_sends_the_same_again_after_two_days_is_told_no_key_of_somebody_else(
    reader: Reader, clock: TimeMachineFixture
) -> None:
    first = send(reader)
    clock.shift(49 * HOURS)
    again = send(reader)
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, None)
    assert again.json["comment"]["id"] != first.json["comment"]["id"]
    assert again.json["reader_key"] != first.json["reader_key"]
