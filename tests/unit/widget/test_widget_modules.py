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
    [("#comment-12", "12"), ("#comment-", None), ("#comments", None), ("#comment-1 .x", None), ("", None)],
)
def test_a_fragment_names_a_comment_or_none(module: Module, fragment: str, found: str | None) -> None:
    assert module("page", "return m.commentIn(a[0])", fragment) == found


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


@pytest.mark.parametrize("wanted", [["xx"], [], ["en-GB"], ["constructor"], ["__proto__"], ["EN_us"]])
def test_words_without_a_translation_are_english(module: Module, wanted: list[str]) -> None:
    assert module("i18n", "return m.wordsFor(a[0]).lang", wanted) == "en"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (119.2, "120 seconds"), (120, "2 minutes"), (170, "3 minutes"), (7199, "120 minutes")],
)
def test_a_wait_is_said_in_words_and_rounded_up(module: Module, seconds: float, words: str) -> None:
    assert module("time", "return m.span(a[0], 'en')", seconds) == words


def test_dates_are_the_readers(module: Module) -> None:
    assert module("time", "return m.brief('2011-05-14T18:20:00Z')") == "14 May 2011, 18:20"
    assert module("time", "return m.full('2011-05-14T18:20:00Z')").startswith("Saturday")
    assert module("time", "return m.brief('no date')") == "no date"


def _loaded(*comments: Any, after: str | None = None) -> dict[str, Any]:
    return {"phase": "ready", "page": {"count": 1}, "site": {"depth": 2}, "comments": list(comments)} | {
        "next": after,
        "replying": [],
    }


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
    state = _loaded(comment(1), comment(9, own=True), comment(10, parent=9, depth=1), after="c")
    later = module("state", "return m.more(a[0], null, a[1], null)", state, [comment(2), comment(3)])
    assert [one["id"] for one in later["comments"]] == [1, 2, 3, 9, 10]
    assert later["next"] is None
    again = module("state", "return m.more(a[0], null, a[1], null)", state, [comment(2), comment(9)])
    assert [one["id"] for one in again["comments"]] == [1, 2, 9, 10]


def test_more_replies_go_under_their_parent_with_the_next_cursor(module: Module) -> None:
    state = _loaded(comment(1, more="a"), comment(2, parent=1, depth=1), comment(5))
    later = module("state", "return m.more(a[0], 1, a[1], 'b')", state, [comment(3, parent=1, depth=1)])
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


def test_replies_left_are_at_least_one(module: Module) -> None:
    script = "const s = a[0]; return m.repliesLeft(s, s.comments[0])"
    assert module("state", script, _loaded(comment(1, replies=5), *THREAD[1:])) == 2
    assert module("state", script, _loaded(comment(1, replies=0), *THREAD[1:])) == 1


def test_texts_are_kept_until_they_are_empty_or_removed(module: Module) -> None:
    script = """const drafts = new m.Drafts('kept');
        drafts.save({key: 'a', parent: null, body: 'one'});
        drafts.save({key: 'b', parent: 3, body: 'two'});
        drafts.save({key: 'c', parent: null, body: 'three'});
        drafts.save({key: 'c', parent: null, body: '  '});
        const all = drafts.list().map(({key}) => key);
        drafts.remove('a');
        return [all, new m.Drafts('kept').list().map(({body}) => body)]"""
    assert module("draft", script) == [["a", "b"], ["two"]]


def test_a_text_of_another_tab_is_not_overwritten(module: Module) -> None:
    script = """const [here, there] = [new m.Drafts('tabs'), new m.Drafts('tabs')];
        here.list(); there.save({key: 't', parent: null, body: 'there'}); there.flush();
        here.save({key: 'h', parent: null, body: 'here'});
        return here.list().map(({key}) => key)"""
    assert module("draft", script) == ["t", "h"]


@pytest.mark.parametrize("kept", ["nonsense", "null", "7", '{"a": 1}', '[null, 3, {"body": 4}]'])
def test_what_cannot_be_read_is_no_text(module: Module, kept: str) -> None:
    assert module("draft", "localStorage.setItem('bad', a[0]); return new m.Drafts('bad').list()", kept) == []


def test_without_storage_texts_are_kept_in_memory(module: Module) -> None:
    script = """const real = Object.getOwnPropertyDescriptor(window, 'localStorage');
        Object.defineProperty(window, 'localStorage', {configurable: true, get() { throw new Error('no') }});
        try {
            new m.Drafts('none').save({key: 'a', parent: null, body: 'text'});
            const drafts = new m.Drafts('none');
            m.write('afterword:reader:x', 'key');
            await new Promise((done) => setTimeout(done, 350));
            return [drafts.list().length, m.read('afterword:reader:x')];
        } finally { Object.defineProperty(window, 'localStorage', real) }"""
    assert module("draft", script) == [1, "key"]


def test_keys_are_new_each_time_and_of_the_right_form(module: Module) -> None:
    keys = module("draft", "return Array.from({length: 200}, m.newKey)")
    assert len(set(keys)) == 200
    assert all(16 <= len(key) <= 64 and set(key) <= set("0123456789-") for key in keys)
