"""The translations: the same words as English, in every form a language counts with, in its own script and marks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

Words = dict[str, str | dict[str, str]]

LOCALES = Path(__file__).parents[3] / "widget" / "locales"

# What `Intl.PluralRules` distinguishes; Unicode CLDR 48. A browser that knows other forms falls back to "other".
FORMS = {
    "ar": "zero one two few many other",
    "de": "one other",
    "en": "one other",
    "es": "one many other",
    "fa": "one other",
    "fr": "one many other",
    "he": "one two other",
    "it": "one many other",
    "ja": "other",
    "ko": "other",
    "nl": "one other",
    "pl": "one few many other",
    "pt-BR": "one many other",
    "ru": "one few many other",
    "tr": "one other",
    "uk": "one few many other",
    "zh-CN": "other",
}

#: forms that stand for one number only, so that a word may take its place; French "one" is 0 too, Russian "one" 21
SINGLE = {
    "ar": "zero one two",
    "de": "one",
    "en": "one",
    "es": "one",
    "he": "one two",
    "it": "one",
    "nl": "one",
    "pl": "one",
    "tr": "one",
}

#: counts that may be negative: -1 takes the form of 1
SIGNED = {"score"}

ARABIC = "[\u0620-\u064a\u06a9-\u06cc]"
CYRILLIC = "[\u0400-\u04ff]"
SCRIPTS = {
    "ar": ARABIC,
    "fa": ARABIC,
    "he": "[\u05d0-\u05ea]",
    "ja": "[\u3041-\u30ff\u4e00-\u9fff]",
    "ko": "[\uac00-\ud7a3]",
    "ru": CYRILLIC,
    "uk": CYRILLIC,
    "zh-CN": "[\u4e00-\u9fff]",
}

#: what a language writes otherwise. Placeholders are taken out before, so that their braces and words do not count.
FOREIGN = {
    "ar": "[,;?]",
    "fa": "[,;?\u064a\u0643]",  # yeh and kaf are the Arabic ones
    "fr": "(?<!\u202f)[:;!?]",
    "ja": "[,.:;!?()]",
    "uk": "[ёъыэ]",
    "ru": "[іїєґ]",
    "zh-CN": "[,.:;!?()]",
}

PLACEHOLDER = re.compile(r"\{\w+\}")
STOPS = {"。": ".", "？": "?", "؟": "?"}

every_locale = pytest.mark.parametrize("lang", sorted(FORMS))
every_translation = pytest.mark.parametrize("lang", sorted(set(FORMS) - {"en"}))


def words(lang: str) -> Words:
    """Return a locale's words; a key that is given twice is a mistake that JSON keeps quiet about."""

    def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
        twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
        assert not twice
        return dict(pairs)

    read: Words = json.loads((LOCALES / f"{lang}.json").read_text("utf-8"), object_pairs_hook=once)
    return read


def texts(lang: str) -> Iterator[tuple[str, str, str]]:
    """Yield every text of a locale with its key and its form, which is "" where nothing is counted."""
    for key, entry in words(lang).items():
        for form, text in ({"": entry} if isinstance(entry, str) else entry).items():
            yield key, form, text


def english(key: str) -> str:
    """Return the English for a key, the plural where something is counted."""
    entry = words("en")[key]
    return entry if isinstance(entry, str) else entry["other"]


def test_every_locale_is_held_to_these_rules() -> None:
    assert sorted(path.stem for path in LOCALES.iterdir()) == sorted(FORMS)


@every_translation
def test_a_locale_has_the_keys_of_english(lang: str) -> None:
    assert set(words(lang)) == set(words("en"))


@every_locale
def test_what_is_counted_has_every_form_of_the_language(lang: str) -> None:
    counted = {key for key, entry in words("en").items() if isinstance(entry, dict)}
    forms = {key: " ".join(entry) for key, entry in words(lang).items() if isinstance(entry, dict)}
    assert forms == dict.fromkeys(counted, FORMS[lang])


def test_the_forms_are_those_of_intl() -> None:
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no node here to ask")
    script = """
      const numbers = [...Array(1001).keys(), 1e6, 1.5];
      console.log(JSON.stringify(Object.fromEntries(JSON.parse(process.argv[1]).map((lang) => {
        const rules = new Intl.PluralRules(lang);
        const taken = numbers.map((number) => rules.select(number));
        const forms = rules.resolvedOptions().pluralCategories;
        return [lang, Object.fromEntries(forms.map((form) => [form, taken.filter((one) => one === form).length]))];
      }))));
    """
    asked = subprocess.run(
        [node, "--eval", script, json.dumps(list(FORMS))], capture_output=True, check=True, text=True, timeout=30
    )
    taken: dict[str, dict[str, int]] = json.loads(asked.stdout)
    assert {lang: set(forms) for lang, forms in taken.items()} == {lang: set(f.split()) for lang, f in FORMS.items()}
    single = {lang: {form for form, times in forms.items() if times == 1} for lang, forms in taken.items()}
    assert [lang for lang, forms in SINGLE.items() if not set(forms.split()) <= single[lang]] == []


@every_locale
def test_a_text_holds_the_placeholders_of_english(lang: str) -> None:
    single = SINGLE.get(lang, "").split()
    for key, form, text in texts(lang):
        expected = sorted(PLACEHOLDER.findall(english(key)))
        found = sorted(PLACEHOLDER.findall(text))
        in_words = form in single and key not in SIGNED and found == [one for one in expected if one != "{count}"]
        assert found == expected or in_words, (key, form, text)
        assert not set("{}") & set(PLACEHOLDER.sub("", text)), (key, form, text)


@every_locale
def test_a_text_is_clean(lang: str) -> None:
    for key, form, text in texts(lang):
        assert text, (key, form)
        assert text == text.strip(), (key, form, text)
        assert unicodedata.is_normalized("NFC", text), (key, form, text)
        assert not re.search(r"[\"']|\.\.\.|\s\s|[\x00-\x1f<&]", text), (key, form, text)


@every_translation
def test_a_sentence_ends_as_in_english_and_a_label_has_no_stop(lang: str) -> None:
    for key, form, text in texts(lang):
        last, expected = STOPS.get(text[-1], text[-1]), english(key)[-1]
        if {last, expected} & set(".…?!:"):
            assert last == expected, (key, form, text)


@every_translation
def test_a_text_is_translated(lang: str) -> None:
    script = re.compile(SCRIPTS.get(lang, r"[^\W\d_]"))
    for key, form, text in texts(lang):
        bare = PLACEHOLDER.sub("", text).strip()
        assert script.search(bare), (key, form, text)
        # a single word may be the same: "Name", "Code"
        assert " " not in bare or text != english(key), (key, form, text)


@pytest.mark.parametrize("lang", sorted(FOREIGN))
def test_a_text_keeps_to_the_marks_of_its_language(lang: str) -> None:
    for key, form, text in texts(lang):
        assert not re.search(FOREIGN[lang], PLACEHOLDER.sub("", text)), (key, form, text)


def test_spanish_opens_its_questions() -> None:
    for key, form, text in texts("es"):
        assert (text.count("¿"), text.count("¡")) == (text.count("?"), text.count("!")), (key, form, text)


@pytest.mark.parametrize("lang", ["ar", "fa", "he"])
def test_what_may_run_the_other_way_is_isolated(lang: str) -> None:
    # Without U+2068 and U+2069 "14 May 2011" or "Ann (again)" is torn apart within a line from right to left.
    for key, form, text in texts(lang):
        bare = re.sub("\u2068{(name|origin|date)}\u2069", "", text)
        assert not re.search("[\u2066-\u2069\u200e\u200f\u202a-\u202e]|{(name|origin|date)}", bare), (key, form, text)


@every_locale
@pytest.mark.parametrize(
    ("shown", "spoken"),
    [("reply", "replyTo"), ("report", "reportTo"), ("change", "changeOwn"), ("delete", "deleteOwn")],
)
def test_a_buttons_full_name_holds_the_label_that_is_seen(lang: str, shown: str, spoken: str) -> None:
    # WCAG 2.5.3: who controls the page by voice says what they see.
    labels = words(lang)
    assert str(labels[shown]).casefold() in str(labels[spoken]).casefold()


@every_locale
@pytest.mark.parametrize(
    "keys",
    [
        ("send", "sendReply", "sendReport"),
        ("body", "bodyReply"),
        ("moreResponses", "moreReplies", "earlierResponses", "earlierReplies", "unfold"),
        ("oldest", "newest", "best"),
        ("reply", "change", "delete", "report"),
        ("again", "edit", "discard", "delete"),
        ("voteUp", "voteDown"),
        ("bold", "italic", "quote", "code", "link", "list", "preview"),
        ("export", "forget", "eraseAll", "close"),
    ],
)
def test_buttons_that_stand_together_differ(lang: str, keys: tuple[str, ...]) -> None:
    labels = {(key, text) for key, _, text in texts(lang) if key in keys}
    assert {key for key, _ in labels} == set(keys)
    assert len({text for _, text in labels}) == len(labels)
