"""Escaping: pieces of text and signs become lines of Markdown that read back as the same.

Only what would be taken for markup in its place gets a backslash: people will edit these lines, and a sentence with an
apostrophe, a snake_case name, `2 * 3` or a smiley has to look as it always did.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from service.text.links import find_address, safe_url

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG_LIKE = re.compile(r"<[^<>\s]*>")
_ASCII_SIGNS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
# texts have no two spaces in a row, see `imported`: a pattern that had to look for more would be quadratic
_LINE_ENDS = re.compile(r" ?\n ?")
_PARAGRAPH_ENDS = re.compile(r"\n{2,}")
_BULLET = re.compile(r"([-+*])(?=\s|$)")
_NUMBER = re.compile(r"([0-9]{1,9})([.)])(?=\s|$)")
_UNDERSCORES = re.compile(r"_+")
_BACKTICKS = re.compile(r"`+")


@dataclass(eq=False)
class Part:
    """A piece of a paragraph.

    Its text is to be escaped, or ``code`` without its backticks, or ``raw``: finished Markdown. An ``address`` stands
    for a link that shows itself, and a ``sign`` is one end of an emphasis, with the other end as its `partner`.
    """

    text: str
    kind: Literal["text", "code", "raw", "address", "sign"] = "text"
    label: bool = False
    struck: bool = False
    opens: bool = False
    partner: Part | None = None


def marked(sign: str, inner: list[Part]) -> list[Part]:
    """Return `inner` between two signs; spaces at its ends go outside, where Markdown wants them."""
    before, core, after = _trimmed([_one_paragraph(part) for part in _merged(inner)])
    if not core:
        return [*before, *after]
    opening, closing = Part(sign, "sign", opens=True), Part(sign, "sign")
    opening.partner, closing.partner = closing, opening
    return [*before, opening, *core, closing, *after]


def linked(url: str, label: list[Part]) -> list[Part]:
    """Return a link to an address from `safe_url` with a label; nothing where the label is empty."""
    before, core, after = _trimmed(
        [replace(p, text=p.text.replace("\n", " ")) if p.kind == "text" else p for p in _merged(label)]
    )
    if not core:
        return [*before, *after]
    target = _ENTITY.sub(lambda entity: "\\" + entity[0], url)
    target = f"<{target}>" if "(" in url or ")" in url else target
    return [*before, Part("[", "raw"), *core, Part(f"]({target})", "raw"), *after]


def fence(code: str, least: int) -> str:
    """Return a run of at least so many backticks, longer than any in `code`."""
    return "`" * max(least, 1 + max((len(run) for run in _BACKTICKS.findall(code)), default=0))


def paragraphs(parts: list[Part]) -> list[str]:
    """Return the parts as paragraphs of Markdown, without blank ones."""
    parts = [piece for part in _merged(parts) for piece in _with_addresses(part)]
    parts = _merged(_without_broken_signs(parts))
    lines = "".join(_written(parts, at) for at in range(len(parts)))
    found = _PARAGRAPH_ENDS.split(_LINE_ENDS.sub("\n", lines))
    return [_line_starts_escaped(paragraph) for paragraph in found if paragraph.strip()]


def _merged(parts: list[Part]) -> list[Part]:
    """Join neighbouring texts, so that each character's neighbours can be seen, and neighbouring pieces of code."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        alike = last and (part.kind, part.label, part.struck) == (last.kind, last.label, last.struck)
        if last and alike and part.kind in ("text", "code"):
            merged[-1] = replace(last, text=last.text + part.text)
        elif part.text:
            merged.append(part)
    return merged


def _one_paragraph(part: Part) -> Part:
    """No emphasis reaches over the end of a paragraph."""
    if part.kind != "text":
        return part
    return replace(part, text=_PARAGRAPH_ENDS.sub("\n", _LINE_ENDS.sub("\n", part.text)))


def _trimmed(parts: list[Part]) -> tuple[list[Part], list[Part], list[Part]]:
    """Split the white space off both ends: before, core, after."""
    before: list[Part] = []
    after: list[Part] = []
    while parts and parts[0].kind == "text":
        core = parts[0].text.lstrip()
        before.append(Part(parts[0].text[: len(parts[0].text) - len(core)]))
        parts = [replace(parts[0], text=core), *parts[1:]] if core else parts[1:]
        if core:
            break
    while parts and parts[-1].kind == "text":
        core = parts[-1].text.rstrip()
        after.insert(0, Part(parts[-1].text[len(core) :]))
        parts = [*parts[:-1], replace(parts[-1], text=core)] if core else parts[:-1]
        if core:
            break
    return before, parts, after


def _with_addresses(part: Part) -> list[Part]:
    """Take the web addresses out of a text: they become links again as they stand, and are not escaped."""
    if part.kind != "text" or part.label:
        return [part]
    pieces: list[Part] = []
    done = end = 0
    while (at := part.text.find("://", end)) >= 0:
        start, end = find_address(part.text, at) or (at, at + 1)
        if safe_url(part.text[start:end]):
            pieces += [replace(part, text=part.text[done:start]), Part(part.text[start:end], "address")]
            done = end
    return [piece for piece in (*pieces, replace(part, text=part.text[done:])) if piece.text]


def _without_broken_signs(parts: list[Part]) -> list[Part]:
    """Leave out the emphasis that Markdown has no way to write, such as a bold quotation inside a word.

    Taking one pair out changes what its neighbours see, hence from the start again; pairs are few (`MAX_TAGS`).
    """
    while True:
        broken = next((p for at, p in enumerate(parts) if p.kind == "sign" and not _stands(parts, at)), None)
        if broken is None:
            return parts
        parts = [part for part in parts if part is not broken and part is not broken.partner]


def _stands(parts: list[Part], at: int) -> bool:
    """Return whether the sign is read as what it is: CommonMark's rule of left- and right-flanking runs."""
    sign = parts[at]
    before, after = _edge(parts, at - 1, last=True), _edge(parts, at + 1, last=False)
    outer, inner = (before, after) if sign.opens else (after, before)
    if inner.isspace() or (_is_sign(inner) and not (outer.isspace() or _is_sign(outer))):
        return False
    # `**a***b*`: the end of one and the start of the next run together
    neighbour = parts[at - 1] if at else None
    return not (
        sign.opens
        and neighbour
        and neighbour.kind == "sign"
        and not neighbour.opens
        and neighbour.text[0] == sign.text[0]
    )


def _edge(parts: list[Part], at: int, *, last: bool) -> str:
    if not 0 <= at < len(parts):
        return " "
    return {"address": "<", "code": "`"}.get(parts[at].kind) or parts[at].text[-1 if last else 0]


def _is_sign(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _written(parts: list[Part], at: int) -> str:
    part = parts[at]
    before, after = _edge(parts, at - 1, last=True), _edge(parts, at + 1, last=False)
    if part.kind == "address":
        return _address(part.text, before, parts[at + 1 : at + 3])
    if part.kind == "code":
        return _code(part.text)
    return _escaped(part, before, after) if part.kind == "text" else part.text


def _code(code: str) -> str:
    pad = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{fence(code, 1)}{pad}{code}{pad}{fence(code, 1)}"


def _address(url: str, before: str, following: list[Part]) -> str:
    """Write a link that shows its own address: bare where what follows cannot be taken for a part of it."""
    if url.startswith("mailto:"):
        return f"<{url.removeprefix('mailto:')}>"
    line = before + url + (following[0].text if following and following[0].kind == "text" else "")
    at, alone = line.find("://"), (1, 1 + len(url))
    # with more text to come, the address must end whatever that is
    more = "x" if following[1:] or (following and following[0].kind != "text") else ""
    return url if find_address(line, at) == find_address(line + more, at) == alone else f"<{url}>"


def _escaped(part: Part, before: str, after: str) -> str:
    """Escape a text; `before` and `after` are the characters beside it."""
    text = before + part.text + after
    written: list[str] = []
    at, end = 1, len(text) - 1
    while at < end:
        underscores = _UNDERSCORES.match(text, at, end)
        after_it = underscores.end() if underscores else at + 1
        active = _can_open(text[at - 1], text[after_it]) if underscores else _is_active(text, at, part)
        written.append(("\\" + text[at]) * (after_it - at) if active else text[at:after_it])
        at = after_it
    return "".join(written)


def _can_open(before: str, after: str) -> bool:
    """Return whether underscores between the two could begin an emphasis: not inside a word, not before a space."""
    return not after.isspace() and not (before.isalnum() and after.isalnum())


def _is_active(text: str, at: int, part: Part) -> bool:
    """Return whether the character at `at`, which has neighbours on both sides, would be taken for markup."""
    char, previous, following = text[at], text[at - 1], text[at + 1]
    if char == "\\":
        return following in _ASCII_SIGNS or following == "\n"
    if char == "*":
        return not (previous.isspace() and following.isspace())
    if char == "~":
        return part.struck or previous == "~" or following == "~"
    if char in "[]":
        return part.label or (char == "]" and following == "(")
    if char == "<":
        if following == "<" and at + 2 == len(text):  # an address stands right behind
            return True
        tag = _TAG_LIKE.match(text, at)
        return tag is not None and (":" in tag[0] or "@" in tag[0])
    if char == ":":  # what may become a link was taken out of the text before: this is none
        return text.startswith("://", at) and text[max(0, at - 5) : at].lower().endswith(("http", "https"))
    return char == "`" or (char == "&" and _ENTITY.match(text, at) is not None)


def _line_starts_escaped(paragraph: str) -> str:
    return "\n".join(_line_start_escaped(line.strip(" \t")) for line in paragraph.strip("\n").split("\n"))


def _line_start_escaped(line: str) -> str:
    if line.startswith(">") or _BULLET.match(line):
        return "\\" + line
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line
