"""Reports wait for an answer as long as there is something that they are about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service import comments, pages
from service.comments.erase import UNDO
from service.web import state
from tests.conftest import NOW, Reader, stored
from tests.unit.comments.conftest import ANN, decides, reports, row


@pytest.fixture
def reported(reader: Reader, client: FlaskClient, clock: TimeMachineFixture) -> int:
    """A comment that two readers have reported."""
    comment = int(reader.posts("You are a fool.").json["comment"]["id"])
    assert reports(client, comment, "B", "C") == [204, 204]
    assert _waiting() == [comment]
    return comment


def _waiting() -> list[int]:
    """Return what the tab "Reported" shows."""
    part = comments.look(comments.load_asked({"view": "reported"}), None, NOW)
    return [entry.id for entry in part.entries]


def _deletes(reader: Reader, comment: int) -> None:
    assert reader.client.delete(f"/api/v1/comments/{comment}", headers=reader.headers()).status_code == 200


@pytest.mark.parametrize("way", ["time", "forgotten", "wiped"])
def test_where_the_text_is_erased_reports_are_answered(reader: Reader, reported: int, way: str) -> None:
    if way == "time":
        _deletes(reader, reported)
        comments.tidy(NOW + UNDO + timedelta(seconds=1), state.settings())
    elif way == "forgotten":
        comments.forget(pages.get_site("blog"), reader.key or "", NOW)
    else:
        comments.wipe(reported, ANN, NOW)
    assert _waiting() == []
    assert (row(reported)["body"], row(reported)["reports"]) == ("", 0)
    assert [each["upheld"] for each in stored("reports")] == [1, 1]


def test_undoing_does_not_bring_reports_of_an_erased_text_back(reader: Reader, reported: int) -> None:
    _deletes(reader, reported)
    made = decides([reported], "spam")
    comments.tidy(NOW + UNDO + timedelta(seconds=1), state.settings())
    assert comments.undo(made.batch, ANN, NOW).changed == [reported]
    assert _waiting() == []
    assert (row(reported)["state"], row(reported)["reports"]) == ("deleted", 0)
