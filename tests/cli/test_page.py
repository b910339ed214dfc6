"""`afterword page`: list, close and open pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from tests.conftest import ORIGIN, PAGE, Operator, Reader, fill, stored


def pages(operator: Operator, *options: str) -> list[dict[str, Any]]:
    """Return what the list says."""
    found: list[dict[str, Any]] = json.loads(operator.runs("page", "list", "--json", *options))
    return found


@pytest.mark.usefixtures("app")
class TestClose:
    """Closing, as the command says it."""

    def test_it_says_what_it_did(self, operator: Operator, clock: TimeMachineFixture) -> None:
        assert operator.runs("page", "close", f"{PAGE}/?utm_source=x") == f"{PAGE}/ is closed.\n"
        assert (
            operator.runs("page", "close", PAGE, "--until", "2027-01-31T18:00+01:00")
            == f"{PAGE}/ is closed until 2027-01-31 17:00 UTC.\n"
        )
        assert operator.runs("page", "open", PAGE) == f"{PAGE}/ is open.\n"

    @pytest.mark.parametrize(
        ("until", "moment"),
        [
            ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
            ("2027-01-31T18:00", datetime(2027, 1, 31, 18, tzinfo=UTC)),
            ("2027-01-31 18:00", datetime(2027, 1, 31, 18, tzinfo=UTC)),
            ("2027-01-31T18:00Z", datetime(2027, 1, 31, 18, tzinfo=UTC)),
            ("2027-01-31T18:00:30-05:30", datetime(2027, 1, 31, 23, 30, 30, tzinfo=UTC)),
            ("2126-01-31", datetime(2126, 1, 31, tzinfo=UTC)),
        ],
    )
    def test_a_time_without_a_zone_is_this_machines(
        self, operator: Operator, reader: Reader, clock: TimeMachineFixture, until: str, moment: datetime
    ) -> None:
        operator.closes(until=until)
        assert reader.sees()["page"]["reopens"] == f"{moment:%Y-%m-%dT%H:%M:%SZ}"

    @pytest.mark.parametrize("until", ["2026-05-14T18:20Z", "2026-05-14", "2001-01-01", "1900-01-01"])
    def test_the_time_of_reopening_must_lie_ahead(
        self, operator: Operator, clock: TimeMachineFixture, until: str
    ) -> None:
        result = operator.tries("page", "close", PAGE, "--until", until)
        assert result.exit_code == 1
        assert "must lie ahead" in result.stderr
        assert stored("pages") == []

    def test_a_reason_has_its_limit(self, operator: Operator, reader: Reader) -> None:
        operator.closes(reason="x" * 300)
        assert reader.sees()["page"]["reason"] == "x" * 300
        assert operator.tries("page", "close", PAGE, "--reason", "x" * 301).exit_code == 1

    def test_an_id_that_is_none_is_refused(self, operator: Operator) -> None:
        assert operator.tries("page", "close", PAGE, "--id", " ").exit_code == 1
        assert stored("pages") == []

    def test_opening_an_open_page_is_no_fault(self, operator: Operator, reader: Reader) -> None:
        fill(1)
        operator.opens()
        assert reader.sees()["page"]["closed"] is False

    def test_a_page_that_is_not_there_is_not_opened(self, operator: Operator) -> None:
        result = operator.tries("page", "open", f"{PAGE}/typo")
        assert (result.exit_code, result.stderr) == (1, f"Error: There is no such page as {PAGE}/typo.\n")
        assert operator.tries("page", "open", PAGE, "--id", "7").exit_code == 1
        assert stored("pages") == []

    @pytest.mark.parametrize(
        "command", [("close",), ("open",), ("auto",), ("set", "--title", "x")], ids=lambda it: it[0]
    )
    def test_an_address_of_pages_with_ids_does_not_say_which_is_meant(
        self, operator: Operator, reader: Reader, command: tuple[str, ...]
    ) -> None:
        operator.runs("site", "closing", "blog", "--after-comments", "9")  # or there would be nothing to open
        reader.posts(id="clock-1")
        verb, *options = command
        for spelling in (PAGE, f"{PAGE}/", PAGE.replace("https://", "https://www.")):
            operator.runs("site", "set", "blog", "--origin", ORIGIN, "--origin", "https://www.blog.example.org")
            refused = operator.tries("page", verb, spelling, *options)
            assert refused.exit_code == 1
            assert "has the id clock-1: name it with the address (--id clock-1" in refused.stderr
        reader.posts("Here, too.", id="clock-2")
        assert f"at {PAGE}: clock-1, clock-2. Name one" in operator.tries("page", verb, PAGE, *options).stderr
        assert [row["key"] for row in stored("pages")] == ["#clock-1", "#clock-2"]
        operator.runs("page", verb, PAGE, "--id", "clock-1", *options)
        operator.runs("page", "close", f"{ORIGIN}/another")
        reader.posts("And without any.")
        operator.runs("page", verb, PAGE, *options)  # which has an address of its own now


@pytest.mark.usefixtures("app")
class TestList:
    """What the list says of pages."""

    def test_it_says_what_is_closed_and_why(self, operator: Operator, clock: TimeMachineFixture) -> None:
        fill(2, page=f"{ORIGIN}/a")
        operator.closes(f"{ORIGIN}/b", reason="Enough.")
        operator.closes(f"{ORIGIN}/c", until="2026-05-15T00:00Z")
        opened = {"site": "blog", "url": f"{ORIGIN}/a", "comments": 2, "closed": False, "reason": None, "reopens": None}
        closed = {
            "site": "blog",
            "url": f"{ORIGIN}/b",
            "comments": 0,
            "closed": True,
            "reason": "Enough.",
            "reopens": None,
        }
        paused = {"site": "blog", "url": f"{ORIGIN}/c", "comments": 0, "closed": True, "reason": None,
                  "reopens": "2026-05-15T00:00:00Z"}  # fmt: skip
        assert pages(operator) == [opened, closed, paused]
        assert pages(operator, "--closed") == [closed, paused]
        clock.shift(86_400)
        assert pages(operator, "--closed") == [closed]

    def test_it_names_an_owners_id(self, operator: Operator, reader: Reader) -> None:
        reader.posts(id="article-7")
        assert [(page["url"], page["id"]) for page in pages(operator)] == [(PAGE, "article-7")]
        assert f"{PAGE}  article-7" in operator.runs("page", "list")

    def test_it_can_be_of_one_site(self, operator: Operator) -> None:
        operator.runs("site", "add", "other", "https://other.example")
        fill(1)
        fill(1, page="https://other.example/x")
        assert [page["site"] for page in pages(operator)] == ["blog", "other"]
        assert [page["url"] for page in pages(operator, "--site", "other")] == ["https://other.example/x"]

    def test_it_is_readable_by_people_too(self, operator: Operator) -> None:
        operator.closes(reason="Enough \x1b[31mof \u202ethis.")
        shown = operator.runs("page", "list")
        assert "blog" in shown
        assert PAGE in shown
        assert "closed" in shown
        assert "\x1b" not in shown

    def test_no_page_is_left_out_of_a_long_list(self, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("service.pages.lists._BATCH", 3)
        urls = [f"{ORIGIN}/{place}" for place in range(8)]
        for url in urls:
            operator.closes(url)
        assert [page["url"] for page in pages(operator)] == urls
