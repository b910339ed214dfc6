"""Plain text: normal shapes of bodies and lines."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text import clean_body, clean_line, visible
from service.text.plain import MAX_MARKS

ACUTE = "\u0301"
FAMILY = "👩‍👩‍👧"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("plain words", "plain words"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u2028b\u2029c", "a\nb\nc"),
        ("tab\tstays", "tab\tstays"),
        ("bell\x07 and\x1b escape and\x7f delete and\x85 c1", "bell and escape and delete and c1"),
        ("e\u0301", "é"),
        ("\n\n  first line keeps its indent\n", "  first line keeps its indent"),
        ("trailing   \nspaces\t\n", "trailing\nspaces"),
        ("one\n\n\ntwo", "one\n\n\ntwo"),
        ("one\n\n\n\n\n\ntwo", "one\n\n\ntwo"),
        ("one\n \n\t\n \n \ntwo", "one\n\n\ntwo"),
        ("over\u202eride\u202c", "override"),
        ("\u2066isolate\u2069", "isolate"),
        ("zero\u200bwidth\ufeff\u2060", "zerowidth"),
        ("right-to-left mark \u200f stays", "right-to-left mark \u200f stays"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        (FAMILY, FAMILY),
        ("क्\u200dष", "क्\u200dष"),
        ("র\u200d্যাব", "র\u200d্যাব"),
        ("a \u200c b\u200d", "a  b"),
        ("ب\u200d\u200d\u200dب", "ب\u200dب"),
        ("A\u200cn\u200dn б\u200cб ff\u200ci", "Ann бб ffi"),
        ("\U0001e922\u200c\U0001e923", "\U0001e922\u200c\U0001e923"),
        ("hidden\U000e0041\U000e0042 words", "hidden words"),
        ("not a character\ufffe\uffff", "not a character"),
        ("„Anführung“ «guillemets» – dash … :-)", "„Anführung“ «guillemets» – dash … :-)"),
        ("", ""),
        (" \n\t\n", ""),
    ],
)
def test_a_body_has_one_normal_shape(typed: str, kept: str) -> None:
    assert clean_body(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann \n\t of  two   names ", "Ann of two names"),
        ("A\u00a0B\u3000C", "A B C"),
        ("Ann\u200e\u200f\u00ad", "Ann"),
        ("\u202eeno\u202c", "eno"),
        ("l\r\ni\u2028ne", "l i ne"),
        ("O’Neil-Łuk", "O’Neil-Łuk"),
        ("a \u202e b", "a b"),
    ],
)
def test_a_name_is_one_trimmed_line(typed: str, kept: str) -> None:
    assert clean_line(typed) == kept


@pytest.mark.parametrize("clean", [clean_body, clean_line])
@pytest.mark.parametrize("bad", ["a\x00b", "\x00", "half \ud800", "\udfff"])
def test_what_no_database_holds_is_an_error(clean, bad: str) -> None:
    with pytest.raises(ValueError, match="The text holds"):
        clean(bad)


def test_piled_up_accents_are_cut() -> None:
    assert clean_body("q" + ACUTE * 40 + "uiet") == "q" + ACUTE * MAX_MARKS + "uiet"


def test_a_joiner_does_not_start_the_count_of_accents_anew() -> None:
    piled = clean_body("क" + ("\u0951" * 4 + "\u200d") * 20 + "ष")

    assert sum(unicodedata.category(char) == "Mn" for char in piled) <= MAX_MARKS


@pytest.mark.parametrize("seen", ["a", ".", "é", "字", "😀", "ـ", "1", "-", "©"])
def test_ink_is_visible(seen: str) -> None:
    assert visible(f" {seen}\n")


@pytest.mark.parametrize(
    "unseen", ["", " \n\t", "\u200b", "\u200d\u200c", "\u3164", "\u2800", "\u00a0", "\u0301", "\u00ad"]
)
def test_what_leaves_no_ink_is_not_visible(unseen: str) -> None:
    assert not visible(unseen)


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    body, line = clean_body(text), clean_line(text)

    assert (clean_body(body), clean_line(line)) == (body, line)
    assert unicodedata.is_normalized("NFC", body)
    assert "\n" not in line


# few characters, but those that act on each other: joiners, accents, viramas, Hangul parts, spaces, controls
@given(st.text("a\u0301\u0327\u200c\u200d\u094dक\u1100\u1161\u11a8\u200b\u202e \t\n\r\u0345́👩\U0001f3fb", max_size=30))
def test_cleaning_twice_changes_nothing_where_characters_act_on_each_other(text: str) -> None:
    body, line = clean_body(text), clean_line(text)

    assert (clean_body(body), clean_line(line)) == (body, line)
    assert unicodedata.is_normalized("NFC", body)
