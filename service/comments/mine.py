"""What a reader has here: listed with the texts as typed, the votes, and forgotten when the reader says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service import database, pages
from service.comments import decision_store, gate, reader_store, store
from service.database import AnyRow
from service.pages import Place, Site
from service.people import readers

#: comments of one reader listed at once; more are asked for with `before`
LISTED = 200


@dataclass(frozen=True)
class Mine:
    """A reader's comments, newest first, votes by comment, and reports.

    `next` is the id to ask `before` for what was cut of the comments, None when that is all.
    """

    comments: Sequence[AnyRow]
    votes: dict[int, int]
    reports: Sequence[AnyRow]
    next: int | None


def mine(site: Site, key: str, page_id: int | None, before: int | None) -> Mine:
    """Return what the reader with this key has on a page (None: on the whole site), comments older than `before`."""
    with database.read() as connection:
        reader_id = readers.find(connection, site.id, key)
        if reader_id is None:
            return Mine([], {}, [], None)
        votes = reader_store.votes_of(connection, reader_id, page_id)
        reports = reader_store.reports_of(connection, reader_id, page_id)
        found = reader_store.comments_of(connection, reader_id, page_id, before, LISTED + 1)
    listed = found[:LISTED]
    return Mine(listed, votes, reports, listed[-1].id if len(found) > LISTED else None)


def forget(site: Site, key: str, now: datetime) -> int:
    """Erase a reader's comments, votes and reports at a site for good; returns how many comments there were.

    On closed pages too: to be forgotten is no contribution. Comments with replies keep their place, without a word of
    text or a name.
    """
    with database.read() as connection:
        reader_id = readers.find(connection, site.id, key)
    return forget_reader(reader_id, now) if reader_id is not None else 0


def forget_reader(reader_id: int, now: datetime) -> int:
    """Erase all that is a reader's, as forget() does."""
    erased = 0
    while not _remove(reader_id):
        erased += _erase_all(reader_id, now)
    database.empty_log()
    return erased


def _remove(reader_id: int) -> bool:
    # only when nothing is left: what is written while the rest is erased must not stay behind without its writer
    with database.write() as connection:
        readers.hold(connection, reader_id)
        if reader_store.pages_of_reader(connection, reader_id):
            return False
        decision_store.withdraw_reports(connection, reader_id)
        readers.remove(connection, reader_id)
    return True


def _erase_all(reader_id: int, now: datetime) -> int:
    with database.read() as connection:
        places = _places(reader_store.pages_of_reader(connection, reader_id))
    erased = 0
    for place in places:
        with gate.write(place, now, operator=True) as writing:
            for comment_id in reader_store.comments_on(writing.connection, reader_id, writing.page.id):
                store.set_state(writing, comment_id, "deleted", None)
                reader_store.erase_text(writing.connection, comment_id)
                erased += 1
            for _ in reader_store.withdraw_votes(writing.connection, reader_id, writing.page.id):
                writing.visible = True
    return erased


def _places(page_ids: Sequence[int]) -> list[Place]:
    with database.read() as connection:
        return [pages.place_of(connection, page_id) for page_id in page_ids]
