"""The state of a thread, and what each event makes of it: pure functions from one state to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.widget.conftest import comment

Module = Callable[..., Any]


def _loaded(*comments: Any, after: str | None = None, **fields: Any) -> dict[str, Any]:
    state = {"phase": "ready", "page": {"count": 1}, "site": {"depth": 2}, "comments": list(comments), "next": after}
    return state | {"previous": None, "sort": "oldest", "replying": [], "folded": [], "waiting": 0} | fields


def _ids(state: Any) -> list[Any]:
    return [one["id"] for one in state["comments"]]


THREAD = [comment(1), comment(2, parent=1, depth=1), comment(3, parent=2, depth=2), comment(4, parent=1, depth=1)]


@pytest.mark.parametrize(
    ("parent", "order", "depth"),
    [
        (None, [1, 2, 3, 4, 5, "key"], 0),
        (1, [1, 2, 3, 4, "key", 5], 1),
        (2, [1, 2, 3, "key", 4, 5], 2),
        (3, [1, 2, 3, "key", 4, 5], 2),
        (99, [1, 2, 3, 4, 5, "key"], 0),
    ],
)
def test_a_text_on_its_way_stands_where_it_will_stand(module: Module, parent: Any, order: Any, depth: int) -> None:
    draft = {"key": "key", "parent": parent, "body": "x"}
    sent = {"draft": draft, "author": {"name": "Ann"}, "trouble": None}
    state = module("state", "return m.sending(a[0], a[1])", _loaded(*THREAD, comment(5)), sent)
    assert [one["id"] for one in state["comments"]] == order
    assert next(one for one in state["comments"] if one["id"] == "key")["depth"] == depth


def test_what_was_sent_from_here_stays_behind_what_is_loaded_later(module: Module) -> None:
    state = _loaded(comment(1), comment(9, late=True), comment(10, parent=9, depth=1), after="c")
    later = module("state", "return m.more(a[0], {parent: null}, a[1], null)", state, [comment(2), comment(3)])
    assert [one["id"] for one in later["comments"]] == [1, 2, 3, 9, 10]
    assert later["next"] is None
    again = module("state", "return m.more(a[0], {parent: null}, a[1], null)", state, [comment(2), comment(9)])
    assert [one["id"] for one in again["comments"]] == [1, 2, 9, 10]


def test_more_replies_go_under_their_parent_with_the_next_cursor(module: Module) -> None:
    state = _loaded(comment(1, more="a"), comment(2, parent=1, depth=1), comment(5))
    later = module("state", "return m.more(a[0], {parent: 1}, a[1], 'b')", state, [comment(3, parent=1, depth=1)])
    assert [one["id"] for one in later["comments"]] == [1, 2, 3, 5]
    assert later["comments"][0]["more"] == "b"


def test_a_retry_of_what_is_there_already_does_not_show_it_twice(module: Module) -> None:
    state = _loaded(comment(1), {"id": "key", "parent": None, "depth": 0})
    done = module("state", "return m.sent(a[0], 'key', a[1])", state, comment(1))
    assert [one["id"] for one in done["comments"]] == [1]
    assert done["page"]["count"] == 1


@pytest.mark.parametrize(("state", "count"), [("published", 2), ("pending", 1)])
def test_only_a_published_comment_counts(module: Module, state: str, count: int) -> None:
    before = _loaded(comment(1), {"id": "key", "parent": None, "depth": 0})
    done = module("state", "return m.sent(a[0], 'key', a[1])", before, comment(2, state=state))
    assert done["page"]["count"] == count


def test_comments_that_do_not_change_stay_the_same_objects(module: Module) -> None:
    script = "const s = a[0]; return m.withdrawn(s, 'key').comments[0] === s.comments[0]"
    assert module("state", script, _loaded(comment(1), {"id": "key"}))


def test_replies_below_are_counted_loaded_and_all(module: Module) -> None:
    script = "const s = a[0]; return m.repliesBelow(s, s.comments[0])"
    assert module("state", script, _loaded(comment(1, replies=5), *THREAD[1:])) == {"loaded": 3, "all": 5}
    assert module("state", script, _loaded(comment(1, replies=0), *THREAD[1:])) == {"loaded": 3, "all": 3}


def test_earlier_replies_go_before_those_that_are_there_until_they_meet(module: Module) -> None:
    # 1 has the replies 2 (with 3 below it), 4 (with 5 below it) and 6; the link was to 5
    chain = [comment(4, parent=1, depth=1), comment(5, parent=4, depth=2), comment(6, parent=1, depth=1)]
    thread = {"page": {}, "site": {}, "comments": [comment(1, earlier="a"), *chain, comment(9)], "next": None}
    state = module("state", "return m.loaded(m.START, a[0], '5')", thread)
    script = "return m.more(a[0], {parent: 1, back: true}, a[1], a[2])"
    first = module("state", script, state, [comment(2, parent=1, depth=1), comment(3, parent=2, depth=2)], "b")
    assert (_ids(first), first["comments"][0]["earlier"]) == ([1, 2, 3, 4, 5, 6, 9], "b")
    rest = [comment(4, parent=1, depth=1), comment(7, parent=4, depth=2), comment(5, parent=4, depth=2)]
    last = module("state", script, first, rest, "c")
    assert (_ids(last), last["comments"][0]["earlier"]) == ([1, 2, 3, 4, 7, 5, 6, 9], None)


@pytest.mark.parametrize(
    ("sort", "order"),
    [("oldest", [1, 2, 10, 3, 11, 12]), ("newest", [12, 11, 1, 2, 10, 3]), ("best", [1, 2, 10, 3, 11, 12])],
)
def test_new_comments_stand_where_the_sort_puts_them(module: Module, sort: str, order: list[int]) -> None:
    state = _loaded(comment(1), comment(2, parent=1, depth=1), comment(3), sort=sort, waiting=3)
    batch = [comment(2, parent=1, depth=1), comment(10, parent=1, depth=1), comment(11), comment(12)]
    done = module("state", "return m.arrived(a[0], a[1])", state, batch)
    assert (_ids(done), done["waiting"], done["page"]["count"]) == (order, 0, 4)
    assert [one["id"] for one in done["comments"] if one.get("fresh")] == [one for one in order if one >= 10]


def test_a_new_reply_to_what_is_not_here_stands_at_the_end(module: Module) -> None:
    done = module("state", "return m.arrived(a[0], a[1])", _loaded(comment(5)), [comment(9, parent=2, depth=1)])
    assert _ids(done) == [5, 9]


def test_late_comments_keep_their_order_when_more_is_loaded_newest_first(module: Module) -> None:
    state = _loaded(comment(12, late=True), comment(11, late=True), comment(5), sort="newest", after="c")
    more = module("state", "return m.more(a[0], {parent: null}, a[1], null)", state, [comment(4)])
    assert _ids(more) == [12, 11, 5, 4]


def test_what_a_comment_stands_under_is_unfolded_and_nothing_else(module: Module) -> None:
    state = _loaded(*THREAD, folded=[1, 2, 4])
    assert module("state", "return m.uncovered(a[0], 3).folded", state) == [4]


def test_the_newest_comment_is_not_one_that_this_reader_sent(module: Module) -> None:
    comments = [comment(3), comment(8, late=True), comment(7, late=True, fresh=True), {"id": "1-2", "late": True}]
    assert module("state", "return m.newest(a[0])", _loaded(*comments)) == 7
    assert module("state", "return m.newest(a[0])", _loaded()) == 0


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [("published", "deleted", 0), ("deleted", "published", 2), ("published", "pending", 0)],
)
def test_the_count_follows_what_is_published(module: Module, before: str, after: str, count: int) -> None:
    script = "return m.patched(a[0], 1, () => ({state: a[1]})).page.count"
    assert module("state", script, _loaded(comment(1, state=before)), after) == count


def test_what_comes_before_is_put_before(module: Module) -> None:
    state = _loaded(comment(5), comment(6), previous="c")
    earlier = module(
        "state", "return m.more(a[0], {parent: null, back: true}, a[1], 'b')", state, [comment(3), comment(4)]
    )
    assert (_ids(earlier), earlier["previous"], earlier["next"]) == ([3, 4, 5, 6], "b", None)
