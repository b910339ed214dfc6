"""Which of the reader's own comments show in a thread that the service answers without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.widget.conftest import comment

#: a conversation that knows what is the reader's own
KNOWN = """
    const [thread, own] = a;
    const talk = {
        words: {t: (word) => word}, state: {}, become() {}, holdsFocus: () => false, signal: {aborted: true},
        drafts: {list: () => []}, keep: () => null, base: '', page: 'p', panel() {},
        ask: async () => ({comments: own.map((each) => ({comment: each, body: 'x', until: each.created})), votes: {}}),
    };
    const mine = m.own(talk);
    await mine.know();
"""
MINE = f"""
    {KNOWN}
    const state = {{phase: 'ready', sort: 'oldest', previous: null, next: null, site: {{}}, page: {{}}, ...thread}};
    return mine.mark(state).comments.map(({{id}}) => id);
"""
PART = {"next": "abc"}


@pytest.mark.parametrize(
    ("thread", "own", "shown"),
    [
        # a thread in one part: what it lacks is the reader's alone
        ([comment(1), comment(2)], comment(9), [1, 2, 9]),
        ([comment(1), comment(2)], comment(9, parent=1, depth=1), [1, 9, 2]),
        # in parts: a number says that it is in another one
        ([comment(1), comment(2), PART], comment(9), [1, 2]),
        ([comment(1), comment(2), PART], comment(9, number=None), [1, 2, 9]),
        ([comment(1), comment(2), PART], comment(9, number=None, state="pending"), [1, 2, 9]),
        ([comment(1), comment(2), PART], comment(9, parent=1, depth=1), [1, 9, 2]),
        ([comment(1), comment(2), PART], comment(9, parent=3, depth=1), [1, 2]),
        # with replies that are cut: it may be among them
        ([comment(1), comment(2, more="x")], comment(9, number=None), [1, 2, 9]),
        ([comment(1), comment(2, more="x")], comment(9, parent=1, depth=1), [1, 9, 2]),
        ([comment(1), comment(2, more="x")], comment(9, parent=2, depth=1), [1, 2]),
        ([comment(1), comment(2, earlier="x"), comment(3, parent=2)], comment(9, parent=3, depth=2), [1, 2, 3]),
        ([comment(1), comment(2, more="x")], comment(9, parent=2, depth=1, state="pending"), [1, 2, 9]),
    ],
)
def test_an_own_comment_that_others_may_not_see(
    module: Callable[..., Any], thread: list[Any], own: Any, shown: list[int]
) -> None:
    comments = [each for each in thread if each is not PART]
    answer = {"comments": comments} | (PART if PART in thread else {})
    assert module("own", MINE, answer, [own]) == shown


def test_an_own_reply_to_an_own_comment_that_others_may_not_see(module: Callable[..., Any]) -> None:
    own = [comment(11, parent=9, depth=1), comment(10, number=None), comment(9, number=None)]  # the newest first
    assert module("own", MINE, {"comments": [comment(1)]} | PART, own) == [1, 9, 11, 10]
    assert module("own", MINE, {"comments": [comment(1)], "sort": "newest"}, own) == [10, 9, 11, 1]


LATEST = f"""
    {KNOWN}
    const [shown] = mine.mark({{phase: 'ready', sort: 'oldest', site: {{}}, page: {{}}, comments: [thread]}}).comments;
    return [shown.html, shown.state, shown.score];
"""
EARLIER, LATER = "2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z"


@pytest.mark.parametrize(
    ("thread", "own", "shown"),
    [
        # what everybody is shown is behind
        ({"edited": None}, {"edited": LATER}, ["<p>new</p>", "published", 7]),
        ({"edited": EARLIER}, {"edited": LATER}, ["<p>new</p>", "published", 7]),
        ({"edited": EARLIER}, {"edited": LATER, "state": "pending"}, ["<p>new</p>", "pending", 7]),
        # or as new, or newer
        ({"edited": LATER}, {"edited": LATER, "state": "pending"}, ["<p>old</p>", "published", 7]),
        ({"edited": LATER}, {"edited": EARLIER}, ["<p>old</p>", "published", 7]),
        ({"edited": None}, {"edited": None}, ["<p>old</p>", "published", 7]),
        # what was removed meanwhile is not brought back
        ({"edited": None, "state": "deleted"}, {"edited": LATER}, ["<p>old</p>", "deleted", 7]),
    ],
)
def test_an_own_change_shows_though_the_thread_is_behind(
    module: Callable[..., Any], thread: dict[str, Any], own: dict[str, Any], shown: list[Any]
) -> None:
    before = comment(1, html="<p>old</p>", score=7, **thread)
    assert module("own", LATEST, before, [comment(1, html="<p>new</p>", **own)]) == shown
