"""Rendering: a comment's body becomes safe HTML, once, when it is written.

Markdown, then bleach, then nh3, in this order and nothing after. The limits stand between the stages, where they are
cheap: everything that is refused is refused before a sanitiser has to walk it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from markdown_it.token import Token

from service.errors import Invalid
from service.text import clean, markdown
from service.text.links import safe_url
from service.text.plain import visible
from service.text.readable import Blocks

#: The version of the whole pipeline, stored with each comment: what carries an older number is rendered anew.
PIPELINE: int = 1

MAX_OUTPUT = 200_000
MAX_LINKS = 50
# bleach costs about 0.1 ms a tag: this many keep the slowest comment below half a second. A page of ordinary prose
# with a list and some emphasis has 100.
MAX_TAGS = 2_000


@dataclass(frozen=True)
class Rendered:
    """What a body became.

    `html` is safe in element content. `text` is the same to read without any markup, for mails, excerpts and rules:
    addresses in full, list items marked, quotations with ``>``. `links` is how many links a reader can follow, and
    `addresses` where they lead.
    """

    html: str
    text: str
    links: int
    addresses: tuple[str, ...] = ()


def to_html(body: str) -> Rendered:
    """Render the body of a comment, which `plain.clean_body` has brought into its normal shape.

    :raises Invalid: where nothing would be seen, or where links, markup, nesting or output exceed what a comment is.
    """
    tokens = markdown.parse(body)
    # a quotation or list at the parser's last level has lost what is inside it: refuse rather than swallow words
    if any(t.nesting == 1 and t.level >= markdown.MAX_NESTING - 1 and t.type != "paragraph_open" for t in tokens):
        raise _refusal(f"Quotations and lists can be nested {markdown.MAX_NESTING // 2} deep at most.")
    flat = [t for token in tokens for t in (token, *(token.children or ())) if not t.hidden]
    if not any(visible(t.content) for t in flat if t.type in ("text", "code_inline", "fence")):
        raise _refusal("Please write something: nothing of this would be seen.")
    addresses = tuple(str(t.attrs["href"]) for t in flat if t.type == "link_open")
    links = len(addresses)
    if links > MAX_LINKS:
        raise _refusal(f"A comment can hold {MAX_LINKS} links at most; this one has {links}.")
    if sum(bool(t.tag) and t.nesting >= 0 for t in flat) > MAX_TAGS:
        raise _refusal("There is too much formatting in this comment. Please use less of it.")
    markup = markdown.to_markup(tokens).rstrip("\n")
    if len(markup.encode()) > MAX_OUTPUT:
        raise _refusal("With its formatting this comment becomes too long. Please shorten it.")
    return Rendered(html=clean.sanitize(markup), text=_text(tokens), links=links, addresses=addresses)


def _refusal(sentence: str) -> Invalid:
    return Invalid({"body": [sentence]})


def _text(tokens: Sequence[Token]) -> str:
    """Return the plain text of block tokens, read off the tokens: no second parser, no stripping of tags."""
    blocks = Blocks()
    for token in tokens:
        if token.type == "inline":
            blocks.add(_inline_text(token.children or []))
        elif token.type == "fence":
            blocks.add(token.content.rstrip("\n"))
        elif token.tag in ("ul", "ol", "li", "blockquote") and token.nesting > 0:
            blocks.open(token.tag, int(token.attrs.get("start", 1)))
        elif token.tag in ("ul", "ol", "li", "blockquote"):
            blocks.close(token.tag)
    return blocks.text()


def _inline_text(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    address: str | None = None
    for token in tokens:
        if token.type == "link_open" and token.markup == "autolink":
            address = str(token.attrs["href"]).removeprefix("mailto:")
            parts.append(address)
        elif token.type == "link_close":
            address = None
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif address is None:
            parts.append(token.content)
    return "".join(parts)


# What the self-test sends through: each is live markup, or a link that must not become one.
_CANARIES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<p onclick="alert(1)" style="color:red" id="x">text</p>',
    '<a href="javascript:1">text</a>',
    '<a href="java&#10;script&colon;alert(1)">text</a>',
    '<svg><style><img src="</style><img src=x onerror=alert(1)>">',
    '<a href="https://example.org/" onmouseover="alert(1)" name="x">text</a>',
    "[text](javascript:123)",
    "[text](data:text/html,x)",
    "![text](https://example.org/x.png)",
    "<javascript:alert(1)>",
)
_BOLD = "**bold** [link](https://example.org/)"
_BOLD_MARKUP = "<strong>bold</strong>"


def self_test() -> None:
    """Send hostile vectors through every stage, each on its own, and through all of them.

    A stage that was switched off by a wrong argument or a changed library shows here, even while another stage still
    stops everything: the service must not serve on one leg.

    :raises RuntimeError: where active markup survives, or a bold word does not.
    """
    stages: dict[str, Callable[[str], str]] = {
        "markdown": lambda canary: markdown.to_markup(markdown.parse(canary)),
        **clean.passes(),
        "sanitize": clean.sanitize,
        "render": lambda canary: to_html(canary).html,
    }
    for stage, run in stages.items():
        for canary in _CANARIES:
            if found := _Alarm.found_in(run(canary)):
                raise RuntimeError(f"The stage {stage} lets active markup through: {found} of {canary!r}.")
    bold = to_html(_BOLD)
    if _BOLD_MARKUP not in bold.html or bold.links != 1 or clean.sanitize(_BOLD_MARKUP) != _BOLD_MARKUP:
        raise RuntimeError(f"The renderer loses what it should keep: {_BOLD!r} became {bold.html!r}.")


class _Alarm(HTMLParser):
    """Lists the tags and attributes in a piece of HTML that our own could not have."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def found_in(cls, markup: str) -> list[str]:
        alarm = cls()
        alarm.feed(markup)
        alarm.close()
        return alarm.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in clean.TAGS:
            self.found.append(tag)
        for name, value in attrs:
            unsafe = name == "href" and safe_url(value or "", mail=True) is None
            if unsafe or name not in clean.ATTRIBUTES.get(tag, ()):
                self.found.append(f"{tag}[{name}]")
