"""An operator decides on comments: publish, mark as spam, delete. Possible on a closed page too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service import database, pages
from service.comments import gate, store
from service.comments.gate import Writing
from service.errors import Conflict, NotFound
from service.pages import Site

#: comments listed at once
LISTED = 50


@dataclass(frozen=True)
class Listed:
    """A comment in an operator's list."""

    id: int
    page: str
    state: str
    rule: str | None
    name: str
    created: datetime
    body: str


def moderate(comment_ids: Sequence[int], state: str, now: datetime) -> list[int]:
    """Give comments the state published, spam or deleted; returns the ids of those that had another before.

    Raises, with nothing done, NotFound when one of them does not exist, Conflict when one that shall be published was
    deleted by its author, or has no text left.
    """
    with database.read() as connection:
        page_of = store.pages_of(connection, comment_ids)
        missing = [comment_id for comment_id in comment_ids if comment_id not in page_of]
        if missing:
            raise NotFound(f"comment as {missing[0]}")
        places = [pages.place_of(connection, page_id) for page_id in set(page_of.values())]
    changed = []
    with gate.write_several(places, now) as writings:
        for writing in writings:
            ids = [comment_id for comment_id in comment_ids if page_of[comment_id] == writing.page.id]
            if state == "published":
                _refuse_withdrawn(writing, ids)
            for comment_id in ids:
                if store.set_state(writing, comment_id, state, None):
                    changed.append(comment_id)
                store.end_undo(writing.connection, comment_id)
    return changed


def _refuse_withdrawn(writing: Writing, comment_ids: Sequence[int]) -> None:
    # within the lock: an author may take a comment back at the moment that it is approved
    for row in store.withdrawn(writing.connection, comment_ids):
        if row.body:
            raise Conflict(f"Comment {row.id} was deleted by its author and is not published against their will.")
        raise Conflict(f"Comment {row.id} was erased; there is nothing left to publish.")


def listing(site: Site | None, state: str | None, limit: int = LISTED) -> list[Listed]:
    """Return comments for an operator to look through, newest first."""
    with database.read() as connection:
        return [Listed(*row) for row in store.listed(connection, site.id if site else None, state, limit)]


def get_comment(comment_id: int) -> dict[str, Any]:
    """Return everything stored of a comment, or raise NotFound."""
    with database.read() as connection:
        row = store.find_comment(connection, comment_id)
    if row is None:
        raise NotFound(f"comment as {comment_id}")
    return dict(row._mapping)
