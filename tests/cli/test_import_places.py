"""`afterword import`: a comment that is not accepted leaves its replies where they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_import import bring, comment, export, item
from tests.conftest import Operator, Reader, stored

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
