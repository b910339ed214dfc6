"""The queue: every view and filter against a plain reading of all comments, its cursors, its plans, its context."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from service import comments, create_app, database, pages
from service.comments import Asked, asked, queue, queue_store
from service.comments.asked import Cursor
from service.errors import Invalid, NotFound
from service.people.audit import COMMAND_LINE
from tests.bench import queue as bench
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, PAGE, Operator, Reader, fill, stored
from tests.unit.comments.conftest import ANN, SIX_LINKS, decides, reports

NAMES = ("Ann", "Ben", "7", "Ömer")
DAYS = 12


@pytest.fixture
def many(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Comments of all kinds on two sites, as they are stored, each with its page's address; answers of three."""
    monkeypatch.setattr(queue, "PAGE", 3)
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    for place in (PAGE, f"{ORIGIN}/second", f"{OTHER_ORIGIN}/x"):
        fill(14, page=place, body="The Clock, an Ölbild.")
    with database.write() as connection:
        for comment_id in range(1, 43):
            step = comment_id * 7 % 43
            values = {
                "id": comment_id,
                "state": ("published", "pending", "spam", "deleted")[step % 4],
                "rule": "many-links" if step % 4 == 1 and step % 3 else "words" if step % 4 == 1 else None,
                "name": NAMES[step % 3] if step % 5 else NAMES[3],
                "email": "ann@example.org" if step % 6 == 0 else "",
                "reports": int(step % 7 == 0),
                "body": "Nothing." if step % 5 == 2 else "The Clock, an Ölbild.",
                "created": (NOW - timedelta(days=step % DAYS)).strftime("%Y-%m-%d %H:%M:%S.000000"),
            }
            columns = ", ".join(f"{name} = :{name}" for name in values if name != "id")
            connection.execute(text(f"UPDATE comments SET {columns} WHERE id = :id"), values)
    return stored("comments")


def walked(wanted: Asked, allowed: frozenset[int] | None = None) -> list[int]:
    """Walk a list from beginning to end and return the ids."""
    found: list[int] = []
    cursor = None
    for _ in range(200):
        part = comments.look(Asked(**(vars(wanted) | {"after": cursor})), allowed, NOW)
        found += [entry.id for entry in part.entries]
        assert len(part.entries) <= queue.PAGE
        assert part.partial or part.next is None or len(part.entries) == queue.PAGE
        if part.next is None:
            return found
        cursor = asked.parse(part.next)
    raise AssertionError("a walk without an end")


def expected(rows: list[dict[str, Any]], wanted: Asked, allowed: frozenset[int] | None) -> list[int]:
    """Return what the list should hold, by looking at everything."""

    def fits(row: dict[str, Any]) -> bool:
        site = {None: row["site_id"], "blog": 1, "other": 2}[wanted.site]
        text = {None: "", "clock": "Clock", "ölbild": "Ölbild", "nowhere": "nowhere"}[wanted.text]
        at = row["created"]
        said = (row["name"], row["email"], str(row["reader_id"]))
        return (
            (allowed is None or row["site_id"] in allowed)
            and row["site_id"] == site
            and (wanted.page is None or str(row["page_id"]) == wanted.page)
            and (
                wanted.view == "all"
                or (row["reports"] > 0 if wanted.view == "reported" else False)
                or row["state"] == wanted.view
            )
            and (wanted.author is None or wanted.author in said)
            and (wanted.rule is None or row["rule"] == wanted.rule)
            and text in row["body"]
            and (wanted.since is None or at >= wanted.since.strftime("%Y-%m-%d %H:%M:%S.000000"))
            and (wanted.until is None or at < wanted.until.strftime("%Y-%m-%d %H:%M:%S.000000"))
        )

    return sorted(row["id"] for row in rows if fits(row))


_times = some.none() | some.integers(0, DAYS).map(lambda days: NOW - timedelta(days=days))
_asked = some.builds(
    Asked,
    view=some.sampled_from(comments.VIEWS),
    site=some.sampled_from([None, None, "blog", "other"]),
    page=some.sampled_from([None, None, None, "1", "2"]),
    author=some.sampled_from([None, None, *NAMES, "ann@example.org"]),
    rule=some.sampled_from([None, None, "many-links", "words", "none"]),
    text=some.sampled_from([None, None, "clock", "ölbild", "nowhere"]),
    since=_times,
    until=_times,
    order=some.sampled_from(comments.ORDERS),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=_asked, scan=some.sampled_from([1, 5, 20_000]))
@example(wanted=Asked("all", author="7", text="clock"), scan=1)
def test_a_list_holds_everything_that_fits_once_and_in_order(
    many: list[dict[str, Any]], wanted: Asked, scan: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue_store, "SCAN", scan)
        try:
            found = [each.id for each in comments.listing(wanted, 1_000)]
        except NotFound:
            assert (wanted.page, wanted.site) in (("1", "other"), ("2", "other"))
            return
    assert sorted(found) == expected(many, wanted, None)
    rows = {row["id"]: row for row in many}
    named = wanted.page or wanted.author or wanted.rule
    by_time = wanted.view == "all" and (wanted.since or wanted.until) and not named
    keys = {each: (rows[each]["created"] if by_time else "", each) for each in found}
    assert found == sorted(found, key=lambda each: keys[each], reverse=wanted.order == "newest")


@pytest.mark.parametrize("scan", [1, 20_000])
@pytest.mark.parametrize("allowed", [None, frozenset([1]), frozenset([2]), frozenset([1, 2]), frozenset()])
@pytest.mark.parametrize(
    "wanted",
    [
        Asked("all"),
        Asked("pending", order="oldest"),
        Asked("reported"),
        Asked("all", since=NOW - timedelta(days=9)),
        Asked("all", text="clock"),
        Asked("all", author="Ben"),
        Asked("pending", rule="words"),
    ],
    ids=lambda each: each.author or each.text or each.rule or each.view,
)
def test_a_walk_of_many_answers_keeps_to_the_sites_that_are_allowed(
    many: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    wanted: Asked,
    allowed: frozenset[int] | None,
    scan: int,
) -> None:
    monkeypatch.setattr(queue_store, "SCAN", scan)
    monkeypatch.setattr(queue, "PAGE", 10)
    assert sorted(walked(wanted, allowed)) == expected(many, wanted, allowed)


@pytest.mark.parametrize("cursor", [Cursor(1), Cursor(2**53 - 1), Cursor(7, NOW), Cursor(7, NOW.replace(year=1969))])
def test_a_cursor_comes_back_as_it_was(cursor: Cursor) -> None:
    assert asked.parse(asked.write(cursor)) == cursor


@pytest.mark.parametrize("value", ["", "x", "é", "AAAA", "MXE", "MXE5OTk5OTk5OTk5OTk5OTk5OTk", "MXQ1", "=" * 7])
def test_what_is_no_cursor_is_refused(value: str) -> None:
    assert asked.parse(value) is None


def test_a_cursor_of_another_list_is_refused(many: list[dict[str, Any]]) -> None:
    with pytest.raises(Invalid):
        comments.look(Asked("all", since=NOW - timedelta(days=9), after=Cursor(4)), None, NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("view", "x"),
        ("order", "best"),
        ("after", "x"),
        ("text", "x" * 201),
        ("author", "a\0b"),
        ("since", "yesterday"),
        ("page", "x" * 2049),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_field(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        comments.load_asked({field: value})
    assert set(refused.value.fields) == {field}


def test_an_empty_field_of_a_form_asks_for_nothing() -> None:
    assert comments.load_asked({"site": "", "text": " ", "author": ""}) == Asked()


def test_what_is_decided_meanwhile_shifts_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 3)
    ids = fill(9)
    decides(ids, "pending")
    first = comments.look(Asked("pending"), None, NOW)
    decides([entry.id for entry in first.entries], "spam")
    assert first.next is not None
    second = comments.look(Asked("pending", after=asked.parse(first.next)), None, NOW)
    assert [entry.id for entry in [*first.entries, *second.entries]] == ids[:2:-1]


def test_counts_stop_at_their_bound(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_store, "COUNTED", 3)
    decides(fill(3), "pending")
    decides(fill(4), "spam")
    counts = comments.look(Asked(), None, NOW).counts
    assert {name: str(count) for name, count in counts.items()} == {
        "pending": "3",
        "reported": "0",
        "spam": "3+",
        "deleted": "0",
        "all": "3+",
    }


def test_counts_are_of_the_sites_asked_for(many: list[dict[str, Any]]) -> None:
    for allowed, site in ((None, "blog"), (frozenset([1]), None)):
        counts = comments.look(Asked(site=site), allowed, NOW).counts
        assert counts["all"].number == 28
        assert counts["pending"].number == sum(row["state"] == "pending" for row in many[:28])


def test_an_entry_shows_its_context(app: Flask, reader: Reader, operator: Operator, client: FlaskClient) -> None:
    first = reader.posts("The  first\n\none.", title="The clock", author={"name": "Ann"}).json["comment"]["id"]
    held = reader.posts(SIX_LINKS, parent=first, author={"name": "Ann", "email": "ann@example.org"})
    operator.closes(reason="Enough.")
    reports(client, first, "B", "C")
    comments.revise(first, comments.Revision("The other one."), ANN, NOW)
    with database.write() as connection:
        connection.execute(
            text("UPDATE comments SET why = '[\"6 links\"]', spam_score = 0.25, address = '192.0.2.0/24'")
        )
    (entry,) = comments.look(Asked("pending"), None, NOW).entries
    assert entry.id == held.json["comment"]["id"]
    assert (entry.site, entry.page.url, entry.page.closed) == ("blog", PAGE, True)
    assert (entry.parent and (entry.parent.id, entry.parent.name, entry.parent.excerpt)) == (
        first,
        "Ann",
        "The other one.",
    )
    assert (entry.rule, entry.why, entry.spam_score) == ("many-links", ("6 links",), 0.25)
    assert entry.author is not None
    assert (entry.author.published, entry.author.pending, entry.author.more) == (1, 1, False)
    assert entry.ban == {
        "reader": str(entry.author.reader),
        "name": "Ann",
        "email": "ann@example.org",
        "address": "192.0.2.0/24",
    }
    (reported,) = comments.look(Asked("reported"), None, NOW).entries
    assert (reported.id, reported.reported, reported.edits) == (first, 2, 1)
    assert {report.reason for report in reported.reports} == {"Rude."}
    assert comments.get_entry(first, frozenset([1]), NOW) == reported


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with the benchmark's comments, some thousands of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERWORD_DATA_DIR", str(tmp_path_factory.mktemp("crowd")))
        made = create_app()
        with made.app_context():
            with database.write() as connection:
                bench.fill(connection, 4_000)
            yield made


@pytest.mark.sqlite(reason="its planner says what it does in other words")
@pytest.mark.parametrize("allowed", [None, frozenset([3, 8])], ids=["all sites", "two sites"])
@pytest.mark.parametrize("name", bench.ASKED)
def test_every_query_goes_by_an_index_and_sorts_nothing(
    crowd: Flask, name: str, allowed: frozenset[int] | None
) -> None:
    plans = bench.plans(bench.ASKED[name], allowed)
    assert len(plans) <= 9
    lines = [line for plan in plans for line in plan]
    # the count of reported comments, and the walk over them
    times = 1 + (bench.ASKED[name].view == "reported")
    assert sum("ix_comments_reported (id" in line for line in lines) >= times
    assert any("SEARCH comments" in line for line in lines)
    assert [line for line in lines if "TEMP B-TREE" in line or line.startswith(("SCAN comments", "SCAN reports"))] == []


def test_a_text_is_looked_for_in_so_many_comments_at_once(crowd: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_store, "SCAN", 1_500)
    cursor, answers = None, []
    while not answers or cursor:
        part = comments.look(Asked("all", text="zymurgy", after=cursor), None, NOW)
        cursor = asked.parse(part.next) if part.next else None
        answers.append((len(part.entries), part.partial))
    assert answers == [(0, True), (0, True), (0, False)]
