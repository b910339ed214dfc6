"""Markdown: the subset that readers type, as tokens and as raw HTML that is not yet sanitised.

Paragraphs whose line ends count, emphasis, strong, strikethrough, code, fenced blocks, quotations, lists, links and
bare web addresses. No headings, rules, tables, images, indented code or HTML: what would make one stays text. No
reference definitions either, because one of them can blow 10 kB up to 4 MB.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from service.text.links import find_address, safe_url, short
from service.text.plain import LANGUAGE, clean_line, tidy, visible

# Blocks deeper than this are refused by `render`: the parser would drop them without a word.
MAX_NESTING = 20
# The parser does not bound emphasis inside emphasis, and bleach is quadratic in its depth: 2,500 levels take seconds.
MAX_EMPHASIS = 6

_OFF = ("code", "heading", "lheading", "html_block", "html_inline", "reference", "image")
_EMPHASIS = {"em_open": 1, "strong_open": 1, "s_open": 1, "em_close": -1, "strong_close": -1, "s_close": -1}


def parse(body: str) -> list[Token]:
    """Return the tokens of a comment's body."""
    return _own.parser.parse(body)


def to_markup(tokens: Sequence[Token]) -> str:
    """Return the HTML of `tokens`, not yet sanitised."""
    markup: str = _own.parser.renderer.render(tokens, _own.parser.options, {})
    return markup


class _Parser(MarkdownIt):
    """The parser, with our own judge of addresses: what it refuses stays text, for everybody to see."""

    def normalizeLink(self, url: str) -> str:
        return safe_url(url, mail=True) or ""

    def validateLink(self, url: str) -> bool:
        return bool(url)

    def normalizeLinkText(self, link: str) -> str:
        return link


def _bare_link(state: StateInline, silent: bool) -> bool:
    """Make a link of a web address that stands in the text as it is.

    An inline rule, so that underscores and asterisks of an address are never taken for emphasis. What looks like an
    address is consumed even where it is refused: each character is looked at once, and the whole stays linear.
    """
    if not state.src.startswith("://", state.pos):
        return False
    found = find_address(state.src, state.pos, state.posMax)
    if found is None:
        return False
    start, end = found
    scheme = state.src[start : state.pos]
    if not silent:
        url = safe_url(state.src[start:end])
        if url is None or state.linkLevel or not state.pending.endswith(scheme):
            state.append_pending(state.src[state.pos : end])
        else:
            state.pending = state.pending.removesuffix(scheme)
            opening = state.push("link_open", "a", 1)
            opening.attrs = {"href": url}
            opening.markup = "autolink"
            state.push("text", "", 0).content = url
            state.push("link_close", "a", -1).markup = "autolink"
    state.pos = end
    return True


def _divider(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Keep a line of three or more ``*``, ``-`` or ``_`` as text of its own; ``* * *`` would become three lists."""
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    signs = "".join(line.split())
    if state.is_code_block(start) or len(signs) < 3 or signs[0] not in "*-_" or signs.strip(signs[0]):
        return False
    if silent:
        return True
    state.line = start + 1
    state.push("paragraph_open", "p", 1).map = [start, state.line]
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = line.strip(), [], [start, state.line]
    state.push("paragraph_close", "p", -1)
    return True


def _finish(state: StateCore) -> None:
    """Bring the inline tokens of every block into the shape that readers shall see."""
    for block in state.tokens:
        if block.type == "inline" and block.children:
            if "&" in block.content:
                _tidy_entities(block.children)
            _limit_emphasis(block.children)
            block.children = _finish_links(block.children)


def _tidy_entities(tokens: list[Token]) -> None:
    """Take out what `plain` took out of the body and an entity such as ``&#x202e;`` brought back."""
    for token in tokens:
        if token.type == "text":
            token.content = tidy(token.content)


def _limit_emphasis(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        step = _EMPHASIS.get(token.type, 0)
        depth += max(step, 0)
        token.hidden = token.hidden or (step != 0 and depth > MAX_EMPHASIS)
        depth += min(step, 0)


def _finish_links(tokens: list[Token]) -> list[Token]:
    """Show addresses short, give every link something to click on, and undo links that lead nowhere."""
    finished: list[Token] = []
    opening: Token | None = None
    label: list[Token] = []
    for token in tokens:
        if token.type == "link_open":
            opening, label = token, []
            _finish_opening(opening)
            finished.append(opening)
        elif opening is None:
            finished.append(token)
        elif token.type == "link_close":
            token.hidden = opening.hidden
            finished += [*_finish_label(opening, label), token]
            opening = None
        else:
            label.append(token)
    return finished


def _finish_opening(token: Token) -> None:
    href = str(token.attrs.get("href", ""))
    token.hidden = not href  # `[text]()` is a link to CommonMark
    title = clean_line(str(token.attrs.pop("title", "")))
    if token.markup == "autolink" and not href.startswith("mailto:"):
        title = href  # what is shown is shortened: the whole address is one pointer movement away
    if title:
        token.attrs["title"] = title


def _finish_label(opening: Token, label: list[Token]) -> list[Token]:
    """Return what a link shows: what was typed, or where it leads if that is nothing, or another address."""
    if opening.hidden:
        return label
    href = str(opening.attrs["href"])
    typed = "".join(token.content for token in label if token.type in ("text", "code_inline"))
    claimed = safe_url(typed)
    deceives = claimed is not None and urlsplit(claimed).netloc != urlsplit(href).netloc
    if opening.markup == "autolink" or deceives or not visible(typed):
        return [_text(short(href))]
    return label


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _fence(renderer: Any, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """Render a code block; of what stands behind the fence only the name of a language is kept."""
    language = (tokens[at].info.lower().split() or [""])[0]
    named = f' class="language-{language}"' if LANGUAGE.fullmatch(language) else ""
    return f"<pre><code{named}>{escapeHtml(tokens[at].content)}</code></pre>\n"


def _build() -> MarkdownIt:
    parser = _Parser(
        "commonmark", {"html": False, "breaks": True, "xhtmlOut": False, "linkify": False, "maxNesting": MAX_NESTING}
    )
    parser.enable("strikethrough").disable(_OFF)
    parser.block.ruler.at("hr", _divider, {"alt": ["paragraph", "blockquote", "list"]})
    parser.inline.ruler.after("text", "bare_link", _bare_link)
    parser.core.ruler.push("finish", _finish)
    parser.add_render_rule("fence", _fence)
    return parser


class _PerThread(threading.local):
    """One parser a thread: its table of rules is compiled on first use, first emptied and then filled.

    A second thread that comes in between works with half of the rules: eight threads on a fresh parser left
    ``**bold**`` as it was in 6 of 200 rounds. Building one takes 0.3 ms.
    """

    def __init__(self) -> None:
        self.parser = _build()


_own = _PerThread()
