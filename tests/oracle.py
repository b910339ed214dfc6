"""The oracle: what a browser-like parser sees in our HTML, and what must never be in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

from service import text

ALLOWED = {
    "p": set(),
    "br": set(),
    "em": set(),
    "strong": set(),
    "s": set(),
    "del": set(),
    "code": {"class"},
    "pre": set(),
    "blockquote": set(),
    "ul": set(),
    "ol": {"start"},
    "li": set(),
    "a": {"href", "title", "rel"},
}
REL = "nofollow ugc noopener noreferrer"
# the same string is put into many places, and the place decides how it is parsed
CONTEXTS = ("div", "body", "td", "p")
# what the WHATWG parser takes out of an address before it looks for the scheme
URL_NOISE = dict.fromkeys((0x09, 0x0A, 0x0D))
URL_ENDS = "".join(map(chr, range(0x21)))
# attributes that hold an address, and elements that load or run something
_ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "srcset", "ping", "background", "xlink:href")
_ACTIVE = {
    "img", "iframe", "object", "embed", "svg", "math", "style", "base", "template", "frame", "frameset", "audio",
    "video", "image", "source", "track", "applet", "portal", "noscript", "xmp", "plaintext", "marquee",
}  # fmt: skip


def faults_of(markup: str, contexts: tuple[str, ...] = CONTEXTS) -> list[str]:
    """Return everything in a comment's HTML that must not be there; an empty list is good."""
    return [*(fault for context in contexts for fault in active(markup, context)), *_unstable(markup)]


def active(markup: str, context: str = "div") -> Iterator[str]:
    """Yield what in a comment's HTML could do anything, or is not on the list."""
    for node in _parsed(markup, context).iter():
        if node.tag == "DOCUMENT_FRAGMENT":
            continue
        if node.tag not in ALLOWED:
            yield f"{context}: element {node.tag}"
            continue
        for name, value in node.attrib.items():
            if name not in ALLOWED[node.tag]:
                yield f"{context}: attribute {name} on {node.tag}"
            address = _trimmed(value)
            if name == "href" and not address.startswith(("http://", "https://", "mailto:")):
                yield f"{context}: address {value!r}"
        if "href" in node.attrib and node.attrib.get("rel") != REL:
            yield f"{context}: a link without rel"


def faults_of_page(html: str, scripts: tuple[str, ...] = ()) -> list[str]:
    """Return what in one of our pages would run or load anything, but for our own sheet, `scripts` and data."""
    found = []
    for node in html5lib.parse(html, namespaceHTMLElements=False).iter():
        if not isinstance(node.tag, str):
            found.append("a comment")
            continue
        found += [node.tag] if node.tag in _ACTIVE or ":" in node.tag else []
        if node.tag == "script" and node.get("type") != "application/ld+json" and node.get("src") not in scripts:
            found.append(f"script {node.get('src')}")
        if node.tag == "link" and (node.get("rel") not in ("stylesheet", "canonical", "icon")):
            found.append(f"link {node.get('rel')}")
        if (
            node.tag == "meta"
            and node.get("name") not in ("viewport", "color-scheme", "robots")
            and "charset" not in node.attrib
        ):
            found.append(f"meta {node.attrib}")
        found += [f"{name} on {node.tag}" for name in node.attrib if _is_active(name)]
        for name in _ADDRESSES:
            address = _trimmed(node.get(name, "/"))
            if not re.match(r"https?://|/(?![/\\])|[#?]|mailto:|$", address):
                found.append(f"{name}={address}")
    return found


def _is_active(name: str) -> bool:
    return name.startswith("on") or name in ("style", "srcdoc") or not re.fullmatch(r"[a-z][a-z-]*", name)


def _trimmed(address: str) -> str:
    return address.translate(URL_NOISE).strip(URL_ENDS).lower()


def _parsed(markup: str, context: str) -> Element:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree: Element = parser.parseFragment(markup, container=context, scripting=True)
    return tree


def _shape(node: Element) -> tuple[Any, ...]:
    return (node.tag, sorted(node.attrib.items()), node.text, node.tail, [_shape(child) for child in node])


def _unstable(markup: str) -> Iterator[str]:
    tree = _parsed(markup, "div")
    written = html5lib.serialize(tree, quote_attr_values="always", omit_optional_tags=False, quote_char='"')
    if _shape(tree) != _shape(_parsed(written, "div")):
        yield "parsed, written and parsed again it is something else"
    if text.sanitize(markup) != markup:
        yield f"not stable: {text.sanitize(markup)!r}"
