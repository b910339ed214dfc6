"""Comments without any markup: addresses in full, list items marked, quotations with ``>``.

For everything that takes plain text: rules, mails, excerpts, data for search engines. It is put together from the tree
of blocks, which a new comment has as tokens and a stored one as our own HTML; tags are never cut out of a string.
"""

from __future__ import annotations

from html.parser import HTMLParser

from service.text.links import short

_LISTS = ("ul", "ol")
_BLOCKS = frozenset({"p", "pre", "blockquote", "li", *_LISTS})


class Blocks:
    """Puts blocks together as they come: text, and the lists, items and quotations that open and close around it."""

    def __init__(self) -> None:
        self._frames: list[list[str]] = [[]]  # finished blocks, a list for every container that is open
        self._numbers: list[int | None] = []  # of every open list the number of its next item; None without numbers

    def add(self, text: str) -> None:
        """Add a finished block."""
        self._frames[-1].append(text)

    def open(self, tag: str, start: int = 1) -> None:
        """Open a quotation, a list (`ol` counts from `start`) or an item of one."""
        self._frames.append([])
        if tag in _LISTS:
            self._numbers.append(start if tag == "ol" else None)

    def close(self, tag: str) -> None:
        """Close what was opened last."""
        inside = self._frames.pop()
        if tag == "blockquote":
            self.add("\n".join(f"> {line}".rstrip() for line in "\n\n".join(inside).split("\n")))
        elif tag == "li":
            number = self._numbers[-1]
            sign = "- " if number is None else f"{number}. "
            self._numbers[-1] = None if number is None else number + 1
            self.add((sign + "\n".join(inside).replace("\n", "\n" + " " * len(sign))).rstrip())
        else:
            self._numbers.pop()
            self.add("\n".join(inside))

    def text(self) -> str:
        """Return everything, blocks apart by an empty line."""
        return "\n\n".join(self._frames[0])


def to_text(rendered: str) -> str:
    """Return the plain text of a comment's HTML as `to_html` made it: what `Rendered.text` was then."""
    reader = _Reader()
    reader.feed(rendered)
    reader.close()
    reader.end_text()
    return reader.blocks.text()


def linked(rendered: str) -> tuple[str, ...]:
    """Return where the links of a comment's HTML lead, as `to_html` made it."""
    reader = _Reader()
    reader.feed(rendered)
    reader.close()
    return tuple(reader.addresses)


class _Reader(HTMLParser):
    """Reads our own HTML, which is well-formed and knows few tags: every parser sees the same tree in it."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = Blocks()
        self.addresses: list[str] = []
        self._line: list[str] = []  # the text that is being read
        self._code = False  # inside a block of code every space counts
        self._link: tuple[str, int] | None = None  # an address that may be shown short, and where its text begins

    def end_text(self) -> None:
        """Finish the text that was being read."""
        text = "".join(self._line)
        text = text.rstrip("\n") if self._code else text.strip()
        if text:
            self.blocks.add(text)
        self._line = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens."""
        if tag in _BLOCKS:
            self.end_text()
            self._code = tag == "pre"
            if tag not in ("p", "pre"):
                self.blocks.open(tag, int(dict(attrs).get("start") or 1))
        elif tag == "br":
            self._line.append("\n")
        elif tag == "a":
            given = dict(attrs)
            address = given.get("href") or ""
            self.addresses += [address] if address else []
            typed_bare = address.startswith("mailto:") or given.get("title") == address
            self._link = (address, len(self._line)) if typed_bare else None

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes."""
        if tag in _BLOCKS:
            self.end_text()
            self._code = False
            if tag not in ("p", "pre"):
                self.blocks.close(tag)
        elif tag == "a" and self._link is not None:
            address, start = self._link
            if "".join(self._line[start:]) == short(address):
                self._line[start:] = [address.removeprefix("mailto:")]
            self._link = None

    def handle_data(self, data: str) -> None:
        """Take text; a line's end in the source behind a `br` is no second one."""
        after_break = not self._code and self._line and self._line[-1] == "\n"
        self._line.append(data.removeprefix("\n") if after_break else data)
