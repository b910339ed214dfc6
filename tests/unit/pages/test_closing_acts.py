"""Acts of closing as the admin doors call them: the rules' schema, lists, what would happen, the audit log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from service import pages
from service.errors import Invalid, NotFound
from service.pages import Part
from service.people.audit import COMMAND_LINE, Actor
from tests.conftest import NOW, ORIGIN, fill, stored

ANN = Actor("ann", "ui")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"days_after_first": 0}, "days_after_first"),
        ({"days_after_last": -1}, "days_after_last"),
        ({"days_after_last": 3_651}, "days_after_last"),
        ({"days_after_last": "14"}, "days_after_last"),
        ({"after_comments": 1.5}, "after_comments"),
        ({"hours": "7-23"}, "hours"),
        ({"hours": "07:00-07:00"}, "hours"),
        ({"hours": "00:00-24:00"}, "hours"),
        ({"hours": "00:00-24:00", "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}, "hours"),
        ({"hours": "07:00-23:00", "zone": "Mars/Base"}, "zone"),
        ({"hours": "07:00-23:00", "zone": ""}, "zone"),
        ({"hours": "07:00-23:00", "weekdays": ["monday"]}, "weekdays"),
        ({"zone": "Europe/Berlin"}, "zone"),
        ({"weekdays": ["mon"]}, "weekdays"),
        ({"reason": "x" * 301}, "reason"),
        ({"reasons": {"hours": "x" * 301}}, "reasons"),
        ({"reasons": {"moon": "Full."}}, "reasons"),
        ({"moon": "full"}, "moon"),
    ],
)
def test_nonsense_is_refused_by_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        pages.load_closing(values)
    assert refused.value.fields.keys() == {field}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"days_after_first": 3_650, "days_after_last": 1, "after_comments": 1_000_000},
        {"hours": "22:00-02:00", "zone": "America/St_Johns", "weekdays": ["mon", "sun"], "reason": "Ruhe."},
        {"hours": "07:00-23:00", "zone": "UTC", "reasons": {"hours": "Good night."}},
    ],
)
def test_rules_are_kept_as_they_were_asked_for(app: Flask, values: dict[str, Any]) -> None:
    kept = pages.set_closing("blog", values, ANN, NOW)
    assert pages.read_closing(kept.closing) == pages.load_closing(values)
    assert pages.read_closing(kept.closing).values() == values


def test_every_act_is_in_the_audit_log(app: Flask) -> None:
    pages.close(f"{ORIGIN}/a", None, " Enough. ", NOW + timedelta(hours=1), NOW, COMMAND_LINE)
    page = pages.locate_at_once(f"{ORIGIN}/a").page
    assert page is not None
    pages.close_by_id(page.id, None, None, NOW, ANN, "batch")
    pages.reopen_by_id(page.id, NOW, ANN, "batch")
    pages.hand_back_by_id(page.id, NOW, ANN)
    pages.reopen(f"{ORIGIN}/a", None, NOW, ANN)
    pages.hand_back(f"{ORIGIN}/a", None, NOW, ANN)
    pages.freeze("blog", "We are moving.", None, NOW, ANN)
    pages.thaw("blog", NOW, ANN)
    pages.set_closing("blog", {"after_comments": 3}, ANN, NOW)
    told = [(row["verb"], row["actor"], row["subject"], row["reason"], row["batch"]) for row in stored("audit")]
    assert told[1:] == [
        ("page.close", "command line", f"{ORIGIN}/a", "Enough.", None),
        ("page.close", "ann", f"{ORIGIN}/a", "", "batch"),
        ("page.open", "ann", f"{ORIGIN}/a", "", "batch"),
        ("page.hand-back", "ann", f"{ORIGIN}/a", "", None),
        ("page.open", "ann", f"{ORIGIN}/a", "", None),
        ("page.hand-back", "ann", f"{ORIGIN}/a", "", None),
        ("site.freeze", "ann", "blog", "We are moving.", None),
        ("site.thaw", "ann", "blog", "", None),
        ("site.closing", "ann", "blog", "", None),
    ]
    rows = stored("audit")[1:]
    assert json.loads(rows[0]["details"]) == {"until": "2026-05-14T19:20:00+00:00"}
    assert json.loads(rows[-1]["details"]) == {"rules": {"after_comments": 3}}
    assert {row["page_id"] for row in rows[:6]} == {page.id}


def test_what_is_refused_is_not_in_it(app: Flask) -> None:
    with pytest.raises(NotFound):
        pages.close_by_id(4711, None, None, NOW, ANN)
    with pytest.raises(NotFound):
        pages.freeze("nowhere", None, None, NOW, ANN)
    with pytest.raises(Invalid):
        pages.freeze("blog", None, NOW, NOW, ANN)
    with pytest.raises(Invalid):
        pages.set_closing("blog", {"hours": "never"}, ANN, NOW)
    before = stored("audit")
    assert [row["verb"] for row in before] == ["site.add"]
    assert pages.hand_back(f"{ORIGIN}/new", None, NOW, ANN).page is None
    assert (stored("audit"), stored("pages")) == (before, [])


def asked(text: str = "", closed: bool | None = None, after: int | None = None, limit: int = 50) -> Part:
    """Return a part of the list of all sites' pages."""
    return pages.listing_filtered(None, closed, text, after, limit, NOW)


def paths(part: Part) -> list[str]:
    """Return the paths of the pages in a part."""
    return [listed.page.url.removeprefix(ORIGIN) for listed in part.pages]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["/100%25", "/a_b", "/axb", "/caf%C3%A9"]),
        ("A_B", ["/a_b"]),
        ("%", ["/100%25", "/caf%C3%A9"]),
        ("café", ["/caf%C3%A9"]),
        ("CLOCK", ["/axb"]),
        ("\\", []),
        ("nowhere", []),
    ],
)
def test_pages_are_found_by_address_and_title(app: Flask, text: str, found: list[str]) -> None:
    for path in ("/a_b", "/caf%C3%A9", "/100%25"):
        fill(1, page=ORIGIN + path)
    pages.close_place(pages.locate_at_once(f"{ORIGIN}/axb"), NOW, "The clock", ANN)
    assert paths(asked(text)) == found


def test_the_list_is_of_the_sites_that_were_asked_for(app: Flask) -> None:
    pages.add("other", ["https://other.example"], NOW, COMMAND_LINE)
    fill(1, page="https://other.example/x")
    fill(1, page=f"{ORIGIN}/a")
    blog = pages.get_site("blog")
    part = pages.listing_filtered({blog.id}, None, "", None, 50, NOW)
    assert [(listed.site.name, listed.page.url) for listed in part.pages] == [("blog", f"{ORIGIN}/a")]
    assert pages.listing_filtered(set(), None, "", None, 50, NOW).pages == []
    assert len(asked().pages) == 2


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 100])
@pytest.mark.parametrize("limit", [1, 2, 4, 5, 100])
@pytest.mark.parametrize("most", [1, 100])
def test_parts_follow_each_other_and_leave_nothing_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch, batch: int, limit: int, most: int
) -> None:
    monkeypatch.setattr("service.pages.lists._BATCH", batch)
    monkeypatch.setattr("service.pages.lists._MOST", max(batch, most))
    for number in range(9):
        pages.close(f"{ORIGIN}/{number}", None, None, None, NOW, ANN)
        if number % 2 == 0:
            pages.reopen(f"{ORIGIN}/{number}", None, NOW, ANN)
    for closed, wanted in ((None, range(9)), (True, range(1, 9, 2)), (False, range(0, 9, 2))):
        part = asked(closed=closed, limit=limit)
        found = paths(part)
        while part.next is not None:
            part = asked(closed=closed, after=part.next, limit=limit)
            assert len(part.pages) <= limit
            found += paths(part)
        assert found == [f"/{number}" for number in wanted]


def test_it_is_told_beforehand_how_many_pages_a_rule_would_close(app: Flask) -> None:
    for number in range(4):
        fill(number + 1, page=f"{ORIGIN}/{number}")
    pages.close(f"{ORIGIN}/3", None, None, None, NOW, ANN)
    pages.reopen(f"{ORIGIN}/2", None, NOW, ANN)
    site = pages.get_site("blog")
    wanted = pages.load_closing({"after_comments": 2})
    assert pages.preview_closing(site, wanted, NOW) == pages.Preview(pages=4, of=4, closes=1, opens=0)
    assert not pages.get_site("blog").closed_at
    changed = pages.set_closing("blog", {"after_comments": 1}, ANN, NOW)
    assert pages.preview_closing(changed, wanted, NOW) == pages.Preview(pages=4, of=4, closes=0, opens=1)
