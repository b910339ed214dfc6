"""`afterword site freeze|thaw|closing` and `afterword page auto|list`: what they say, and what they refuse."""

from __future__ import annotations

import json

import pytest
from time_machine import TimeMachineFixture

from service import pages
from tests.conftest import ORIGIN, PAGE, Operator, Reader, fill, stored

pytestmark = pytest.mark.usefixtures("app")


def rules() -> dict[str, object]:
    """Return the rules of the site as they are stored."""
    return pages.read_closing(pages.get_site("blog").closing).values()


class TestFreeze:
    """Freezing and thawing a site."""

    def test_they_say_what_they_did(self, operator: Operator, clock: TimeMachineFixture) -> None:
        operator.closes(PAGE)
        assert operator.runs("site", "freeze", "blog") == "Site blog is frozen.\n"
        until = ("--until", "2027-01-31T18:00+01:00")
        assert operator.runs("site", "freeze", "blog", *until) == "Site blog is frozen until 2027-01-31 17:00 UTC.\n"
        assert (
            operator.runs("page", "open", PAGE) == f"{PAGE} is closed until 2027-01-31 17:00 UTC: the site is frozen.\n"
        )
        assert json.loads(operator.runs("site", "list", "--json"))[0]["frozen"] is True
        assert operator.runs("site", "thaw", "blog") == "Site blog is no longer frozen.\n"
        assert json.loads(operator.runs("site", "list", "--json"))[0]["frozen"] is False

    @pytest.mark.parametrize(
        ("options", "fault"),
        [
            (("nowhere",), "no such site as nowhere"),
            (("blog", "--until", "2026-05-14T18:20Z"), "must lie ahead"),
            (("blog", "--reason", "x" * 301), "300 characters"),
        ],
    )
    def test_nonsense_is_refused(
        self, operator: Operator, clock: TimeMachineFixture, options: tuple[str, ...], fault: str
    ) -> None:
        result = operator.tries("site", "freeze", *options)
        assert result.exit_code == 1
        assert fault in result.stderr
        assert [entry["verb"] for entry in stored("audit")] == ["site.add"]
        assert operator.tries("site", "thaw", "nowhere").exit_code == 1


class TestClosing:
    """The rules by which pages close by themselves."""

    def test_rules_are_set_one_by_one_and_taken_away(self, operator: Operator) -> None:
        def set_(*options: str) -> dict[str, object]:
            operator.runs("site", "closing", "blog", *options)
            return rules()

        assert set_("--days-after-last", "14") == {"days_after_last": 14}
        assert set_("--hours", "07:00-23:00", "--zone", "Europe/Berlin", "--weekdays", "sun,sat") == {
            "days_after_last": 14,
            "hours": "07:00-23:00",
            "zone": "Europe/Berlin",
            "weekdays": ["sat", "sun"],
        }
        assert set_("--days-after-last", "0", "--weekdays", "all") == {"hours": "07:00-23:00", "zone": "Europe/Berlin"}
        assert set_("--reason", "Good night.")["reason"] == "Good night."
        assert set_("--hours", "off", "--days-after-first", "3", "--reason", "") == {"days_after_first": 3}
        assert set_("--off", "--after-comments", "100") == {"after_comments": 100}
        assert set_("--off") == {}

    def test_it_is_told_how_many_pages_that_closes_before_it_does(self, operator: Operator, reader: Reader) -> None:
        fill(2)
        fill(1, page=f"{ORIGIN}/other")
        options = ("site", "closing", "blog", "--after-comments", "2")
        assert operator.runs(*options, "--dry-run") == "Of 2 pages 1 would close now and 0 open.\n"
        assert not reader.sees()["page"]["closed"]
        assert (rules(), [entry["verb"] for entry in stored("audit")]) == ({}, ["site.add"])
        assert operator.runs(*options).startswith("Of 2 pages 1 closed by it, and 0 opened.\n")
        assert reader.sees()["page"]["closed"]

    def test_without_options_it_shows_them(self, operator: Operator) -> None:
        assert operator.runs("site", "closing", "blog") == "No page closes by itself.\n"
        operator.runs("site", "closing", "blog", "--hours", "07:00-23:00", "--zone", "Europe/Berlin")
        shown = operator.runs("site", "closing", "blog")
        assert "Comments are open from 07:00 to 23:00 (Europe/Berlin)." in shown
        assert [entry["verb"] for entry in stored("audit")] == ["site.add", "site.closing"]

    @pytest.mark.parametrize(
        ("options", "status", "fault"),
        [
            (("--hours", "7 to 11"), 1, "written like 07:00-23:00"),
            (("--hours", "07:00-23:00", "--zone", "Mars/Base"), 1, "no such time zone"),
            (("--zone", "Europe/Berlin"), 1, "together with hours"),
            (("--weekdays", "montag", "--hours", "07:00-23:00"), 1, "mon"),
            (("--days-after-last", "-1"), 2, "-1"),
            (("--days-after-last", "100000"), 1, "3650"),
        ],
    )
    def test_nonsense_is_refused(self, operator: Operator, options: tuple[str, ...], status: int, fault: str) -> None:
        for further in ((), ("--dry-run",)):
            result = operator.tries("site", "closing", "blog", *options, *further)
            assert result.exit_code == status
            assert fault in result.stderr
        assert rules() == {}


def test_a_page_is_handed_back_to_the_rules(operator: Operator) -> None:
    fill(1)
    operator.runs("site", "closing", "blog", "--after-comments", "1")
    assert operator.runs("page", "open", PAGE) == f"{PAGE} is open.\n"
    assert operator.runs("page", "auto", PAGE) == f"{PAGE} is closed: by the site's rule after_comments.\n"
    operator.runs("site", "closing", "blog", "--off")
    operator.closes()
    assert operator.runs("page", "auto", PAGE) == f"{PAGE} is open.\n"
    assert operator.runs("page", "auto", f"{ORIGIN}/new") == f"{ORIGIN}/new is open.\n"
    assert len(stored("pages")) == 1


def test_pages_are_listed_by_state_and_by_what_they_are_called(operator: Operator) -> None:
    fill(1, page=f"{ORIGIN}/one")
    fill(2, page=f"{ORIGIN}/two")
    operator.runs("site", "closing", "blog", "--after-comments", "2")

    def listed(*options: str) -> list[str]:
        return [page["url"] for page in json.loads(operator.runs("page", "list", "--json", *options))]

    assert listed() == [f"{ORIGIN}/one", f"{ORIGIN}/two"]
    assert listed("--closed") == [f"{ORIGIN}/two"]
    assert listed("--open") == [f"{ORIGIN}/one"]
    assert listed("--search", "ONE") == [f"{ORIGIN}/one"]
    assert listed("--search", "o_e") == []
    assert listed("--search", "two", "--open") == []
