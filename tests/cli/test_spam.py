"""`afterword spam`: what the filter has learnt, why it judges so, and how it moves or forgets."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

from service import comments, database
from service.policy import spam
from tests.conftest import NOW, Operator, Reader, fill, stored
from tests.unit.policy.spam.streams import stream


def taught(length: int = 60) -> None:
    """Teach a stream."""
    for comment_id, (facts, is_spam) in zip(fill(length), stream(1, length), strict=True):
        with database.write() as connection:
            spam.teach(connection, comment_id, facts, is_spam, NOW)


def test_status_says_when_it_is_too_early_to_judge(app: Flask, operator: Operator) -> None:
    assert "Learnt from 0 good comments and 0 spam" in operator.runs("spam", "status")
    assert "judges nothing yet: it needs 10 of each" in operator.runs("spam", "status")
    taught()
    assert "judges nothing" not in operator.runs("spam", "status")
    assert json.loads(operator.runs("spam", "status", "--json"))["ready"] is True


def test_why_names_the_strongest_signs(operator: Operator, reader: Reader) -> None:
    made = reader.posts("Please visit my page and win a free clock!!!").json["comment"]["id"]
    assert operator.runs("spam", "why", made).startswith("No verdict")
    taught()
    said = operator.runs("spam", "why", made)
    assert "% likely spam, after 60 decisions" in said
    assert "were spam)" in said
    read = json.loads(operator.runs("spam", "why", made, "--json"))
    assert read["probability"] > 0.9
    assert len(read["signs"]) == 8


def test_why_of_no_comment_is_refused(app: Flask, operator: Operator) -> None:
    assert operator.tries("spam", "why", 99).exit_code == 1


def test_what_was_learnt_moves_by_file(app: Flask, operator: Operator, tmp_path: Path) -> None:
    taught()
    file = tmp_path / "spam.jsonl"
    operator.runs("spam", "export", file)
    before = operator.runs("spam", "export", "-")
    assert file.read_text(encoding="utf-8") == before
    operator.runs("spam", "import", file, "--replace")
    assert operator.runs("spam", "export", "-") == before
    operator.runs("spam", "reset", "--yes")
    assert "Learnt from 0 good" in operator.runs("spam", "status")
    operator.runs("spam", "import", file)
    assert operator.runs("spam", "export", "-") == before
    assert [entry["verb"] for entry in stored("audit")][1:] == ["spam.replace", "spam.reset", "spam.load"]


def test_a_damaged_or_missing_file_is_refused_in_one_line(app: Flask, operator: Operator, tmp_path: Path) -> None:
    taught()
    before = operator.runs("spam", "export", "-")
    for content in (b"", b"\xff\xfe", b'{"format": "afterword spam filter", "version": 1, "words": 5}\n'):
        (tmp_path / "bad").write_bytes(content)
        refused = operator.tries("spam", "import", tmp_path / "bad")
        assert refused.exit_code == 1
        assert refused.stderr.count("\n") == 1
    assert operator.tries("spam", "import", tmp_path / "none").exit_code == 1
    assert operator.runs("spam", "export", "-") == before


def test_reset_asks_first(app: Flask, operator: Operator) -> None:
    taught(20)
    assert operator.tries("spam", "reset", typed="n\n").exit_code == 1
    assert spam.status().words > 0


def test_the_filter_keeps_no_comment_that_is_gone(app: Flask, operator: Operator) -> None:
    taught(1)
    (lesson,) = stored("spam_lessons")
    assert comments.get_comment(lesson["comment_id"])
    assert set(lesson) == {"comment_id", "spam", "hard", "at"}
