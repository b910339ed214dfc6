"""Addresses: which ones may become a link, how they are written and how they are shown.

One parser for what stands in a comment and for the website of an author. It accepts what every browser reads in the
same way and nothing else: whoever needs a backslash, a user name or a control character in a link wants to deceive.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, quote, urlsplit

import idna

MAX_LENGTH = 2_048
REL = "nofollow ugc noopener noreferrer"

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"(https?)://", re.I)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# the WHATWG parser reads a host with such a last label as an IPv4 address in one of its 12 spellings
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MAIL = re.compile(r"mailto:([a-z0-9._+=~-]{1,64})@([^@?#/:\[\]]{1,253})", re.I)
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# RFC 3986 leaves these as they are; the brackets, because browsers do and PHP sites put them into queries
_PATH_SAFE = "/:@!$&()*+,;=~-._%[]"

# What cannot be part of an address in running text: white space, what RFC 3986 never allows raw, quotation marks that
# people put around an address, and the full-width punctuation that follows one without a space in Chinese or Japanese.
_END = re.compile(r"[\s\x00-\x20\x7f<>\"`\\^{|}«»‹›„“”\u2026\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\ufe30-\ufe4f]")
_BRACKET = re.compile(r"[()\[\]]")
# What may stand in an address but at its end belongs to the sentence, or to the Markdown, around it.
_TRAILING = frozenset(".,;:!?'’*_~([،؛؟")

# Letters of one script that read as Latin ones: a name made of nothing else is shown as it travels, in Punycode.
_LOOKALIKES = frozenset("асԁеһіјӏорԛѕԝхуъЬҽпгѵѡ" + "αικνορτυχ" + "0123456789-")
_FAR_EAST = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"})


def safe_url(value: str, *, mail: bool = False) -> str | None:
    """Return the normalised absolute address, or None where it must not become a link.

    Allowed are ``http`` and ``https``, and a plain ``mailto:`` where `mail` is true. The host comes back in lower case
    and in Punycode, what needs it percent-encoded; applying the function to its own answer changes nothing.
    """
    value = value.strip(" \t\n\f\r")
    if not 0 < len(value) <= MAX_LENGTH or "\\" in value or _hides(value):
        return None
    if mail and (match := _MAIL.fullmatch(value)):
        host = _host(match[2])
        return f"mailto:{match[1]}@{host}" if host else None
    if not _SCHEME.match(value):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:  # unbalanced brackets, or a host that changes under normal form KC
        return None
    authority = _authority(parts)
    if authority is None:
        return None
    path = _encoded(parts.path, _PATH_SAFE) or "/"
    query = f"?{_encoded(parts.query, _PATH_SAFE + '?')}" if parts.query else ""
    fragment = f"#{_encoded(parts.fragment, _PATH_SAFE + '?')}" if parts.fragment else ""
    url = f"{parts.scheme}://{authority}{path}{query}{fragment}"
    return url if len(url) <= MAX_LENGTH else None


def short(url: str) -> str:
    """Return how an address from `safe_url` is shown: the host for people, and an ellipsis for what follows it."""
    if url.startswith("mailto:"):
        name, _, host = url.removeprefix("mailto:").partition("@")
        return f"{name}@{_shown(host)}"
    parts = urlsplit(url)
    bare = parts.netloc.removeprefix("www.")
    host = _shown(bare if "." in bare else parts.netloc)
    return f"{host}/…" if parts.path not in ("", "/") or parts.query or parts.fragment else host


def find_address(text: str, at: int, limit: int | None = None) -> tuple[int, int] | None:
    """Find the bare address whose ``://`` stands at `at` in running text, and return where it starts and ends.

    Brackets inside the address are kept while they balance; punctuation at its end belongs to the sentence. Whether
    the address is a safe one is not judged here. The work is bounded by `MAX_LENGTH`, whatever the text.
    """
    for scheme in ("https", "http"):
        start = at - len(scheme)
        if start >= 0 and text[start:at].lower() == scheme:
            break
    else:
        return None
    if start and text[start - 1].isascii() and (text[start - 1].isalnum() or text[start - 1] in "+.-"):
        return None
    first = at + len("://")
    # two characters more than any address may have: a longer run is refused as a whole, never cut into a wrong link
    end = min(len(text) if limit is None else limit, start + MAX_LENGTH + 2)
    if found := _END.search(text, first, end):
        end = found.start()
    end = _balanced(text, first, end)
    while end > first and text[end - 1] in _TRAILING:
        end -= 1
    return (start, end) if end > first else None


def _balanced(text: str, start: int, end: int) -> int:
    """Return where the run ends at the latest: before the first bracket that closes one opened outside of it."""
    opened = {")": 0, "]": 0}
    for bracket in _BRACKET.finditer(text, start, end):
        sign = bracket[0]
        if sign in "([":
            opened[")" if sign == "(" else "]"] += 1
        elif opened[sign]:
            opened[sign] -= 1
        else:
            return bracket.start()
    return end


def _hides(value: str) -> bool:
    """Return whether a character is unseen, or seen as something else: browsers drop some, people miss the others."""
    if value.isascii():
        return not value.isprintable() or " " in value
    # joiners are letters' business, in Persian and Indic words; idna judges those of a host
    return any(unicodedata.category(char)[0] in "CZ" and char not in "\u200c\u200d" for char in value)


def _authority(parts: SplitResult) -> str | None:
    if "@" in parts.netloc or "%" in parts.netloc:
        return None
    name, colon, port = parts.netloc.rpartition(":")
    if not colon or parts.netloc.endswith("]"):
        name, colon, port = parts.netloc, "", ""
    host = _host(name)
    if host is None:
        return None
    if not colon:
        return host
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65_535):
        return None
    return host if int(port) == _DEFAULT_PORTS[parts.scheme] else f"{host}:{int(port)}"


def _host(name: str) -> str | None:
    """Return a host name in lower-case ASCII, or an IP address in its one spelling; None for anything else."""
    if name.startswith("[") and name.endswith("]"):
        try:
            return f"[{ipaddress.IPv6Address(name[1:-1])}]"
        except ValueError:
            return None
    name = name.removesuffix(".")
    if not 0 < len(name) <= 253:
        return None
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    name = name.lower()
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) and _decodes(label) for label in labels):
        return None
    if not _NUMERIC.fullmatch(labels[-1]):
        return name
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        return None


def _decodes(label: str) -> bool:
    """Return whether a label is no Punycode, or Punycode that says something; browsers refuse the rest."""
    if not label.startswith("xn--"):
        return True
    try:
        return not label.removeprefix("xn--").encode("ascii").decode("punycode").isascii()
    except UnicodeError:
        return False


def _encoded(part: str, safe: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", part), safe=safe)


def _shown(host: str) -> str:
    """Return the host in its own script where that is honest, label by label in Punycode where it deceives."""
    if "xn--" not in host:
        return host
    labels = host.split(".")
    return ".".join(_shown_label(label, ascii_ending=not labels[-1].startswith("xn--")) for label in labels)


def _shown_label(label: str, *, ascii_ending: bool) -> str:
    name, colon, port = label.partition(":")
    if not name.startswith("xn--"):
        return label
    try:
        native = idna.ulabel(name)
    except (idna.IDNAError, UnicodeError):
        return label
    if _mixed_script(native) or (ascii_ending and _LOOKALIKES.issuperset(native)):
        return label
    return f"{native}{colon}{port}"


def _mixed_script(label: str) -> bool:
    """Return whether letters of scripts meet that no language writes side by side (read off the characters' names)."""
    scripts = {
        "FAR EAST" if script in _FAR_EAST else script
        for script in (unicodedata.name(char, "?").split()[0] for char in label if char.isalpha())
    }
    return len(scripts) > 1 and scripts != {"LATIN", "FAR EAST"}
