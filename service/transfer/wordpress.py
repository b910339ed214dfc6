"""WordPress exports: WXR, the RSS dialect of Tools > Export, in its versions 1.0 to 1.2.

The format has no specification but WordPress's own `wp-admin/includes/export.php`. Comments lie in it as they lie in
WordPress's database: HTML in which a single newline is a line break, and names that are escaped already.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO

from markupsafe import Markup

from service.errors import Invalid
from service.text import markdown_from_html
from service.transfer.record import CommentRecord, PageRecord, Record, Skipped, State
from service.transfer.xml import events

_NAMESPACE = "{http://wordpress.org/export/"
_STATES: dict[str, State] = {
    "1": "published",
    "approve": "published",
    "approved": "published",
    "0": "pending",
    "hold": "pending",
    "spam": "spam",
    "trash": "deleted",
}
#: other types are no readers' words: pingbacks, trackbacks, notes of the editor, a shop's log of an order
_READERS = frozenset({"", "comment", "review"})
#: what anybody may read in WordPress; an attachment inherits, an imitation may say nothing
_PUBLIC = frozenset({"publish", "inherit", ""})
_PAGES = frozenset({"post", "page", ""})
#: what names the blog that the export is of, the better name first; every WordPress counts its comments from 1
_BLOG = ("wp:base_blog_url", "link")
#: WordPress writes all of these ahead of the item's comments
_HEAD = frozenset({"title", "link", "wp:post_id", "wp:post_date_gmt", "wp:comment_status", "wp:status", "wp:post_type"})


def read(stream: BinaryIO) -> Iterator[Record]:
    """Yield the pages and comments of a WordPress export, each page ahead of its comments, one comment in memory.

    Published posts and pages come even without comments, since they may be closed; other items only with comments.
    What is private, unpublished or under a password in WordPress stays so: its page comes without a title, its
    published comments as `pending`. Raises `Invalid` with the field `file` for what is no sound export of WordPress.
    """
    blog: dict[str, str] = {}
    item = _Item("")
    comment: dict[str, str] = {}
    is_export = False
    for kind, path, element in events(stream):
        match kind, *_names(path):
            case ["start", root] if root != "rss":
                raise Invalid({"file": [f"A WordPress export begins with <rss>, this file with <{root[:40]}>."]})
            case ["start", "rss", "channel", "item"]:
                item = _Item(_prefix(blog))
            case ["start", "rss", "channel", name]:
                is_export = is_export or name.startswith("wp:")
            case ["start", "rss", "channel", "item", "wp:comment"]:
                comment = {}
            case ["end", "rss", "channel", "item", "wp:comment", name] if name.startswith("wp:comment_"):
                comment[name.removeprefix("wp:comment_")] = (element.text or "").strip()
            case ["end", "rss", "channel", "item", "wp:comment"]:
                yield from item.take(comment)
            case ["end", "rss", "channel", "item", name]:
                item.learn(name, (element.text or "").strip())
            case ["end", "rss", "channel", "item"]:
                yield from item.finish()
            case ["end", "rss", "channel", name] if name in _BLOG:
                blog.setdefault(name, (element.text or "").strip())
            case ["end", "rss"] if not is_export:
                raise Invalid({"file": ["This is a feed and no export; WordPress makes one under Tools > Export."]})


@lru_cache(maxsize=1024)
def _names(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path with `wp:` in place of the namespace of whichever version."""
    return tuple(f"wp:{tag.rpartition('}')[2]}" if tag.startswith(_NAMESPACE) else tag for tag in path)


def _prefix(blog: dict[str, str]) -> str:
    """Return what makes a comment's id one of this blog: the same for every export of it, over http or https."""
    address = next((blog[name] for name in _BLOG if blog.get(name)), "")
    place = address.lower().rpartition("://")[2].removeprefix("www.").rstrip("/")
    return f"{hashlib.sha256(place.encode()).hexdigest()[:12]}:" if place else ""


class _Item:
    """One item of the channel while the file runs through it: a page, perhaps, and its comments.

    `prefix` stands before the ids of its comments.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._fields: dict[str, str] = {}
        self._early: list[dict[str, str]] = []
        self._told = False

    def learn(self, name: str, text: str) -> None:
        if name in _HEAD or name == "wp:post_password":
            self._fields[name] = text

    def take(self, comment: dict[str, str]) -> Iterator[Record]:
        # Programs that imitate WordPress leave fields out or write them last: then comments wait for the item's end.
        if self._fields.keys() >= _HEAD:
            yield from self._records(comment)
        else:
            self._early.append(comment)

    def finish(self) -> Iterator[Record]:
        for comment in self._early:
            yield from self._records(comment)
        if self._get("link") and self._is_public() and self._get("wp:post_type") in _PAGES:
            yield from self._page()

    def _get(self, name: str) -> str:
        return self._fields.get(name, "")

    def _is_public(self) -> bool:
        return self._get("wp:status") in _PUBLIC and not self._get("wp:post_password")

    def _source_id(self) -> str:
        return self._get("wp:post_id") or self._get("link")

    def _page(self) -> Iterator[PageRecord]:
        if not self._told:
            self._told = True
            # titles are HTML in WordPress: entities, now and then an <em>
            title = str(Markup(self._get("title")).striptags()) if self._is_public() else ""
            closed = self._get("wp:comment_status") == "closed"
            yield PageRecord(self._source_id(), self._get("link"), title, closed)

    def _records(self, comment: dict[str, str]) -> Iterator[Record]:
        record = self._comment(comment)
        if isinstance(record, CommentRecord):
            yield from self._page()
        yield record

    def _comment(self, fields: dict[str, str]) -> CommentRecord | Skipped:
        number, parent = fields.get("id", ""), fields.get("parent", "")
        source_id = self._prefix + number
        created = _time(fields.get("date_gmt")) or _time(fields.get("date")) or _time(self._get("wp:post_date_gmt"))
        if reason := self._unwanted(fields):
            return Skipped(source_id, reason)
        if created is None:
            return Skipped(source_id, "without a date")
        body = markdown_from_html(fields.get("content", ""), newlines=True)
        if not body.strip():
            return Skipped(source_id, "empty")
        state = _STATES.get(fields.get("approved", ""), "pending")
        return CommentRecord(
            source_id=source_id,
            page=self._source_id(),
            parent=self._prefix + parent if parent not in ("", "0", number) else None,
            created=created,
            name=html.unescape(fields.get("author", "")),
            email=fields.get("author_email", ""),
            website=_website(fields.get("author_url", "")),
            body=body,
            state="pending" if state == "published" and not self._is_public() else state,
        )

    def _unwanted(self, fields: dict[str, str]) -> str | None:
        kind = fields.get("type", "").lower()
        if kind not in _READERS:
            return kind[:40]
        if fields.get("approved") == "post-trashed":  # gone with its page, whose address is free for another
            return "in the bin with its page"
        if not fields.get("id"):  # without it a second import would double the comment
            return "without an id"
        return None if self._get("link") else "its page has no address"


def _time(text: str | None) -> datetime | None:
    """Return the moment in UTC, or None: pending and much-moved comments have `0000-00-00 00:00:00`."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _website(url: str) -> str:
    # not html.unescape: it would read a parameter `&copy=2` as a copyright sign
    url = url.replace("&#038;", "&").replace("&amp;", "&")
    return "" if url in ("http://", "https://") else url
