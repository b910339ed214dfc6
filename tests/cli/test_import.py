"""`afterword import`: merges an export into what is there, brings nothing twice, says beforehand what it would do."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from flask import Flask

from service import pages
from service.people.audit import COMMAND_LINE
from tests.conftest import NOW, ORIGIN, PAGE, Operator, Reader, stored

DEMO = Path(__file__).parents[2] / "demo" / "thread.wordpress.xml"
NASTY = Path(__file__).parents[1] / "unit" / "transfer" / "data" / "nasty.wordpress.xml"


def export(tmp_path: Path, *items: str, blog: str = ORIGIN) -> Path:
    """Write an export of a blog with some items and return its path."""
    path = tmp_path / "export.xml"
    path.write_text(
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
        f"<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>{blog}</wp:base_blog_url>{''.join(items)}</channel></rss>",
        encoding="utf-8",
    )
    return path


def item(*comments: str, link: str = PAGE, status: str = "open", title: str = "The clock", number: int = 1) -> str:
    """Return an item of an export: a page with its comments."""
    return (
        f"<item><title>{title}</title><link>{link}</link><wp:post_id>{number}</wp:post_id>"
        f"<wp:post_date_gmt>2011-10-13 06:00:00</wp:post_date_gmt><wp:comment_status>{status}</wp:comment_status>"
        f"<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>{''.join(comments)}</item>"
    )


def comment(number: int, parent: int = 0, **fields: str) -> str:
    """Return a comment of an export; `fields` replace what it says otherwise."""
    said = {
        "author": "Ann",
        "author_email": "ann@example.org",
        "author_url": "https://ann.example/",
        "date_gmt": f"2011-10-14 06:{number % 60:02}:00",
        "content": f"Comment {number}.",
        "approved": "1",
        "type": "comment",
    } | fields
    inner = "".join(f"<wp:comment_{name}>{escape(value)}</wp:comment_{name}>" for name, value in said.items())
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id>{inner}"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )


def bring(operator: Operator, path: Path, *options: str, site: str = "blog") -> dict[str, Any]:
    """Import a file and return the report."""
    report: dict[str, Any] = json.loads(operator.runs("import", "wordpress", path, "--site", site, "--json", *options))
    return report


class TestDemonstration:
    """The thread that comes with the demonstration."""

    URL = "http://127.0.0.1:8001/closed.html"

    @pytest.fixture(autouse=True)
    def _site(self, app: Flask) -> None:
        pages.add("demo", ["http://127.0.0.1:8001"], NOW, COMMAND_LINE)

    def test_it_comes_whole(self, operator: Operator, reader: Reader) -> None:
        report = bring(operator, DEMO, site="demo")
        assert (report["pages"], report["closed"], report["comments"], report["pending"]) == (1, 1, 18, 0)
        seen = reader.sees(self.URL)
        top = [comment for comment in seen["comments"] if comment["parent"] is None]
        assert [comment["number"] for comment in top] == list(range(1, 14))
        assert len(seen["comments"]) - len(top) == 4
        assert seen["page"]["count"] == 17
        assert seen["page"]["closed"]
        assert seen["page"]["title"]

    def test_every_comment_keeps_its_date_and_its_author(self, operator: Operator, reader: Reader) -> None:
        bring(operator, DEMO, site="demo")
        first = reader.sees(self.URL)["comments"][0]
        assert (first["created"], first["author"]["name"]) == ("2011-10-14T06:41:12Z", "Hattie")
        assert first["author"]["website"] is None  # WordPress's "http://" is none
        created = [comment["created"] for comment in reader.sees(self.URL)["comments"] if comment["number"]]
        assert created == sorted(created)

    def test_its_counts_agree(self, operator: Operator, reader: Reader) -> None:
        report = bring(operator, DEMO, site="demo")
        assert report["comments"] + sum(report["skipped"].values()) == DEMO.read_text().count("<wp:comment>")
        assert Counter(row["state"] for row in stored("comments")) == {"published": 17, "spam": 1}

    def test_a_second_time_brings_nothing(self, operator: Operator, reader: Reader) -> None:
        bring(operator, DEMO, site="demo")
        before = reader.sees(self.URL)
        again = bring(operator, DEMO, site="demo")
        assert (again["pages"], again["comments"], again["skipped"]["brought before"]) == (0, 0, 18)
        assert reader.sees(self.URL) == before

    def test_a_page_opened_since_stays_open(self, operator: Operator, reader: Reader) -> None:
        bring(operator, DEMO, site="demo")
        operator.opens(self.URL)
        bring(operator, DEMO, site="demo")
        assert not reader.sees(self.URL)["page"]["closed"]

    def test_a_dry_run_says_the_same_and_writes_nothing(self, operator: Operator) -> None:
        would = bring(operator, DEMO, "--dry-run", site="demo")
        assert stored("pages") == stored("comments") == []
        assert bring(operator, DEMO, site="demo") == would

    def test_it_is_said_in_words_too(self, operator: Operator) -> None:
        would = operator.runs("import", "wordpress", DEMO, "--site", "demo", "--dry-run")
        assert would.startswith("Would bring 18 comments on 1 pages; 1 of the pages closed; skipped ")
        done = operator.runs("import", "wordpress", DEMO, "--site", "demo")
        assert done.startswith("Brought 18 comments on 1 pages; 1 of the pages closed; skipped ")
        again = operator.runs("import", "wordpress", DEMO, "--site", "demo")
        assert "  skipped 18: brought before" in again.splitlines()


@pytest.mark.usefixtures("app")
class TestMerge:
    """What is there stays as it is; what comes finds its place."""

    def test_numbers_go_on_where_the_thread_ended(self, operator: Operator, reader: Reader, tmp_path: Path) -> None:
        reader.posts("One.")
        reader.posts("Two.")
        bring(operator, export(tmp_path, item(comment(7), comment(8), comment(9, parent=7))))
        reader.posts("Last.")
        numbers = {comment["html"]: comment["number"] for comment in reader.sees()["comments"]}
        assert numbers == {
            "<p>One.</p>": 1,
            "<p>Two.</p>": 2,
            "<p>Comment 7.</p>": 3,
            "<p>Comment 9.</p>": None,
            "<p>Comment 8.</p>": 4,
            "<p>Last.</p>": 5,
        }
        assert reader.sees()["page"]["count"] == 6

    def test_an_older_export_and_then_a_newer_one(self, operator: Operator, reader: Reader, tmp_path: Path) -> None:
        bring(operator, export(tmp_path, item(comment(7))))
        report = bring(operator, export(tmp_path, item(comment(7), comment(8), comment(9, parent=7))))
        assert (report["comments"], report["skipped"]) == (2, {"brought before": 1})
        assert [(each["number"], each["depth"]) for each in reader.sees()["comments"]] == [(1, 0), (None, 1), (2, 0)]

    def test_a_page_that_moved_between_two_exports_is_no_obstacle(
        self, operator: Operator, reader: Reader, tmp_path: Path
    ) -> None:
        bring(operator, export(tmp_path, item(comment(7))))
        moved = f"{ORIGIN}/moved"
        report = bring(operator, export(tmp_path, item(comment(7), comment(8, parent=7), link=moved)))
        assert (report["comments"], report["skipped"]) == (1, {"brought before": 1})
        assert [(each["parent"], each["number"]) for each in reader.sees(moved)["comments"]] == [(None, 1)]

    def test_another_blog_counts_its_comments_from_one_too(
        self, operator: Operator, reader: Reader, tmp_path: Path
    ) -> None:
        operator.runs("site", "set", "blog", "--origin", ORIGIN, "--origin", "https://old.example")
        old = {"link": "https://old.example/clock", "title": "Old"}
        for brought, skipped in [(2, 0), (0, 2)]:
            for blog, page in ((ORIGIN, {}), ("https://old.example", old)):
                report = bring(operator, export(tmp_path, item(comment(1), comment(2, parent=1), **page), blog=blog))
                assert (report["comments"], sum(report["skipped"].values())) == (brought, skipped)
        assert [each["depth"] for each in reader.sees("https://old.example/clock")["comments"]] == [0, 1]

    def test_numbers_follow_the_dates_not_the_file(self, operator: Operator, reader: Reader, tmp_path: Path) -> None:
        bring(operator, export(tmp_path, item(comment(9), comment(7), comment(8))))
        assert [each["html"] for each in reader.sees()["comments"]] == [f"<p>Comment {n}.</p>" for n in (7, 8, 9)]

    def test_a_reply_may_stand_before_its_parent(self, operator: Operator, reader: Reader, tmp_path: Path) -> None:
        earlier = comment(9, parent=20, date_gmt="2011-10-14 05:00:00")
        bring(operator, export(tmp_path, item(earlier, comment(20))))
        parent, reply = reader.sees()["comments"]
        assert (reply["parent"], reply["html"]) == (parent["id"], "<p>Comment 9.</p>")

    def test_a_reply_to_nothing_stands_on_its_own(self, operator: Operator, reader: Reader, tmp_path: Path) -> None:
        bring(operator, export(tmp_path, item(comment(7, parent=99), comment(8, parent=8))))
        assert [each["parent"] for each in reader.sees()["comments"]] == [None, None]

    def test_comments_that_answer_each_other_in_a_ring_all_come(
        self, operator: Operator, reader: Reader, tmp_path: Path
    ) -> None:
        report = bring(operator, export(tmp_path, item(comment(7, 9), comment(8, 7), comment(9, 8))))
        assert report["comments"] == 3
        assert reader.sees()["page"]["count"] == 3

    def test_replies_nest_to_any_depth(self, operator: Operator, reader: Reader, tmp_path: Path) -> None:
        bring(operator, export(tmp_path, item(*(comment(n, parent=n - 1 if n > 1 else 0) for n in range(1, 71)))))
        (root,) = (each for each in reader.sees()["comments"] if each["parent"] is None)
        assert root["replies"] == 69

    def test_a_closed_page_without_comments_is_closed_here_too(
        self, operator: Operator, reader: Reader, tmp_path: Path
    ) -> None:
        report = bring(operator, export(tmp_path, item(status="closed")))
        assert (report["pages"], report["closed"], report["comments"]) == (1, 1, 0)
        page = reader.sees()["page"]
        assert (page["closed"], page["title"]) == (True, "The clock")

    def test_a_closed_page_here_takes_what_is_imported(
        self, operator: Operator, reader: Reader, tmp_path: Path
    ) -> None:
        operator.closes(reason="Moved.")
        bring(operator, export(tmp_path, item(comment(7), status="closed")))
        page = reader.sees()["page"]
        assert (page["count"], page["closed"], page["reason"]) == (1, True, "Moved.")

    def test_readers_go_on_while_a_large_export_comes(
        self, operator: Operator, reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("service.transfer.load.BATCH", 3)
        report = bring(operator, export(tmp_path, item(*(comment(n, parent=(n - 1) // 2) for n in range(1, 21)))))
        assert report["comments"] == reader.sees()["page"]["count"] == 20
        assert reader.sees()["page"]["version"] == 7  # seven transactions, between which others can write


@pytest.mark.usefixtures("app")
class TestStates:
    """What was held there is held here, and what was removed stays away."""

    def test_states_are_kept(self, operator: Operator, reader: Reader, tmp_path: Path) -> None:
        approved = {7: "1", 8: "0", 9: "spam", 10: "trash"}
        report = bring(operator, export(tmp_path, item(*(comment(n, approved=state) for n, state in approved.items()))))
        assert Counter(row["state"] for row in stored("comments")) == {"published": 1, "pending": 1, "spam": 1}
        assert (report["comments"], report["pending"], report["skipped"]) == (3, 1, {"deleted": 1})
        assert reader.sees()["page"]["count"] == 1

    def test_a_deleted_comment_with_a_reply_holds_its_place_without_its_text(
        self, operator: Operator, reader: Reader, tmp_path: Path
    ) -> None:
        bring(operator, export(tmp_path, item(comment(7, approved="trash", content="A secret."), comment(8, parent=7))))
        gone, reply = reader.sees()["comments"]
        assert (gone["state"], gone["author"], gone["html"], gone["number"]) == ("deleted", None, "", 1)
        assert reply["parent"] == gone["id"]
        assert "secret" not in str(stored("comments"))
        assert "ann@example.org" not in str([row for row in stored("comments") if row["state"] == "deleted"])

    def test_held_comments_can_be_approved_afterwards(self, operator: Operator, reader: Reader, tmp_path: Path) -> None:
        bring(operator, export(tmp_path, item(comment(7, approved="0"))))
        (held,) = (row["id"] for row in stored("comments"))
        operator.approves(held)
        assert reader.sees()["comments"][0]["number"] == 1


@pytest.mark.usefixtures("app")
class TestRefused:
    """What cannot come is counted under its reason; what is no export ends with one line."""

    def test_every_comment_of_the_file_is_counted_once(self, operator: Operator, tmp_path: Path) -> None:
        file = export(
            tmp_path,
            item(
                comment(1),
                comment(2, type="pingback"),
                comment(3, content=""),
                comment(4, content="x" * 10_001),
                comment(5, content=" ".join(f"https://example.org/{n}" for n in range(60))),
                comment(6, approved="trash"),
                comment(1),  # twice in the file
            ),
            item(comment(7), comment(8), link="https://elsewhere.example/x", number=2),
            item(comment(9), link="null", number=3),
        )
        report = bring(operator, file)
        assert report["comments"] == len(stored("comments")) == 1
        assert sum(report["skipped"].values()) == 9
        assert report["skipped"]["https://elsewhere.example is no origin of this site"] == 2
        assert report["skipped"]["its page is not one of this site"] == 1
        assert bring(operator, file, "--dry-run")["comments"] == 0

    @pytest.mark.parametrize(
        ("fields", "kept"),
        [
            ({"author_email": "no address"}, {"email": "", "website": "https://ann.example/", "name": "Ann"}),
            ({"author_url": "javascript:alert(1)"}, {"email": "ann@example.org", "website": "", "name": "Ann"}),
            ({"author": "x" * 80}, {"name": "x" * 64, "email": "ann@example.org"}),
            ({"author": ""}, {"name": ""}),
            (
                {"author_email": "x", "author_url": "x:y", "author": "Bob\n\u202e"},
                {"name": "Bob", "email": "", "website": ""},
            ),
        ],
    )
    def test_what_is_wrong_with_an_author_costs_no_comment(
        self, operator: Operator, tmp_path: Path, fields: dict[str, str], kept: dict[str, str]
    ) -> None:
        bring(operator, export(tmp_path, item(comment(7, **fields))))
        (row,) = stored("comments")
        assert {name: row[name] for name in kept} == kept

    def test_markup_in_an_export_is_as_harmless_as_any(
        self, operator: Operator, reader: Reader, tmp_path: Path
    ) -> None:
        hostile = '<b>bold</b> <script>alert(1)</script><a href="javascript:alert(1)" onclick="x()">link</a>'
        bring(operator, export(tmp_path, item(comment(7, content=hostile, author="<i>Ann</i>"))))
        (seen,) = reader.sees()["comments"]
        assert "<strong>bold</strong>" in seen["html"]
        assert "<script" not in seen["html"]
        assert "javascript:" not in seen["html"]
        assert "onclick" not in seen["html"]

    @pytest.mark.parametrize(
        "content",
        [b"", b"no xml", b"<html></html>", b"<rss><channel></channel></rss>", b"<rss><channel><item>",
         b"\x1f\x8bbroken",
         b'<!DOCTYPE rss [<!ENTITY a "b">]><rss>&a;</rss>', b"PK\x03\x04zip", b"\xff\xfe<\0r\0s\0s\0"],
        ids=ascii,
    )  # fmt: skip
    def test_what_is_no_export_ends_with_one_line(self, operator: Operator, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "file.xml").write_bytes(content)
        result = operator.tries("import", "wordpress", tmp_path / "file.xml", "--site", "blog")
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert len(result.stderr.splitlines()) == 1
        assert stored("comments") == []

    def test_the_nastiest_export_we_have_is_counted_whole(self, operator: Operator) -> None:
        operator.runs("site", "set", "blog", "--origin", "https://example.org")
        report = bring(operator, NASTY)
        assert report["comments"] == len(stored("comments")) > 20
        again = bring(operator, NASTY)
        assert again["comments"] == 0


def test_an_import_stands_in_the_log_with_what_it_brought(app: Flask, operator: Operator, tmp_path: Path) -> None:
    def told() -> list[dict[str, Any]]:
        entries = [entry for entry in stored("audit") if entry["verb"] == "site.import"]
        return [
            {"actor": entry["actor"], "subject": entry["subject"]} | json.loads(entry["details"]) for entry in entries
        ]

    path = export(tmp_path, item(comment(1), comment(2, approved="0"), status="closed"))
    bring(operator, path, "--dry-run")
    assert told() == []
    bring(operator, path)
    counts = {"pages": 1, "closed": 1, "comments": 2, "pending": 1, "skipped": 0}
    assert told() == [{"actor": "command line", "subject": "blog", "format": "wordpress"} | counts]
    bring(operator, path)  # which brings nothing more
    assert len(told()) == 1
