"""What the log tells of an act, in words."""

from __future__ import annotations

from typing import Any

import pytest

from service.web.admin import told


@pytest.mark.parametrize(
    ("verb", "details", "lines"),
    [
        ("site.rules", {"before": {"links": 5}, "after": {"links": 3}}, ["links: 5 → 3"]),
        (
            "site.rules",
            {"before": {"spam_words": []}, "after": {"spam_words": ["casino", "pills"]}},
            ["spam words: none → casino, pills"],
        ),
        (
            "comment.hold",
            {"before": {"state": "published", "rule": None}, "after": {"state": "pending", "rule": None, "seen": True}},
            ["state: published → pending", "seen: none → yes"],
        ),
        ("site.set", {"votes": ["up", "off"], "origins": [["a"], ["b"]]}, ["votes: up → off", "origins: a → b"]),
        ("operator.access", {"role": "owner", "sites": None}, ["role: owner", "sites: all"]),
        ("operator.add", {"role": "moderator", "sites": ["blog", "other"]}, ["role: moderator", "sites: blog, other"]),
        ("operator.add", {"role": "moderator", "sites": []}, ["role: moderator", "sites: none"]),
        ("ban.add", {"ban": 1, "shadow": False, "until": None}, ["ban: 1", "shadow: no"]),
        ("comment.spam", {"reports": {"readers": 2}}, ["reports: readers 2"]),
        ("comment.approve", {"before": None, "after": "x"}, []),
        ("session.end", {}, []),
    ],
)  # fmt: skip
def test_what_was_changed_is_told(verb: str, details: dict[str, Any], lines: list[str]) -> None:
    assert told.changes(verb, details) == lines
