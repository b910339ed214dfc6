"""The form is taken from our own pages only, with a token that was made for its page and not long ago (A5, A6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service import pages
from service.people.audit import COMMAND_LINE
from service.web import form
from tests.api.plain import OWN, SAME, Plain, Sheet, again
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, PAGE, stored

HOURS = 3_600


@pytest.fixture
def plain(client: FlaskClient) -> Plain:
    """A reader without JavaScript."""
    return Plain(client)


CROSS = [
    ({"Origin": "null"}, 403),
    ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 403),
    ({"Origin": ORIGIN}, 403),  # the site's own pages use the API
    ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "http://localhost.evil.example"}, 403),
    ({"Origin": "http://evil.localhost"}, 403),
    ({"Origin": "http://localhost:8000"}, 403),
    ({"Origin": "http://localhost/"}, 403),
    ({"Origin": "http://LOCALHOST"}, 403),
    ({"Origin": "file://localhost"}, 403),
    ({"Origin": ""}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site", "Origin": OWN}, 403),  # a sibling under the same domain
    ({"Sec-Fetch-Site": "none", "Origin": OWN}, 403),
    ({"Sec-Fetch-Site": ""}, 403),
    (SAME, 303),
    ({"Origin": OWN}, 303),
    ({"Origin": "https://localhost"}, 303),  # TLS may end at a proxy
    ({"Sec-Fetch-Site": "same-origin"}, 303),
    ({}, 303),  # text browsers: the token alone
]


@pytest.mark.parametrize(("headers", "status"), CROSS)
def test_only_a_page_of_ours_can_post(plain: Plain, headers: dict[str, str], status: int) -> None:
    answer = plain.sends(plain.opens(), headers=headers)
    assert answer.status_code == status
    assert len(stored("comments")) == (status == 303)
    if status == 403:
        assert "A fine clock." not in answer.text  # whoever wrote it, it was not typed here


@pytest.mark.parametrize(
    ("headers", "status"), [({"Origin": "https://comments.example.org"}, 303), ({"Origin": OWN}, 403)]
)
def test_with_a_public_address_no_other_origin_is_ours(
    app: Flask, make_app: Callable[..., Flask], headers: dict[str, str], status: int
) -> None:
    plain = Plain(make_app(public_url="https://comments.example.org").test_client(use_cookies=False))
    assert plain.sends(plain.opens(), headers=headers).status_code == status


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/json", ""])
def test_only_a_form_is_taken(plain: Plain, content_type: str) -> None:
    data = urlencode(plain.opens().fields() | {"name": "Ann", "body": "Hello."})
    answer = plain.client.post("/thread", data=data, content_type=content_type, headers=SAME)
    assert answer.status_code == 415
    assert Sheet(answer).faults() == []
    assert stored("comments") == []


def other_page(plain: Plain) -> str:
    """Return a token for another page."""
    return plain.opens(page=f"{ORIGIN}/other").fields()["token"]


def other_secret(plain: Plain) -> str:
    """Return a token that somebody else signed."""
    return form.make_token("x" * 32, pages.locate_at_once(PAGE), datetime.now(UTC))


TOKENS: dict[str, Callable[[Plain], str]] = {
    "none": lambda plain: "",
    "nonsense": lambda plain: "x.y",
    "long": lambda plain: "a" * 5_000,
    "cut": lambda plain: plain.opens().fields()["token"][:-1],
    "other page": other_page,
    "other secret": other_secret,
    "owner's id": lambda plain: plain.opens(id="clock").fields()["token"],
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_token_that_is_not_of_this_pages_form_is_refused(plain: Plain, kind: str) -> None:
    sheet, token = plain.opens(), TOKENS[kind](plain)
    shown = again(plain.sends(sheet, token=token), 403, "open for too long")
    assert stored("comments") == []
    # nothing vouches for it: not even the text is shown again
    bare = plain.sends(sheet, headers={}, token=token)
    assert bare.status_code == 403
    assert "A fine clock." not in bare.text
    assert plain.sends(shown).status_code == 303


def test_a_token_of_another_sites_page_with_the_same_id_is_refused(plain: Plain) -> None:
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    token = plain.opens(page=f"{OTHER_ORIGIN}/clock", id="clock").fields()["token"]
    again(plain.sends(plain.opens(id="clock"), token=token), 403)


def test_what_was_stored_in_time_is_not_stored_again_later(plain: Plain, clock: TimeMachineFixture) -> None:
    sheet = plain.opens()
    first = plain.sends(sheet)
    clock.shift(2 * HOURS + 1)
    shown = again(plain.sends(sheet), 403)
    assert plain.sends(shown).headers["Location"] == first.headers["Location"]
    assert len(stored("comments")) == 1


@pytest.mark.parametrize(
    ("age", "status"), [(0, 303), (2 * HOURS, 303), (2 * HOURS + 1, 403), (-60, 303), (-3_600, 403)]
)
def test_a_form_is_good_for_two_hours_and_its_text_for_longer(
    plain: Plain, clock: TimeMachineFixture, age: int, status: int
) -> None:
    sheet = plain.opens()
    clock.shift(age)
    answer = plain.sends(sheet, body="Slowly typed.", email="ann@example.org")
    assert answer.status_code == status
    if status == 403:
        shown = again(answer, 403, "open for too long")
        assert (shown.fields()["body"], shown.fields()["email"]) == ("Slowly typed.", "ann@example.org")
        assert plain.sends(shown, body="Slowly typed.").status_code == 303
    assert len(stored("comments")) == 1
