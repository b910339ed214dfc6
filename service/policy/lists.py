"""Lists of words and patterns that operators write. Pure, and linear in the text, whatever stands in a list.

A word is matched as a whole, without regard to case, to how its letters are encoded and to what is not seen between
them; `*` stands for any letters within one word. Several words match where they follow each other. Patterns are regular
expressions as RE2 reads them, which cannot be made to take long (https://github.com/google/re2/wiki/WhyRE2): no
look-around, no references back. They are asked of a text as it stands and as it is folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

WORDS = 2_000
WORD = 100
PATTERNS = 200
PATTERN = 300
#: matches named as the reason of a verdict
_NAMED = 5
#: bytes that one expression may take, compiled and at work
_MEMORY = 2 * 1024 * 1024
#: patterns asked in one go: many more together outgrow that memory, and are slower than one by one
_TOGETHER = 10
#: letters of a word that the look at a whole list goes by, and the bytes that it may take: enough for a full list
_HEAD = 8
_HEADS_MEMORY = 16 * 1024 * 1024

# scripts that put no spaces between words: each of their letters counts as one
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# accents and vowel signs belong to the letter before them, though Python does not count them among the letters of words
_MARKS = "".join(chr(point) for point in range(0x300, 0x3100) if unicodedata.category(chr(point))[0] == "M")
_TOKEN = re.compile(rf"[{_SPACELESS}](?:(?![{_SPACELESS}])[{_MARKS}])*|(?:[^\W{_SPACELESS}]|[{_MARKS}])+|\S")
_ENTRY = re.compile(rf"[{_SPACELESS}](?:(?![{_SPACELESS}])[{_MARKS}])*|(?:[^\W{_SPACELESS}]|[{_MARKS}*])+|\S")
# what is not drawn (Unicode's Default_Ignorable_Code_Point): a soft hyphen or a joiner makes no other word.
# Persian and Indic words lose their joiners by it, in a list as in a text.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


def fold(value: str) -> str:
    """Return `value` as it is compared: compatible forms and cases made one, and what is not seen left out."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", value))
    return unicodedata.normalize("NFKC", seen.casefold())


def spread(value: str) -> str:
    """Return the folded words of a text, each with one space on either side."""
    return f" {' '.join(_TOKEN.findall(fold(value)))} "


@dataclass(frozen=True)
class _Word:
    entry: str
    piece: str  # what must be there for it to match; where there is no `rest`, all of it
    rest: Any = None  # the whole of an entry with `*` inside, compiled


class Words:
    """A list of words, ready to be looked for."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._words = [word for entry in entries if (word := _word(entry)) is not None]
        # most texts hold none of them, which one expression tells a hundred times sooner than two thousand looks
        heads = dict.fromkeys(re2.escape(word.piece[:_HEAD]) for word in self._words)
        self._heads = _compiled("|".join(heads), _HEADS_MEMORY) if heads else None

    def found(self, text: str) -> tuple[str, ...]:
        """Return the first entries that are in a text which was spread."""
        found: list[str] = []
        if self._heads is None or not self._heads.search(text):
            return ()
        for word in self._words:
            # a look for the piece costs next to nothing; only where it is there, the expression is asked
            if word.piece in text and (word.rest is None or word.rest.search(text)):
                found.append(word.entry)
                if len(found) == _NAMED:
                    break
        return tuple(found)


class Patterns:
    """A list of patterns, ready to be looked for."""

    def __init__(self, entries: Sequence[str]) -> None:
        patterns = [(entry, compiled(entry)) for entry in entries]
        starts = range(0, len(patterns), _TOGETHER)
        self._groups = [(_any_of(part), part) for part in (patterns[start : start + _TOGETHER] for start in starts)]

    def found(self, text: str) -> tuple[str, ...]:
        """Return the first patterns that match somewhere in a text, or in the text folded."""
        folded = fold(text)
        # the case is nothing to a pattern: a text that differs in nothing else is looked at once
        shapes = [text.encode()] if folded == text.casefold() else [text.encode(), folded.encode()]
        found: list[str] = []
        for together, part in self._groups:
            if together is None or any(together.search(shape) for shape in shapes):
                found += [entry for entry, pattern in part if any(pattern.search(shape) for shape in shapes)]
            if len(found) >= _NAMED:
                break
        return tuple(found[:_NAMED])


def _any_of(patterns: Sequence[tuple[str, Any]]) -> Any:
    """Return one expression that matches where any of the patterns does; None where they can only be asked singly."""
    try:
        # a quotation that is not ended would swallow the patterns after it
        return None if any(r"\Q" in entry for entry, _ in patterns) else compiled(f"(?:{')|(?:'.join(dict(patterns))})")
    except re2.error:  # each is good for itself; together they are too large, or name the same group
        return None


@lru_cache(maxsize=128)
def words(entries: tuple[str, ...]) -> Words:
    """Return a list of words, made ready once."""
    return Words(entries)


@lru_cache(maxsize=128)
def patterns(entries: tuple[str, ...]) -> Patterns:
    """Return a list of patterns, compiled once."""
    return Patterns(entries)


def word_fault(entry: str) -> str | None:
    """Return what is wrong with an entry of a list of words, None if nothing is."""
    if len(entry) > WORD:
        return f"An entry may have {WORD} characters; “{entry[:20]}…” has {len(entry)}."
    return None if _word(entry) is not None else f"“{entry}” would match everything, or nothing."


def pattern_fault(entry: str) -> str | None:
    """Return what is wrong with a pattern, None if nothing is."""
    if len(entry) > PATTERN:
        return f"A pattern may have {PATTERN} characters; “{entry[:20]}…” has {len(entry)}."
    try:
        if compiled(entry).search(""):
            return f"“{entry}” matches every text."
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return f"“{entry}” is no pattern that can be used: {reason}."
    return None


def compiled(entry: str) -> Any:
    """Return a pattern, compiled. Raises re2.error for what is none."""
    return _compiled(entry, _MEMORY)


def _compiled(entry: str, memory: int) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.never_capture = True  # what matches is all that is asked
    options.max_mem = memory
    return re2.compile(entry, options)


def _word(entry: str) -> _Word | None:
    tokens = _ENTRY.findall(fold(entry))
    # a star that stands alone at an end, as beside a letter of a script without spaces, says only that more may follow
    while tokens and not tokens[0].strip("*"):
        tokens.pop(0)
    while tokens and not tokens[-1].strip("*"):
        tokens.pop()
    if not tokens:
        return None
    whole = f" {' '.join(tokens)} "
    pieces = whole.split("*")
    if len(pieces) == 1:
        return _Word(entry, whole)
    middle = [piece for piece in pieces if piece.strip()]
    if len(middle) == 1:
        return _Word(entry, middle[0])  # stars at the ends alone: where the piece is, the word is
    expression = "[^ ]*".join(re2.escape(piece) for piece in pieces)
    return _Word(entry, max(middle, key=len), compiled(expression))
