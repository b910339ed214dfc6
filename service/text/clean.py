"""Sanitising: the last thing that happens to HTML here, by two sanitisers that must agree.

bleach decides (6.4.0 is its last release, which is why nothing rests on it alone), nh3 follows as the maintained net.
Both ask the same function about every attribute, so that after bleach nh3 finds nothing to do but spelling entities
its own way. `choose` leaves bleach out: of our own Markdown nh3 alone makes the same, to the byte. Nothing may touch
the string afterwards: a transform after sanitising is the classic hole.
"""

from __future__ import annotations

import html
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, Final

import nh3
from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner

from service.text.links import REL, safe_url
from service.text.plain import LANGUAGE, clean_line

TAGS: Final = frozenset({"p", "br", "em", "strong", "s", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a"})
ATTRIBUTES: Final = {"a": frozenset({"href", "title", "rel"}), "code": frozenset({"class"}), "ol": frozenset({"start"})}
SCHEMES: Final = frozenset({"http", "https", "mailto"})

# An attribute longer than this is refused unread: an address has 2,048 characters, each at most `&quot;` here. Python
# also raises on numeric entities of more than 4,300 digits, which the `try` below catches.
_MAX_ATTRIBUTE = 6 * 2_048
_START = re.compile(r"[0-9]{1,9}")


def choose(sanitiser: str) -> None:
    """Have `sanitize` work with `bleach`, nh3 behind it, or with `nh3` alone: once, as the process starts."""
    global _passes
    _passes = _PASSES[sanitiser]


def sanitize(markup: str) -> str:
    """Return `markup` as HTML that is safe in element content, whatever it was; idempotent.

    With bleach tags outside the allow-list become visible text, with nh3 alone they vanish, as comments always do. Its
    cost grows faster than its input on hostile nesting (10 kB can take 4 s), so it is fed by our own Markdown stage
    only, which bounds depth and number of tags.
    """
    for clean in _passes().values():
        markup = clean(markup)
    return markup


def scrub(markup: str) -> str:
    """Return what bleach makes of `markup`: the first of the two passes."""
    cleaned: str = _own.cleaner.clean(markup)
    return cleaned


def net(markup: str) -> str:
    """Return what nh3 makes of `markup`: the second pass."""
    return _NET.clean(markup)


def sift(markup: str) -> str:
    """Return what nh3 makes of `markup` where nothing was there before it: links get their `rel` from it, too."""
    return _ALONE.clean(markup)


def passes() -> dict[str, Callable[[str], str]]:
    """Return the passes that `sanitize` consists of, by the sanitiser's name."""
    return _passes()


def _settled(tag: str, name: str, value: str) -> str | None:
    """Return the value that an attribute may have, or None where it must go. `value` has its entities resolved."""
    if name not in ATTRIBUTES.get(tag, ()):
        return None
    if name == "href":
        return safe_url(value, mail=True)
    if name == "rel":
        return REL
    if name == "title":
        return clean_line(value) or None
    if name == "class":
        return value if value.startswith("language-") and LANGUAGE.fullmatch(value, len("language-")) else None
    return str(int(value)) if _START.fullmatch(value) else None


def _settled_raw(tag: str, name: str, value: str) -> str | None:
    """Return `_settled` for a value as bleach holds it, with its entities unresolved."""
    if len(value) > _MAX_ATTRIBUTE:
        return None
    try:
        settled = _settled(tag, name, html.unescape(value))
    except ValueError:
        return None
    return None if settled is None else html.escape(settled)


def _allowed(tag: str, name: str, value: str) -> bool:
    return _settled_raw(tag, name, value) is not None


class _Settle(Filter):  # type: ignore[misc]  # bleach has no types
    """Writes what bleach let through in its one normal form, so that any parser reads it back as the same.

    Attributes as `_settled` has them, and `rel` on every link; no entities of control characters; no line ends right
    behind ``<pre>``, where every parsing swallows one.
    """

    def __iter__(self) -> Iterator[dict[str, Any]]:
        begins_pre = False
        for token in super().__iter__():
            if token["type"] in ("StartTag", "EmptyTag"):
                token["data"] = self._attributes(token["name"], token["data"])
                begins_pre = token["name"] == "pre"
            elif token["type"] in ("Characters", "SpaceCharacters", "Entity"):
                text = _entity_text(token["name"]) if token["type"] == "Entity" else token["data"]
                if begins_pre and token["type"] != "Entity":
                    token["data"] = token["data"].lstrip("\n")
                if not (text.lstrip("\n") if begins_pre else text):
                    continue
                begins_pre = False
            else:
                begins_pre = False
            yield token

    @staticmethod
    def _attributes(tag: str, given: dict[tuple[str | None, str], str]) -> dict[tuple[str | None, str], str]:
        settled = {name: _settled_raw(tag, name, value) for (_, name), value in given.items()}
        if tag == "a":
            if not settled.get("href"):
                return {}
            settled = {"href": settled["href"], "title": settled.get("title"), "rel": REL}
        return {(None, name): value for name, value in settled.items() if value is not None}


def _entity_text(name: str) -> str:
    """Return what an entity stands for; nothing for control characters and for numbers beyond reading."""
    try:
        text = html.unescape(f"&{name};")
    except ValueError:
        return ""
    return text if text in ("\t", "\n") or unicodedata.category(text[:1] or "\0") != "Cc" else ""


class _PerThread(threading.local):
    """One bleach Cleaner a thread: its parser keeps state, and a shared one silently mixes up people's comments.

    Measured with six threads and a shared Cleaner: 50 wrong outputs in 1,440. Building one takes 0.1 ms.
    """

    def __init__(self) -> None:
        # strip=False: a programmer's `<script>` stays readable as text
        self.cleaner = Cleaner(
            tags=TAGS, attributes=_allowed, protocols=SCHEMES, strip=False, strip_comments=True, filters=[_Settle]
        )


def _nh3(attributes: Mapping[str, Set[str]], rel: str | None) -> nh3.Cleaner:
    # stateless and safe to share: every call parses anew
    return nh3.Cleaner(
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in attributes.items()},
        attribute_filter=_settled,
        url_schemes=set(SCHEMES),
        url_relative="deny",
        link_rel=rel,
        strip_comments=True,
    )


_own = _PerThread()
# `_settled` writes rel; a second author of it would make the two passes differ
_NET: Final = _nh3(ATTRIBUTES, None)
_ALONE: Final = _nh3(ATTRIBUTES | {"a": ATTRIBUTES["a"] - {"rel"}}, REL)
# looked up by name at each call, so that the self-test tests what is there
_PASSES: Final[dict[str, Callable[[], dict[str, Callable[[str], str]]]]] = {
    "bleach": lambda: {"bleach": scrub, "nh3": net},
    "nh3": lambda: {"nh3": sift},
}
_passes = _PASSES["bleach"]
