"""The modules below the document: which page, the words, the times, what is kept, what the tools do to a text."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_letters, digits
from typing import Any

import pytest

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


@pytest.mark.parametrize(
    ("found", "pauses"),
    [
        ([False] * 7, [30_000, 45_000, 67_500, 101_250, 151_875, 227_812.5, 300_000, 300_000]),
        ([False, False, True, False], [30_000, 45_000, 67_500, 30_000, 45_000]),
    ],
)
def test_new_comments_are_looked_for_ever_less_often_while_none_come(
    module: Module, found: list[bool], pauses: list[float]
) -> None:
    script = """const real = [window.setTimeout, Date.now];
        const waits = [];
        let now = 0;
        let turn = null;
        window.setTimeout = (act, wait) => { turn = act; waits.push(wait); return 0 };
        Date.now = () => now;
        try {
            const answers = [...a[0]];
            m.watch(async () => answers.shift()).start();
            while (answers.length) { now += waits.at(-1); await turn() }
        } finally { [window.setTimeout, Date.now] = real }
        return waits"""
    assert module("watch", script, found) == pauses


def test_nothing_is_looked_for_after_the_end(module: Module) -> None:
    script = """const real = window.setTimeout;
        let turn = null;
        let waits = 0;
        window.setTimeout = (act) => { turn = act; waits += 1; return 0 };
        try {
            const clock = m.watch(async () => clock.stop());
            clock.start();
            await turn();
            clock.wake();
        } finally { window.setTimeout = real }
        return waits"""
    assert module("watch", script) == 1
