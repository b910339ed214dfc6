"""Plain text: the one shape that typed text has before anything else looks at it.

Everything that reaches a rule, a table or the renderer went through `clean_line` or `clean_body` first, so that no
later room has to think of carriage returns, control characters, invisible joiners or piled-up accents.
"""

from __future__ import annotations

import re
import unicodedata

# More accents than this on one letter are decoration that runs over the lines above and below ("zalgo"); Hebrew with
# cantillation, Vietnamese and the Indic scripts stay below it.
MAX_MARKS = 4
# Normal form C takes time quadratic in a run of accents; no text that is read has more than this in one (UAX #15,
# "Stream-Safe Text Format").
_MAX_RUN = 30
# Two blank lines in a row are a pause, three hundred are a wall.
MAX_BLANK_LINES = 2
# How the name of a programming language may look behind a code fence, and in the class that it becomes.
LANGUAGE = re.compile(r"[a-z0-9+-]{1,20}")

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_LINE_ENDS = str.maketrans({"\u2028": "\n", "\u2029": "\n"})
_CONTROLS = (*range(0x00, 0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0))
# Overrides and isolates turn the text after them around; LRM and RLM (U+200E/F) do not, and right-to-left writers type
# them. Zero-width space, word joiner, BOM, and U+FFFE/F (illegal in XML, so in a feed) carry nothing that is read.
_UNSEEN = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF)
# Tag characters spell whole hidden sentences; their one use, the flags of Scotland and Wales, is not worth them.
_TAGS = range(0xE0000, 0xE0080)
_DROPPED = dict.fromkeys((*_CONTROLS, *_UNSEEN, *_TAGS))
# In names and titles the soft hyphen and the direction marks only serve to make two names look alike.
_DROPPED_IN_LINES = dict.fromkeys((0x00AD, 0x034F, 0x061C, 0x180E, 0x200E, 0x200F))
# Letters and symbols by category that print nothing at all: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def clean_body(value: str) -> str:
    """Return the text of a comment in its one normal shape.

    Normal form C, lines ended by ``\\n``, no control, direction-changing or zero-width characters, no more than
    `MAX_MARKS` accents on a letter, no blank lines at either end and no more than `MAX_BLANK_LINES` between.

    :raises ValueError: for NUL and lone surrogates, which no database can hold.
    """
    lines: list[str] = []
    blank = MAX_BLANK_LINES  # as if blank lines stood before the text: those are cut too
    for line in tidy(_unix(value)).split("\n"):
        line = line.rstrip()
        blank = 0 if line else blank + 1
        if blank <= MAX_BLANK_LINES:
            lines.append(line)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def clean_line(value: str) -> str:
    """Return a name or a title in its one normal shape: a single trimmed line, each run of white space one space.

    :raises ValueError: for NUL and lone surrogates.
    """
    words = " ".join(_unix(value).split())
    return " ".join(tidy(words.translate(_DROPPED_IN_LINES)).split())


def tidy(value: str) -> str:
    """Return `value` in normal form C without hidden characters and without piled-up accents; line ends stay.

    :raises ValueError: for NUL and lone surrogates.
    """
    if "\x00" in value:
        raise ValueError("The text holds a NUL character.")
    kept = value.translate(_DROPPED)
    if kept.isascii():
        return kept
    try:
        kept.encode()
    except UnicodeEncodeError:
        raise ValueError("The text holds half of a surrogate pair.") from None
    # a dropped joiner can leave a letter beside its accent, hence the second look
    return unicodedata.normalize("NFC", _spare(unicodedata.normalize("NFC", _safe_runs(kept))))


def visible(value: str) -> bool:
    """Return whether at least one character of `value` leaves ink."""
    return any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANK for char in value)


def _unix(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)


def _safe_runs(value: str) -> str:
    """Cut runs of accents that are longer than any normalisation should be given."""
    kept: list[str] = []
    run = 0
    for char in value:
        # a joiner may be dropped later, and must not part two runs here
        run = run + 1 if unicodedata.combining(char) else run if char in (_ZWJ, _ZWNJ) else 0
        if run <= _MAX_RUN:
            kept.append(char)
    return "".join(kept)


def _spare(value: str) -> str:
    """Drop the accents beyond `MAX_MARKS` and the joiners that join nothing."""
    kept: list[str] = []
    marks = 0
    for place, char in enumerate(value):
        if char in (_ZWJ, _ZWNJ):
            # it neither counts as a letter nor starts the count of accents anew
            if kept and _joins(kept[-1], value[place + 1 : place + 2]):
                kept.append(char)
            continue
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def _joins(before: str, after: str) -> bool:
    """Return whether a joiner between the two is needed: Persian, Indic conjuncts, family emoji."""
    if unicodedata.combining(before) == 9:  # a virama: the joiner after it chooses the letter's form, even at the end
        return True
    if not after or unicodedata.category(before)[0] not in "LMS":
        return False
    # letters of two cases stand alone, but for those of Adlam, beyond U+FFFF: there it only makes two names look alike
    if any(unicodedata.category(char) in ("Lu", "Ll") and char <= "\uffff" for char in (before, after)):
        return False
    # symbols are emoji here; Bengali ya-phalaa is letter, joiner, virama
    return unicodedata.category(after) in ("Lo", "Ll", "Lu", "Lm", "So") or unicodedata.combining(after) == 9
