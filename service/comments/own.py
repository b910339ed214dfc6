"""A reader's own comments: found by the reader key, within the time that the site gives.

Another reader's comment and one that does not exist are the same answer, to the word: nobody learns by asking that
something waits, was marked or was deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service import database, pages
from service.comments import store
from service.errors import NotFound, Refused
from service.pages import Place, Site
from service.people import readers


@dataclass(frozen=True)
class Own:
    """A comment of the reader who asks, and where it stands."""

    id: int
    place: Place
    reader_id: int
    row: database.AnyRow


def get_place(comment_id: int) -> Place:
    """Return the place of a comment, whoever asks, or raise NotFound."""
    with database.read() as connection:
        page_id = store.pages_of(connection, [comment_id]).get(comment_id)
        if page_id is None:
            raise NotFound(f"comment as {comment_id}")
        return pages.place_of(connection, page_id)


def get_place_seen(comment_id: int, key: str) -> Place:
    """Return the place of a comment that everybody sees, or that is the asker's own, or raise NotFound."""
    with database.read() as connection:
        row = store.find_comment(connection, comment_id)
        if row is None:
            raise NotFound(f"comment as {comment_id}")
        place = pages.place_of(connection, row.page_id)
        if row.state != "published":
            get_own(connection, place, comment_id, key)
        return place


def get_own(connection: Connection, place: Place, comment_id: int, key: str) -> Own:
    """Return a comment if it is its asker's, or raise NotFound."""
    reader_id = readers.find(connection, place.site.id, key)
    row = store.find_comment(connection, comment_id)
    if row is None or reader_id is None or row.reader_id != reader_id:
        raise NotFound(f"comment as {comment_id}")
    return Own(comment_id, place, reader_id, row)


def until(site: Site, created: datetime) -> datetime:
    """Return until when a comment can be edited and deleted by its author."""
    return created + timedelta(minutes=site.edit_minutes)


def refuse_late(own: Own, now: datetime) -> None:
    """Raise Refused when the time for changes is over."""
    if not own.place.site.edit_minutes or now > until(own.place.site, own.row.created):
        minutes = own.place.site.edit_minutes
        said = f"A comment can be changed for {minutes} minutes after it was sent." if minutes else ""
        raise Refused("too-late", said or "Comments cannot be changed here once they are sent.")
