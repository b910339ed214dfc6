"""Signs in words: what a token means to somebody who reads why a comment was held. Pure."""

from __future__ import annotations

_PLAIN = {
    "m:drawn out": "a letter drawn out",
    "m:letters and digits": "a word of letters and digits",
    "m:small beginning": "a beginning without a capital",
    "m:other script": "letters beyond the Latin ones",
    "m:mixed scripts": "a word in two scripts",
    "m:lines": "several lines",
    "m:digits": "digits",
    "m:emoji": "emoji or symbols",
    "m:capitals 0": "no capitals",
    "m:capitals 1": "few capitals",
    "m:capitals 2": "some capitals",
    "m:capitals 3": "many capitals",
    "m:capitals 4": "hardly anything but capitals",
    "m:variety 0": "the same words over and over",
    "m:variety 1": "words repeated often",
    "m:variety 2": "words repeated",
    "m:variety 3": "few words repeated",
    "m:variety 4": "no word twice",
    "m:length 0": "no words",
    "m:length 1": "one word",
    "u:any": "an address",
    "u:many 1": "one address",
    "u:many 2": "two addresses",
    "u:many 3": "three addresses or more",
    "u:query": "an address with a query",
    "u:depth 0": "an address without a path",
    "s:any": "a website of its author",
}


def in_words(token: str) -> str:
    """Return what a token means, as part of a sentence."""
    kind, _, found = token.partition(":")
    if token in _PLAIN:
        return _PLAIN[token]
    if kind in ("b", "g"):
        left, _, right = found.partition(" ")
        if left == "^":
            return f"“{right}” {'at' if kind == 'b' else 'near'} the beginning"
        if right == "$":
            return f"“{left}” {'at' if kind == 'b' else 'near'} the end"
        return f"the words “{left}{' ' if kind == 'b' else ' … '}{right}”"
    return _by_kind(kind, found)


def _by_kind(kind: str, found: str) -> str:
    topic, _, value = found.partition(" ")
    if kind == "w":
        return f"the word “{found}”"
    if kind == "c":
        return f"the letters “{found}”"
    if kind == "p":
        count = {"1": "", "2": " twice in a row", "3": " again and again"}.get(found[-1:], "")
        return f"“{found[:-1]}”{count}"
    if kind == "n":
        return f"“{found}” in its author's name"
    if kind == "s":
        return f"the website {value}"
    if kind == "u":
        return {"host": f"an address at {value}", "ending": f"an address in .{value}"}.get(
            topic, f"an address {value} levels deep"
        )
    if topic == "length" and value.isdigit():
        return f"{2 ** (int(value) - 1)} to {2 ** int(value) - 1} words"
    return found
