"""What the filter sees of a comment is bounded, whatever is sent, and knows a text again that was bent a little."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.policy.spam.signs import in_words
from service.policy.spam.tokens import KINDS, LONGEST, MOST, Facts, facts_of, tokens

_HOSTILE = {
    "one letter": "a" * 10_000,
    "one letter each": "a " * 5_000,
    "emoji": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿" * 700,
    "right to left": "\u202eשלום عليكم " * 700,
    "dots": "a." * 5_000,
    "hyphens": "-" * 10_000,
    "addresses": "https://a.example/?q=1 " * 400,
    "broken addresses": "http://[ http://[::1 https:// www. " * 300,
    "accents": "a\u0301\u0302\u0303" * 2_500,
    "dense script": "時計は十時十分を指していた。" * 700,
    "many words": " ".join(f"word{number}" for number in range(1_200)),
    "apostrophes": "a'" * 5_000,
    "controls": "".join(map(chr, range(1, 32))) * 300,
    "wide": "ＢＵＹ ｎｏｗ ﷺ" * 700,
}


@pytest.mark.parametrize("text", _HOSTILE.values(), ids=_HOSTILE.keys())
def test_hostile_text_gives_few_and_short_tokens(text: str) -> None:
    found = tokens(Facts(text, text, text[:2000], (text[:2000],) * 50))
    assert 0 < len(found) <= MOST
    assert len(set(found)) == len(found)
    assert all(0 < len(token) <= LONGEST for token in found)


@given(text=st.text(max_size=300), name=st.text(max_size=30), website=st.text(max_size=60))
@example(text="\ud800 \x00", name="\ud800", website="http://[")
def test_any_text_gives_tokens_that_can_be_stored_and_said(text: str, name: str, website: str) -> None:
    for token in tokens(Facts(text, name, website, (website,))):
        assert token[0] in KINDS
        assert token[1] == ":"
        assert len(token) <= LONGEST
        assert "\x00" not in token
        token.encode()
        assert in_words(token)


def test_twice_the_text_is_not_more_work_than_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in tokens that are looked at before the bound, not in seconds."""
    looked_at = []

    def count(kind: str, found: object) -> list[str]:
        distinct = list(found)  # type: ignore[call-overload]
        looked_at.append(len(distinct))
        return distinct[:10]

    monkeypatch.setattr("service.policy.spam.tokens._bounded", count)
    text = "The clock of the old tower stands still. "
    tokens(Facts(text * 50))
    once = sum(looked_at)
    looked_at.clear()
    tokens(Facts(text * 100))
    assert sum(looked_at) <= 2 * once + 100


def test_case_width_and_drawn_out_letters_make_no_other_word() -> None:
    assert "w:please" in tokens(Facts("PLEASE"))
    assert "w:please" in tokens(Facts("ｐｌｅａｓｅ"))
    assert (
        set(tokens(Facts("pleeeease"))) & {"w:pleease"} == set(tokens(Facts("pleeeeeeeeease"))) & {"w:pleease"} != set()
    )


def test_the_order_of_words_counts() -> None:
    assert "b:check out" in tokens(Facts("check out"))
    assert "b:check out" not in tokens(Facts("out check"))
    assert "g:check my" in tokens(Facts("check out my"))


def test_a_spelt_out_word_is_read() -> None:
    assert "w:free" in tokens(Facts("now f r e e"))
    assert "w:free" in tokens(Facts("now f-r-e-e"))


def test_a_bent_word_shares_letters_with_the_straight_one() -> None:
    straight, bent = (
        {token for token in tokens(Facts(text)) if token[0] == "c"} for text in ("subscribe", "sucscribe")
    )
    assert len(straight & bent) >= 3


def test_an_address_gives_its_parts_and_its_place_in_the_sentence() -> None:
    found = tokens(Facts("look at https://www.shop.example/a/b?c=d now"))
    assert {"u:host shop.example", "u:ending example", "u:depth 2", "u:query", "b:at <address>"} <= set(found)


def test_name_and_website_are_told_apart_from_the_text() -> None:
    found = set(tokens(Facts("Hello.", "Cheap Clocks", "https://clocks.example/")))
    assert {"n:cheap", "n:clocks", "s:any", "s:host clocks.example"} <= found
    assert "w:cheap" not in found


def test_a_long_text_that_comes_again_behind_another_preface_shows_mostly_the_same() -> None:
    text = " ".join(f"word{number}" for number in range(600))
    first, second = (set(tokens(Facts(preface + text))) for preface in ("", "hello dear friends "))
    assert len(first & second) > 0.9 * len(first)


def test_facts_are_read_from_stored_html() -> None:
    html = '<p>See <a href="https://a.example/x" rel="nofollow">this</a> &amp; that</p>'
    assert facts_of(html, "Ann", "") == Facts("See this & that", "Ann", "", ("https://a.example/x",))
