"""The neutral record: what every foreign format is turned into, and all that the loader knows of it.

A reader of a format yields records in the order of its file, a page always before its own comments. A record states
what the file says; whether a parent exists, whether a text is too long or was imported before is the loader's to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

State: TypeAlias = Literal["published", "pending", "spam", "deleted"]


@dataclass(frozen=True)
class PageRecord:
    """A page of the foreign file. `source_id` is its name there, unique among the pages of one file."""

    source_id: str
    url: str
    title: str
    closed: bool


@dataclass(frozen=True)
class CommentRecord:
    """A comment of the foreign file.

    `source_id` is unique among all files of the format, and the same in every file that has the comment. `page` and
    `parent` are source ids, of a page and of a comment; a parent may stand later in the file, or nowhere.
    `created` is aware and in UTC. `name`, `email` and `website` are plain text and may be empty. `body` is Markdown.
    """

    source_id: str
    page: str
    parent: str | None
    created: datetime
    name: str
    email: str
    website: str
    body: str
    state: State


@dataclass(frozen=True)
class Skipped:
    """Something in the file that looks like a comment and is not imported; `reason` is a word or a few, to count by."""

    source_id: str
    reason: str


Record: TypeAlias = PageRecord | CommentRecord | Skipped
