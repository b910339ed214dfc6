"""What the spam filter sees of a comment: a bounded set of tokens. Pure, and linear in the length of the text.

A token is a kind, a colon and what was found. None is good or bad by itself; that is learnt. Kinds:

- ``w`` words, without regard to case, width and letters drawn out ("pleaaase")
- ``b`` two words that follow each other, ``g`` two words with one or two others between: "check out" and "check … out".
  The beginning and the end of the text, addresses and numbers count as words here
- ``c`` five characters in a row of the text as it was written, with capitals, punctuation and addresses: the hand of
  whoever writes, and a word that was bent a little, are known by them
- ``u`` addresses: host, ending, depth, query, how many
- ``m`` how the text looks: length, capitals, repetition, emoji, other scripts; ``p`` punctuation
- ``n`` the words of the author's name, ``s`` the author's website
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urlsplit
from zlib import crc32

from service.text import to_text

#: the kinds of tokens, as told above
KINDS = "wbgcumpns"
#: what changes what a token means changes this: counts of another version tell nothing
VERSION = 1
#: characters of a token, as the table has room for
LONGEST = 80
#: characters of a word that count
_WORD_LENGTH = 30
#: distinct tokens by kind, 499 in all: one query finds what is known of them, and the count of all comments
_ROOM = {"w": 80, "b": 80, "g": 100, "c": 200, "": 39}
MOST = sum(_ROOM.values())
_IN_A_ROW = 5
#: how far apart two words of a pair may stand
_REACH = 3
#: addresses looked at
_LINKS = 10
_START, _END, _ADDRESS = "^", "$", "<address>"

_ENDINGS = (
    "com|net|org|info|biz|edu|gov|io|me|tv|co|ly|gl|be|ru|ua|uk|de|fr|es|it|nl|pl|br|in|cn|jp|us|eu|ca|au|shop|xyz"
)
_URL = re.compile(
    r"https?://[^\s<>\"]+|(?<![\w.@-])(?:www\.[^\s<>\"]+"
    rf"|[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{0,4}}\.(?:{_ENDINGS})(?![\w-])(?:/[^\s<>\"]*)?)",
    re.IGNORECASE,
)
# letters and digits of any script; the ranges are vowel signs, without which Hindi or Thai would fall to pieces
_LETTERS = r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e\u1000-\u109f])+"
_PIECE = re.compile(rf"\x00|{_LETTERS}(?:['’]{_LETTERS})*|[!?.,:;]+|[^\w\s]+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_TWICE = r"\1\1"
_DIGIT, _SPACE = re.compile(r"\d"), re.compile(r"\s+")
#: from here on scripts write without spaces, and two characters are about a word
_DENSE = "\u2e80"


@dataclass(frozen=True)
class Facts:
    """What a comment tells the filter: its text without markup, its author's name and website, what it links to."""

    text: str
    name: str = ""
    website: str = ""
    links: tuple[str, ...] = ()


def facts_of(html: str, name: str = "", website: str = "") -> Facts:
    """Return the facts of a comment from its stored HTML: the same whether it is judged or taught."""
    links = _Links()
    links.feed(html)
    links.close()
    return Facts(to_text(html), name, website, tuple(links.found))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (address := dict(attrs).get("href")):
            self.found.append(address)


def tokens(facts: Facts) -> tuple[str, ...]:
    """Return the distinct tokens of a comment, at most MOST of at most LONGEST characters."""
    text = unicodedata.normalize("NFKC", facts.text).replace("\x00", " ")
    typed = _URL.findall(text)
    prose = _URL.sub(" \x00 ", text)
    words, looks = _read(prose)
    addresses = list(dict.fromkeys([*facts.links, *typed]))[:_LINKS]
    framed = [_START, *words, _END]
    kept = [
        *_bounded("w", (f"w:{word}" for word in [*words, *_spelt_out(words)] if word != _ADDRESS)),
        *_bounded("b", (f"b:{left} {right}" for left, right in pairwise(framed))),
        *_bounded("g", _apart(framed)),
        *_bounded("c", _in_a_row(text)),
        *_bounded("", [*looks, *_look(text, prose, words), *_addresses(addresses), *_author(facts)]),
    ]
    return tuple(token[:LONGEST] for token in kept)


def _bounded(kind: str, found: Iterable[str]) -> list[str]:
    # Of too many, those with the smallest hash stay, not the first: a long text that comes again with another
    # beginning still shows the same tokens, and nothing is hidden behind a long preface.
    distinct = list(dict.fromkeys(found))
    if len(distinct) <= _ROOM[kind]:
        return distinct
    return sorted(distinct, key=lambda token: (crc32(token.encode(errors="replace")), token))[: _ROOM[kind]]


def _read(prose: str) -> tuple[list[str], list[str]]:
    words: list[str] = []
    looks: list[str] = []
    for piece in _PIECE.findall(prose.casefold()):
        if piece == "\x00":
            words.append(_ADDRESS)
        elif piece[0].isalnum():
            word = _DRAWN_OUT.sub(r"\1\1", piece).replace("’", "'")
            if word != piece:
                looks.append("m:drawn out")
            if word.isdigit():
                word = f"<number of {min(len(word), 6)}>"
            elif any(character.isdigit() for character in word):
                looks.append("m:letters and digits")
            words.append(word[:_WORD_LENGTH])
        elif piece[0].isprintable():
            looks.append(f"p:{piece[0]}{min(len(piece), 3)}")
    return words, looks


def _spelt_out(words: list[str]) -> Iterator[str]:
    """Yield words that were written l i k e this."""
    run = ""
    for word in [*words, ""]:
        if len(word) == 1:
            run += word
            continue
        if len(run) > 2:
            yield run[:_WORD_LENGTH]
        run = ""


def _apart(framed: list[str]) -> Iterator[str]:
    for place, left in enumerate(framed):
        for right in framed[place + 2 : place + 1 + _REACH]:
            yield f"g:{left} {right}"


def _in_a_row(text: str) -> Iterator[str]:
    seen = "".join(character if character.isprintable() else " " for character in text)
    line = _SPACE.sub(" ", f" {_DIGIT.sub('0', _DRAWN_OUT.sub(_TWICE, seen))} ")
    for place in range(len(line) - 1):
        size = _IN_A_ROW if line[place] < _DENSE else 2
        if place + size <= len(line):
            yield f"c:{line[place : place + size]}"


def _look(text: str, prose: str, words: list[str]) -> Iterator[str]:
    yield f"m:length {len(words).bit_length()}"
    letters = [character for character in prose if character.isalpha()]
    cased = [letter for letter in letters if letter.isupper() or letter.islower()]
    if cased:  # most scripts know no capitals, and say nothing by having none
        share = sum(letter.isupper() for letter in cased) / len(cased)
        yield f"m:capitals {sum(share > step for step in (0, 0.1, 0.3, 0.7))}"
    if letters:
        if letters[0].islower():
            yield "m:small beginning"
        if any(letter > "\u024f" for letter in letters):
            yield "m:other script"
    if any(_mixed(word) for word in words):
        yield "m:mixed scripts"
    if words:
        yield f"m:variety {4 * len(set(words)) // len(words)}"
    if "\n" in text:
        yield "m:lines"
    if any(character.isdigit() for character in prose):
        yield "m:digits"
    if any(unicodedata.category(character) == "So" for character in text):
        yield "m:emoji"


def _mixed(word: str) -> bool:
    return not word.isascii() and any("a" <= c <= "z" for c in word) and any("\u0370" <= c < "\u0590" for c in word)


def _addresses(addresses: list[str]) -> Iterator[str]:
    if addresses:
        yield "u:any"
        yield f"u:many {min(len(addresses), 3)}"
    for address in addresses:
        host, depth, query = _parted(address)
        if host:
            yield f"u:host {host}"
            yield f"u:ending {host.rsplit('.', 1)[-1]}"
        yield f"u:depth {depth}"
        if query:
            yield "u:query"


def _parted(address: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", 0, False
    return "".join(filter(str.isprintable, host))[:60], min(parts.path.rstrip("/").count("/"), 4), bool(parts.query)


def _author(facts: Facts) -> Iterator[str]:
    name = unicodedata.normalize("NFKC", facts.name).casefold()
    for word in re.findall(_LETTERS, name)[:5]:
        yield f"n:{word[:_WORD_LENGTH]}"
    if facts.website:
        yield "s:any"
        host = _parted(facts.website)[0]
        if host:
            yield f"s:host {host}"
