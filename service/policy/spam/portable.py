"""What the filter knows as lines of JSON: a head, then a line for each token. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from typing import Any

from service.errors import Malformed
from service.policy.spam.bayes import Count
from service.policy.spam.tokens import KINDS, LONGEST, VERSION

_FORMAT = "afterword spam filter"
#: what a count may be, so that sums stay within every engine's integers
_HIGHEST = 100_000_000
_LONGEST_LINE = 2_000
_ALL = ""


def written(words: int, counts: Iterable[tuple[str, Count]]) -> Iterator[str]:
    """Yield the lines for so many tokens and the count of all comments."""
    yield json.dumps({"format": _FORMAT, "version": VERSION, "words": words}) + "\n"
    for word, count in counts:
        yield json.dumps([word, *astuple(count)], ensure_ascii=False) + "\n"


def read(lines: Iterable[str], most: int) -> dict[str, Count]:
    """Return the counts in lines that written() made, those of all comments under the empty token.

    Raises Malformed at the first line that cannot be one, and when some are missing.
    """
    numbered = enumerate(lines, 1)
    words = _head(next(numbered, (1, ""))[1], most)
    counts: dict[str, Count] = {}
    for number, line in numbered:
        word, count = _line(number, line)
        if word in counts:
            raise _fault(number, "tells of a token a second time")
        counts[word] = count
        if len(counts) > words + 1:
            raise _fault(number, "is one too many")
    totals = counts.get(_ALL)
    if len(counts) - (totals is not None) != words or (words and totals is None):
        raise Malformed(f"The file breaks off: {words} tokens were announced, {len(counts)} lines are there.")
    for word, count in counts.items():
        if totals is not None and (count.good > totals.good or count.spam > totals.spam):
            raise Malformed(f"The token {word!r} was seen in more comments than were taught.")
    return counts


def _head(line: str, most: int) -> int:
    head = _parsed(1, line)
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise _fault(1, "is not the head of an exported spam filter")
    if head.get("version") != VERSION:
        raise Malformed(f"The file is of version {head.get('version')!r}; this release reads version {VERSION}.")
    words = head.get("words")
    if type(words) is not int or not 0 <= words <= 2 * most:
        raise _fault(1, "does not say how many tokens follow")
    return words


def _line(number: int, line: str) -> tuple[str, Count]:
    fields = _parsed(number, line)
    if not isinstance(fields, list) or len(fields) != 5 or not isinstance(fields[0], str):
        raise _fault(number, "is not a token with four counts")
    word, *seen = fields
    if not _is_token(word):
        raise _fault(number, "holds no token")
    if any(type(each) is not int or not 0 <= each <= _HIGHEST for each in seen):
        raise _fault(number, "holds a count that is none")
    count = Count(*seen)
    if count.good + count.spam == 0 or count.hard_good > count.good or count.hard_spam > count.spam:
        raise _fault(number, "holds counts that contradict each other")
    return word, count


def _is_token(word: str) -> bool:
    if word == _ALL:
        return True
    fits = len(word) <= LONGEST and word[0] in KINDS and word[1:2] == ":"
    return fits and not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in word)


def _parsed(number: int, line: str) -> Any:
    if len(line) > _LONGEST_LINE:
        raise _fault(number, "is too long")
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise _fault(number, "is no JSON") from None


def _fault(number: int, what: str) -> Malformed:
    return Malformed(f"Line {number} {what}.")
