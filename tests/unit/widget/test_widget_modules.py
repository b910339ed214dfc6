"""The modules below the document: which page, the state, the words, the times, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.widget.conftest import comment

Module = Callable[..., Any]


@pytest.mark.parametrize(
    ("given", "canonical", "location", "expected"),
    [
        (None, None, "https://a.example/p?q=1#comment-3", "https://a.example/p?q=1"),
        (None, "https://a.example/p", "https://a.example/p?utm_source=x", "https://a.example/p"),
        (None, "/p", "https://a.example/other", "https://a.example/p"),
        (None, "", "https://a.example/p", "https://a.example/p"),
        (None, "javascript:alert(1)", "https://a.example/p", "https://a.example/p"),
        (None, "file:///p", "https://a.example/p", "https://a.example/p"),
        (None, "https://[", "https://a.example/p", "https://a.example/p"),
        ("https://b.example/x#y", "https://a.example/p", "https://a.example/q", "https://b.example/x"),
        ("/x", None, "https://a.example/q", "https://a.example/x"),
        ("", None, "https://a.example/q", "https://a.example/q"),
    ],
)
def test_the_page_is_the_owners_then_the_canonical_then_the_location(
    module: Module, given: str | None, canonical: str | None, location: str, expected: str
) -> None:
    assert module("page", "return m.pageAddress(a[0], a[1], a[2], a[2])", given, canonical, location) == expected


@pytest.mark.parametrize(
    ("script", "base"),
    [
        ("https://c.example/embed.js", "https://c.example"),
        ("https://c.example/talk/embed.js?v=2#x", "https://c.example/talk"),
        ("http://c.example:8000/embed.js", "http://c.example:8000"),
    ],
)
def test_the_service_is_where_the_script_came_from(module: Module, script: str, base: str) -> None:
    assert module("page", "return m.baseOf(a[0])", script) == base


@pytest.mark.parametrize(
    ("fragment", "found"),
    [
        ("#comment-12", {"at": "12"}),
        ("#response-3", {"number": "3"}),
        ("#comment-", None),
        ("#comments", None),
        ("#comment-1 .x", None),
        ("#comment-0", None),
        ("#comment-" + "9" * 16, None),
        ("#response-1-2", None),
        ("", None),
    ],
)
def test_a_fragment_names_a_comment_or_none(module: Module, fragment: str, found: Any) -> None:
    assert module("page", "return m.linkIn(a[0])", fragment) == found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("example.org", "https://example.org"), ("http://example.org", "http://example.org"), ("", "")],
)
def test_a_website_may_be_typed_without_its_scheme(module: Module, typed: str, meant: str) -> None:
    assert module("page", "return m.website(a[0])", typed) == meant


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 response"), (2, "2 responses"), (17, "17 responses"), (12345, "12,345 responses")]
)
def test_words_follow_the_number(module: Module, count: int, words: str) -> None:
    assert module("i18n", "return m.wordsFor(['en']).t('responses', {count: a[0]})", count) == words


def test_a_value_is_not_read_as_a_placeholder(module: Module) -> None:
    said = module("i18n", "return m.wordsFor(['en']).t('replyTo', {name: a[0]})", "{name} $& {count}")
    assert said == "Reply to {name} $& {count}"


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["xx"], "en"),
        ([], "en"),
        (["en-GB"], "en"),
        (["constructor"], "en"),
        (["__proto__"], "en"),
        (["EN_us"], "en"),
        (["de"], "de"),
        (["de-AT"], "de"),
        (["DE_ch"], "de"),
        (["xx", "fr-CA", "de"], "fr"),
        (["en", "de"], "en"),
        (["pt"], "pt-BR"),
        (["pt-PT"], "pt-BR"),
        (["zh"], "zh-CN"),
        (["zh-Hans-SG"], "zh-CN"),
        (["zh-TW"], "en"),
        (["zh-Hant-HK", "ja"], "ja"),
    ],
)
def test_the_first_wanted_language_that_there_is_is_chosen(module: Module, wanted: list[str], chosen: str) -> None:
    assert module("i18n", "return m.languageOf(a[0])", wanted) == chosen


def test_words_of_another_language_are_empty_until_they_are_there(module: Module) -> None:
    script = """const words = m.wordsFor(['ar']);
        const before = [words.lang, words.t('reply')];
        await words.load('');
        return [before, words.lang, words.dir, words.t('reply') !== 'Reply']"""
    assert module("i18n", script) == [["", ""], "ar", "rtl", True]


def test_words_that_do_not_come_are_english(module: Module) -> None:
    script = "const words = m.wordsFor(['de']); await words.load('/nowhere'); return [words.lang, words.t('reply')]"
    assert module("i18n", script) == ["en", "Reply"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (119.2, "120 seconds"), (120, "2 minutes"), (170, "3 minutes"), (7199, "120 minutes")],
)
def test_a_wait_is_said_in_words_and_rounded_up(module: Module, seconds: float, words: str) -> None:
    assert module("time", "return m.span(a[0], 'en')", seconds) == words


def test_dates_are_those_of_the_language_and_the_readers_region(module: Module) -> None:
    assert module("i18n", "return m.wordsFor(['en']).brief('2011-05-14T18:20:00Z')") == "14 May 2011, 18:20"
    assert module("time", "return m.full('2011-05-14T18:20:00Z', 'en')").startswith("Saturday")
    assert module("time", "return m.brief('2011-05-14T18:20:00Z', 'de')") == "14.05.2011, 18:20"
    assert module("time", "return m.brief('no date', 'en')") == "no date"


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


def test_what_comes_before_is_put_before(module: Module) -> None:
    state = _loaded(comment(5), comment(6), previous="c")
    earlier = module(
        "state", "return m.more(a[0], {parent: null, back: true}, a[1], 'b')", state, [comment(3), comment(4)]
    )
    assert (_ids(earlier), earlier["previous"], earlier["next"]) == ([3, 4, 5, 6], "b", None)


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
    done = module("state", "return m.arrived(a[0], a[1], 6)", state, batch)
    assert (_ids(done), done["waiting"], done["page"]["count"]) == (order, 0, 6)
    assert [one["id"] for one in done["comments"] if one.get("fresh")] == [one for one in order if one >= 10]
