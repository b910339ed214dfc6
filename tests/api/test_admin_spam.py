"""The spam filter at the operators' desk: saved, read in, forgotten."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service import comments
from service.people.audit import COMMAND_LINE
from service.policy import spam
from tests.api.desk import Desk, refused, text
from tests.conftest import NOW, fill, stored


@pytest.fixture(autouse=True)
def _taught(app: Flask, clock: TimeMachineFixture) -> None:
    """The filter was taught two comments."""
    for comment, state in zip(fill(2, body="Pills and a casino."), ("spam", "published"), strict=True):
        comments.moderate([comment], "pending", COMMAND_LINE, NOW)
        comments.moderate([comment], state, COMMAND_LINE, NOW)


def reads_in(desk: Desk, content: bytes, **typed: Any) -> Any:
    """Send a file."""
    return desk.sends("/admin/spam/import", page="/admin/spam", file=(io.BytesIO(content), "filter.jsonl"), **typed)


def test_it_says_what_was_learnt_and_gives_it_away(desk: Desk) -> None:
    assert "judges nothing yet" in text(desk.opens("/admin/spam"))
    saved = desk.opens("/admin/spam/export")
    assert saved.headers["Content-Disposition"] == 'attachment; filename="afterword-spam.jsonl"'
    assert saved.text == "".join(spam.export())


def test_a_file_is_added_or_put_in_the_place_of_what_is_known(desk: Desk) -> None:
    before, content = spam.status(), desk.opens("/admin/spam/export").data
    assert reads_in(desk, content, how="merge").status_code == 303
    assert (spam.status().good, spam.status().spam) == (2 * before.good, 2 * before.spam)
    assert reads_in(desk, content, how="replace").status_code == 303
    assert spam.status() == before
    assert [entry["verb"] for entry in stored("audit")][-2:] == ["spam.load", "spam.replace"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no JSON"),
        (b"<b>", "is no JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{}", "not the head"),
        (b"[" * 9999, "Line 1"),
    ],
)
def test_another_file_is_refused_whole(desk: Desk, content: bytes, said: str) -> None:
    before = spam.status()
    refused(reads_in(desk, content, how="replace"), 422, said)
    assert spam.status() == before


def test_without_a_file_nothing_happens(desk: Desk) -> None:
    refused(desk.sends("/admin/spam/import", page="/admin/spam"), 422, "Choose a file")


def test_a_file_may_be_long_but_not_without_end(desk: Desk, app: Flask) -> None:
    refused(reads_in(desk, b" " * 100_000), 422, "too long")
    kind = {"content_type": "multipart/form-data; boundary=x", "input_stream": io.BytesIO()}
    for client, length in ((desk.client, 33 * 1024 * 1024), (app.test_client(), 100_000)):
        answer = client.post("/admin/spam/import", **kind, environ_overrides={"CONTENT_LENGTH": str(length)})
        assert answer.status_code == 413


def test_it_forgets_only_when_that_is_meant(desk: Desk) -> None:
    refused(desk.sends("/admin/spam/reset", page="/admin/spam"), 422, "Say that you mean it")
    assert spam.status().good + spam.status().spam > 0
    assert desk.sends("/admin/spam/reset", page="/admin/spam", sure="yes").status_code == 303
    assert spam.status().words == 0
    assert stored("audit")[-1]["verb"] == "spam.reset"
