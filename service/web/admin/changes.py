"""How two versions of a text differ, word by word, for reading. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s*\S+|\s+")
#: words, and pairs of equal ones, that are compared; what has more is shown as two texts: difflib could take minutes
_MOST, _PAIRS = 1_000, 10_000


@dataclass(frozen=True)
class Piece:
    """A part of both versions, `same`, or of one of them, `gone` or `new`."""

    kind: str
    text: str


def between(before: str, after: str) -> list[Piece]:
    """Return the pieces that both versions are made of, in order."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    counted, others = Counter(old), Counter(new)
    pairs = sum(number * others[word] for word, number in counted.items())
    if pairs > _PAIRS or max(len(old), len(new)) > _MOST:
        old, new = [before], [after]
    pieces: list[Piece] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[start:end])))
            continue
        changed = (Piece("gone", "".join(old[start:end])), Piece("new", "".join(new[new_start:new_end])))
        pieces += [piece for piece in changed if piece.text]
    return pieces
