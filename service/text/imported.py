"""Imported HTML becomes our Markdown, so that an old comment is rendered, judged and edited like any other.

nh3 reads the foreign HTML (it repairs nesting, drops scripts and unwraps what we don't know); the writer below is ours,
because it has to speak our dialect: line ends count, web addresses stand bare, and headings need no escape. Security
does not rest on it: what it writes goes through `render.to_html` like anything typed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import groupby, islice

import nh3

from service.text.escape import Part, fence, linked, marked, paragraphs
from service.text.links import safe_url
from service.text.plain import LANGUAGE, clean_body

# Beyond these a comment is no writing of a person, and parsers grow slow: only its text is taken.
MAX_TAGS, MAX_ATTRIBUTES, MAX_DEPTH = 200, 20, 20
# Lists and quotations inside each other; what is deeper joins its surroundings. Stays below `markdown.MAX_NESTING`.
_MAX_CONTAINERS = 8

_SIGNS = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~", "strike": "~~"}
_VOID = frozenset({"br", "hr", "img", "wbr", "input", "col", "link", "meta", "embed", "source", "area", "base"})
# Not counted as depth: without these, 21 paragraphs that HTML closes by itself would look nested.
_FLAT = _VOID | {"p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody"}
_LISTS = frozenset({"ul", "ol"})
_CELLS = frozenset({"td", "th"})
_BLOCKS = _LISTS | {"p", "div", "pre", "blockquote", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
_BLOCKS |= {"table", "thead", "tbody", "tfoot", "tr", "dl", "dt", "dd", "figure", "figcaption", "details", "summary"}
_BLOCKS |= {"section", "article", "aside", "header", "footer", "main", "nav", "address", "center"}
_KEPT = _BLOCKS | _CELLS | {*_SIGNS, "a", "br", "code", "img"}
_DROPPED = frozenset({"script", "style", "iframe", "noscript", "noembed", "noframes", "template", "title", "object"})
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]*)")
_ATTRIBUTE = re.compile(r"""[^\s"'>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?""")
_SPACES = re.compile(r"[ \t\n\f]+")
_BLANKS = re.compile(r"[ \t\f]+")


def markdown_from_html(markup: str, *, newlines: bool) -> str:
    """Return imported HTML as the body of a comment, already in the shape of `plain.clean_body`; never raises.

    `newlines` tells what line ends in the source mean: true where the blog software makes lines and paragraphs of
    them (WordPress), false where they are white space (Disqus).
    """
    markup = markup.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    markup = markup.encode("utf-8", "ignore").decode()  # lone surrogates
    if _exceeds(markup):
        return clean_body("\n\n".join(_paragraphs([_Node("", {}, [_text_of(markup, newlines)])], newlines=True)))
    root = _Tree.of(_NET.clean(markup))
    return clean_body("\n\n".join(_blocks(root.children, newlines=newlines, depth=0)))


_NET = nh3.Cleaner(
    tags=set(_KEPT),
    clean_content_tags=set(_DROPPED),
    attributes={"a": {"href"}, "code": {"class"}, "pre": {"class"}, "ol": {"start"}, "img": {"alt"}},
    link_rel=None,
)


@dataclass
class _Node:
    tag: str
    attributes: dict[str, str]
    children: list[_Node | str] = field(default_factory=list)

    def is_block(self) -> bool:
        """Return whether it is a block or, against the rules of HTML, holds one."""
        return self.tag in _BLOCKS or any(isinstance(child, _Node) and child.is_block() for child in self.children)

    def text(self) -> str:
        if self.tag in ("br", "img"):
            return "\n" if self.tag == "br" else self.attributes.get("alt", "")
        return "".join(c if isinstance(c, str) else c.text() for c in self.children)


class _Tree(HTMLParser):
    """Builds the tree of what nh3 wrote: well nested, quoted and free of comments, so that this parser is enough."""

    def __init__(self) -> None:
        super().__init__()
        self._open = [_Node("", {})]

    @classmethod
    def of(cls, markup: str) -> _Node:
        tree = cls()
        tree.feed(markup)
        tree.close()
        return tree._open[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        siblings = self._open[-1].children
        # `<br />` and a line end are one break, as blog software has it
        after_break = siblings and isinstance(siblings[-1], _Node) and siblings[-1].tag == "br"
        siblings.append(data.removeprefix("\n") if after_break else data)


def _blocks(nodes: list[_Node | str], *, newlines: bool, depth: int) -> list[str]:
    """Return the blocks of Markdown that `nodes` make."""
    blocks: list[str] = []
    joined = ""  # the kind of list that ends right here: another of its kind would become a part of it
    for is_block, run in groupby(nodes, key=lambda node: isinstance(node, _Node) and node.is_block()):
        if not is_block:
            new = _paragraphs(run, newlines=newlines)
            blocks, joined = blocks + new, "" if new else joined
            continue
        for node in (node for node in run if isinstance(node, _Node)):
            other = joined == node.tag
            new = _block(node, newlines=newlines, depth=depth, other=other)
            blocks, joined = blocks + new, (node.tag if node.tag in _LISTS and not other else "") if new else joined
    return blocks


def _block(node: _Node, *, newlines: bool, depth: int, other: bool) -> list[str]:
    if node.tag == "pre":
        return _fenced(node)
    if node.tag in _LISTS and depth < _MAX_CONTAINERS:
        return _list(node, newlines=newlines, depth=depth + 1, other=other)
    if node.tag == "blockquote" and depth < _MAX_CONTAINERS:
        quoted = "\n\n".join(_blocks(node.children, newlines=newlines, depth=depth + 1))
        return ["\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))] if quoted else []
    return _blocks(node.children, newlines=newlines, depth=depth)


def _list(node: _Node, *, newlines: bool, depth: int, other: bool) -> list[str]:
    """Return the list as one block, or as none; `other` asks for the other of the two signs that a list can have."""
    start = node.attributes.get("start", "1")
    number = int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1
    items: list[str] = []
    loose = False
    for child in node.children:
        if isinstance(child, str) and not child.strip():
            continue
        # a list straight inside a list, without an item around it, is common and wrong: it becomes an item
        inner = child.children if isinstance(child, _Node) and child.tag == "li" else [child]
        blocks = _blocks(inner, newlines=newlines, depth=depth)
        if not blocks:
            continue
        sign = ("* " if other else "- ") if node.tag == "ul" else f"{number + len(items)}{')' if other else '.'} "
        loose = loose or len(blocks) > 2 or (len(blocks) == 2 and not blocks[1].startswith(("- ", "* ", "1. ", "1) ")))
        text = ("\n\n" if loose else "\n").join(blocks)
        items.append(sign + "\n".join(" " * len(sign) + line if line else "" for line in text.split("\n")).lstrip())
    return [("\n\n" if loose else "\n").join(items)] if items else []


def _fenced(node: _Node) -> list[str]:
    code = node.text().strip("\n")
    inner = next((c for c in node.children if isinstance(c, _Node) and c.tag == "code"), node)
    names = (inner.attributes.get("class", "") or node.attributes.get("class", "")).split()
    language = next((n.removeprefix("language-") for n in names if n.startswith("language-")), "")
    language = language if LANGUAGE.fullmatch(language) else ""
    return [f"{fence(code, 3)}{language}\n{code}\n{fence(code, 3)}"] if code.strip() else []


def _paragraphs(nodes: Iterable[_Node | str], *, newlines: bool) -> list[str]:
    parts: list[Part] = []
    for node in nodes:
        parts += _parts(node, newlines=newlines, within=())
    return paragraphs(parts)


def _parts(node: _Node | str, *, newlines: bool, within: tuple[str, ...]) -> list[Part]:
    """Return the parts of an inline node; `within` holds the signs of the elements around it."""
    if isinstance(node, str):
        text = (_BLANKS if newlines else _SPACES).sub(" ", node)
        return [Part(text, label="[" in within, struck="~~" in within)]
    if node.tag in ("br", "img"):
        return [Part(node.text(), label="[" in within)]
    if node.tag in _CELLS:
        node = _Node("", {}, [*node.children, " "])
    if node.tag == "code":
        return [Part(_SPACES.sub(" ", node.text()).strip(), "code")]
    url = safe_url(node.attributes.get("href", ""), mail=True) if node.tag == "a" and "[" not in within else None
    if url and _shows(node.text(), url):
        return [Part(url, "address")]
    sign = "[" if url else _SIGNS.get(node.tag, "")
    new = sign not in ("", *within)
    inner = [
        part
        for child in node.children
        for part in _parts(child, newlines=newlines, within=(*within, sign) if new else within)
    ]
    if url:
        return linked(url, inner)
    return marked(sign, inner) if new else inner


def _shows(text: str, url: str) -> bool:
    """Return whether the text of a link is its own address, whole or cut short with an ellipsis (Disqus does)."""
    text = text.strip()
    shown = text.removesuffix("…").removesuffix("...")
    whole = url.removeprefix("mailto:")
    if text == whole or safe_url(text) == url:
        return True
    return shown != text and len(shown) > 3 and whole.partition("://")[2].startswith(shown.rpartition("://")[2])


def _exceeds(markup: str) -> bool:
    """Return whether the HTML has more tags, attributes or depth than a person writes, by one scan."""
    tags = depth = at = 0
    while (at := markup.find("<", at)) >= 0:
        name = _NAME.match(markup, at)
        if name is None:
            at += 1
            continue
        end = markup.find(">", at)
        if end < 0:
            return False
        tags += 1
        if name[1].lower() not in _FLAT:
            depth = max(0, depth - 1) if markup[at + 1] == "/" else depth + 1
        attributes = sum(1 for _ in islice(_ATTRIBUTE.finditer(markup, name.end(), end), MAX_ATTRIBUTES + 1))
        if tags > MAX_TAGS or depth > MAX_DEPTH or attributes > MAX_ATTRIBUTES:
            return True
        at = end + 1
    return False


def _text_of(markup: str, newlines: bool) -> str:
    """Return the text of HTML that is not worth a parser: tags cut out, line and paragraph ends kept."""
    pieces: list[str] = []
    at = 0
    while (start := markup.find("<", at)) >= 0:
        name = _NAME.match(markup, start)
        is_text = name is None and markup[start + 1 : start + 2] not in ("!", "?", "/")
        end = start if is_text else markup.find(">", start)
        if end < 0:
            break
        pieces.append(_unescaped(markup[at : start + is_text], newlines))
        at = end + 1
        tag = name[1].lower() if name else ""
        if tag in _DROPPED and markup[start + 1] != "/":
            closing = re.compile(f"</{tag}", re.IGNORECASE).search(markup, at)
            at = closing.start() if closing else len(markup)
        elif tag in _BLOCKS or tag == "br":
            pieces.append("\n" if tag == "br" else "\n\n")
    pieces.append(_unescaped(markup[at:], newlines))
    return "".join(pieces)


def _unescaped(text: str, newlines: bool) -> str:
    text = text if newlines else _SPACES.sub(" ", text)
    try:
        return html.unescape(text)
    except ValueError:  # Python reads no number of more than 4,300 digits, not even in an entity
        return text
