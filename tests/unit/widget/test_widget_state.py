"""The widget's pure modules, in the real browser: the state of a thread and what it makes of events."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_letters, digits
from typing import Any

import pytest

from tests.unit.widget.conftest import comment
from tests.unit.widget.test_widget_modules import THREAD, _ids, _loaded

Module = Callable[..., Any]


def test_a_new_reply_to_what_is_not_here_stands_at_the_end(module: Module) -> None:
    done = module("state", "return m.arrived(a[0], a[1], 3)", _loaded(comment(5)), [comment(9, parent=2, depth=1)])
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


CHANGES = [
    ("bold", "a word b", 2, 6, "a **word** b", "word"),
    ("bold", "a **word** b", 4, 8, "a word b", "word"),
    ("bold", "", 0, 0, "****", ""),
    ("bold", "****", 2, 2, "", ""),
    ("bold", "a word b", 1, 7, "a **word** b", "word"),
    ("italic", "**word**", 2, 6, "***word***", "word"),
    ("italic", "***word***", 3, 7, "**word**", "word"),
    ("italic", "*word*", 1, 5, "word", "word"),
    ("code", "x y z", 2, 3, "x `y` z", "y"),
    ("code", "a\nb", 0, 3, "```\na\nb\n```", "a\nb"),
    ("quote", "one\ntwo\nthree", 4, 7, "one\n\n> two\nthree", "> two"),
    ("quote", "> one\n> two", 0, 11, "one\ntwo", "one\ntwo"),
    ("quote", "one\ntwo", 0, 4, "> one\ntwo", "> one"),
    ("list", "one\ntwo", 0, 7, "- one\n- two", "- one\n- two"),
    ("list", "", 0, 0, "- ", ""),
    ("link", "see this", 4, 8, "see [this](https://)", ""),
    ("link", "https://example.org", 0, 19, "[](https://example.org)", ""),
    ("link", "", 0, 0, "[](https://)", ""),
]


@pytest.mark.parametrize(("kind", "before", "start", "end", "after", "chosen"), CHANGES)
def test_a_tool_changes_the_selection_and_takes_it_back(
    module: Module, kind: str, before: str, start: int, end: int, after: str, chosen: str
) -> None:
    change = module("markup", "return m.markup(...a)", kind, before, start, end)
    result = before[: change["from"]] + change["text"] + before[change["to"] :]
    assert result == after
    assert result[slice(*change["selection"])] == chosen


def test_a_reader_key_has_the_form_that_the_service_knows(module: Module) -> None:
    keys = module("reader", "return Array.from({length: 200}, m.newReaderKey)")
    assert len(set(keys)) == 200
    assert all(len(key) == 43 and set(key) <= set(ascii_letters + digits + "-_") for key in keys)


def test_everything_kept_for_a_service_is_known_and_nothing_else(module: Module) -> None:
    script = """for (const base of ['http://c.example', 'http://c.example:81']) {
            localStorage.setItem(`afterword:reader:${base}`, 'x');
            localStorage.setItem(`afterword:draft:${base} http://a.example/p`, 'x');
        }
        localStorage.setItem('theirs', 'http://c.example');
        const names = m.keptNames('http://c.example');
        localStorage.clear();
        return names"""
    kept = [f"afterword:{kind}:http://c.example" for kind in ("author", "reader", "sort")]
    assert module("reader", script) == [*kept, "afterword:draft:http://c.example http://a.example/p"]


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
