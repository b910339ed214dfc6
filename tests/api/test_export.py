"""What a reader is told of what is kept of them: all of it, in as many parts as it takes."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from tests.api.test_description import check
from tests.conftest import PAGE, Reader, fill


def lists(reader: Reader, **query: Any) -> Any:
    """Return what the reader is told."""
    answer = reader.client.get("/api/v1/reader", query_string={"page": PAGE} | query, headers=reader.headers())
    assert answer.status_code == 200, answer.text
    return answer.json


def test_an_own_address_and_own_reports_are_told(reader: Reader, clock: TimeMachineFixture) -> None:
    reader.posts(author={"name": "Ann", "email": "ann@example.org"})
    reader.posts("Without an address.")
    here, elsewhere = fill(1)[0], fill(1, page=f"{PAGE}/other")[0]
    for comment, reason in ((here, "Rude."), (elsewhere, "")):
        sent = {"json": {"reason": reason}, "headers": reader.headers()}
        assert reader.client.post(f"/api/v1/comments/{comment}/report", **sent).status_code == 204
        clock.shift(1)
    told = lists(reader)
    assert [own["email"] for own in told["comments"]] == ["", "ann@example.org"]
    assert told["reports"] == [{"comment": here, "reason": "Rude.", "created": "2026-05-14T18:20:00Z"}]
    assert [report["comment"] for report in lists(reader, all=1)["reports"]] == [elsewhere, here]
    check(reader.client.get("/openapi.json").json, "ReadersOwn", lists(reader, all=1))


@pytest.mark.parametrize("count", [3, 4, 5])
def test_a_long_list_says_how_it_goes_on(reader: Reader, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    # the room names a verb as the module is named
    monkeypatch.setattr(import_module("service.comments.mine"), "LISTED", 2)
    ids = [reader.posts(f"Comment {place}.").json["comment"]["id"] for place in range(count)]
    told, found = lists(reader), []
    while True:
        assert len(told["comments"]) <= 2
        found += [own["comment"]["id"] for own in told["comments"]]
        if told["next"] is None:
            break
        told = lists(reader, before=told["next"])
    assert found == ids[::-1]
    assert lists(reader, before=ids[0])["next"] is None
