"""`afterword import`: where comments go; one that is not accepted leaves its replies where they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_import import bring, comment, export, item
from tests.conftest import ORIGIN, PAGE, Operator, Reader, stored

TOO_LONG = "x" * 10_001


@pytest.mark.usefixtures("app")
def test_replies_to_a_comment_that_is_refused_keep_their_place(
    operator: Operator, reader: Reader, tmp_path: Path
) -> None:
    comments = comment(1, content=TOO_LONG), comment(2, parent=1), comment(3, parent=2, content=TOO_LONG), comment(4, 3)
    file = export(tmp_path, item(*comments, comment(5, content=TOO_LONG)))
    would = bring(operator, file, "--dry-run")
    report = bring(operator, file)
    assert report == would
    (reason,) = report["skipped"]
    assert reason.startswith("not accepted as a comment: A comment may have 10,000 characters")
    assert (report["comments"], report["skipped"][reason]) == (2, 3)
    seen = reader.sees()["comments"]
    assert [(each["depth"], each["state"], each["number"]) for each in seen] == [
        (0, "deleted", 1),
        (1, "published", None),
        (2, "deleted", None),
        (3, "published", None),
    ]
    assert TOO_LONG not in repr(stored("comments"))
    again = bring(operator, file)
    assert (again["pages"], again["comments"], again["skipped"]) == (0, 0, {reason: 1, "brought before": 4})


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("www", ["drop", "keep"])
@pytest.mark.parametrize(
    "origin", ["http://blog.example.org", "https://www.blog.example.org", "http://www.blog.example.org"]
)
def test_an_export_from_before_https_or_www_comes_to_the_pages_of_today(
    operator: Operator, reader: Reader, tmp_path: Path, origin: str, www: str
) -> None:
    operator.runs("site", "set", "blog", "--www", www)
    reader.posts("A reader.")
    (tmp_path / "today").mkdir()
    file = export(tmp_path, item(comment(1), comment(2, parent=1), link=f"{origin}/clock?p=1&amp;x=2"), blog=origin)
    today = export(tmp_path / "today", item(comment(1), comment(3), link=f"{PAGE}?p=1&amp;x=2"), blog=ORIGIN)
    old = item(comment(4), link=f"{origin}/clock", number=2)
    assert bring(operator, file)["comments"] == 2
    assert bring(operator, file)["skipped"] == {"brought before": 2}
    assert bring(operator, today)["skipped"] == {"brought before": 1}
    assert bring(operator, export(tmp_path, old))["comments"] == 1
    assert [row["url"] for row in stored("pages")] == [PAGE, f"{PAGE}?p=1&x=2"]
    assert [each["html"] for each in reader.sees()["comments"]] == ["<p>A reader.</p>", "<p>Comment 4.</p>"]


@pytest.mark.usefixtures("app")
def test_pages_of_another_site_are_left_alone(operator: Operator, tmp_path: Path) -> None:
    operator.runs("site", "add", "other", "https://other.example")
    path = export(tmp_path, item(comment(7), link="https://other.example/x", status="closed"))
    result = operator.tries("import", "wordpress", path, "--site", "blog", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["comments"], report["closed"], report["foreign"]) == (1, 0, 0, [])
    assert report["skipped"] == {"its page is not one of this site": 1}
    assert stored("pages") == []


@pytest.mark.usefixtures("app")
def test_what_is_of_no_site_is_told_by_its_origin(operator: Operator, tmp_path: Path) -> None:
    old, older = "http://old.example", "https://older.example"
    items = [item(comment(1), comment(2), link=f"{old}/a"), item(comment(3), link=f"{older}/a", number=2)]
    nothing = operator.tries("import", "wordpress", export(tmp_path, *items), "--site", "blog", "--dry-run")
    assert nothing.exit_code == 1
    assert nothing.stderr == (
        f"Error: Nothing came of the file: none of its pages is at an origin of blog ({ORIGIN}).\n"
    )
    said = operator.runs("import", "wordpress", export(tmp_path, *items, item(number=3)), "--site", "blog").splitlines()
    assert said[1:] == [
        f"  skipped 2: {old} is no origin of this site",
        f"  skipped 1: {older} is no origin of this site",
        "Where these are addresses of the site, too: "
        f"afterword site set blog --origin {ORIGIN} --origin {old} --origin {older}",
    ]


@pytest.mark.usefixtures("app")
def test_of_very_many_origins_the_first_are_told(operator: Operator, tmp_path: Path) -> None:
    items = [item(comment(n), link=f"http://{n}.example/a", number=n) for n in range(1, 31)]
    report = bring(operator, export(tmp_path, *items, item(comment(31), number=31)))
    assert (len(report["foreign"]), report["skipped"]["its page is not one of this site"]) == (20, 10)
