"""The oracle: what a browser-like parser sees in our HTML, and what must never be in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from service.text import sanitize

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


def _parsed(markup: str, context: str) -> Element:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree: Element = parser.parseFragment(markup, container=context, scripting=True)
    return tree


def _shape(node: Element) -> tuple[Any, ...]:
    return (node.tag, sorted(node.attrib.items()), node.text, node.tail, [_shape(child) for child in node])


def _faults(markup: str, context: str) -> Iterator[str]:
    for node in _parsed(markup, context).iter():
        if node.tag == "DOCUMENT_FRAGMENT":
            continue
        if node.tag not in ALLOWED:
            yield f"{context}: element {node.tag}"
            continue
        for name, value in node.attrib.items():
            if name not in ALLOWED[node.tag]:
                yield f"{context}: attribute {name} on {node.tag}"
            address = value.translate(URL_NOISE).strip(URL_ENDS).lower()
            if name == "href" and not address.startswith(("http://", "https://", "mailto:")):
                yield f"{context}: address {value!r}"
        if "href" in node.attrib and node.attrib.get("rel") != REL:
            yield f"{context}: a link without rel"


def _unstable(markup: str) -> Iterator[str]:
    tree = _parsed(markup, "div")
    written = html5lib.serialize(tree, quote_attr_values="always", omit_optional_tags=False, quote_char='"')
    if _shape(tree) != _shape(_parsed(written, "div")):
        yield "parsed, written and parsed again it is something else"
    if sanitize(markup) != markup:
        yield f"not stable: {sanitize(markup)!r}"


@pytest.fixture(scope="session")
def faults_of() -> Callable[..., list[str]]:
    """Return a function that lists everything in a piece of HTML that must not be there; an empty list is good."""

    def judge(markup: str, contexts: tuple[str, ...] = CONTEXTS) -> list[str]:
        return [*(fault for context in contexts for fault in _faults(markup, context)), *_unstable(markup)]

    return judge
