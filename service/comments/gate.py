"""The one door to a write: transaction, page, closed?, version + 1, commit.

Every verb goes through `write()`, and so no verb can forget what holds for all of them. Rendering and judging happen
before it: under SQLite one slow text would otherwise stop every other writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from service import database, pages
from service.errors import PageClosed
from service.pages import Page, Place, Site
from service.policy import state_at


@dataclass
class Writing:
    """An open write to one page. A verb says here what readers will see of it; the gate writes that to the page."""

    connection: Connection
    page: Page
    now: datetime
    site: Site  # as it is now; to an operator as it was when the place was looked up
    visible: bool = False  # readers see a change: the version grows
    published: int = 0  # published comments more, or fewer
    numbers: int = 0  # top-level comments that were given a number
    came: list[datetime] = field(default_factory=list)  # when those were written that are published now
    went: list[datetime] = field(default_factory=list)  # and those that no longer are

    def next_number(self) -> int:
        """Return the next number for a top-level comment of this page."""
        self.numbers += 1
        return self.page.last_number + self.numbers


def refuse_closed(site: Site, page: Page | None, now: datetime) -> None:
    """Raise PageClosed if the page is closed. Outside the gate this saves work; inside, it decides."""
    closing = state_at(site, page, now)
    if closing.closed:
        raise PageClosed(closing.reason, closing.reopens)


@contextmanager
def write(
    place: Place, now: datetime, *, title: str = "", operator: bool = False, beside: bool | None = None
) -> Iterator[Writing]:
    """Yield an open write to the place's page, made if new; it commits as the block ends.

    What readers do to different pages may happen at the same time, see database.write(); `beside` says so where it is
    otherwise. Raises PageClosed on a closed page, except to an operator, who must be able to moderate there.
    """
    with database.write(beside=not operator if beside is None else beside) as connection:
        # The site as it is now, not as it was when the place was looked up: a freeze holds for everyone in the queue.
        # And before the page: whoever removes a site takes both in the same order.
        site = place.site if operator else pages.hold_site(connection, place.site.id)
        writing = _opened(connection, place, now, site, title)
        if not operator:
            refuse_closed(site, writing.page, now)
        yield writing
        _closed(writing)


@contextmanager
def write_several(places: Iterable[Place], now: datetime) -> Iterator[list[Writing]]:
    """Yield an operator's open writes to several pages; what is done to all of them is done at once, or not at all."""
    with database.write() as connection:
        # in one order for everybody, so that no two wait for each other
        ordered = sorted(places, key=lambda place: (place.site.id, place.key))
        writings = [_opened(connection, place, now, place.site) for place in ordered]
        yield writings
        for writing in writings:
            _closed(writing)


def _opened(connection: Connection, place: Place, now: datetime, site: Site, title: str = "") -> Writing:
    return Writing(connection, pages.take(connection, place, title, now), now, site)


def _closed(writing: Writing) -> None:
    page = writing.page
    if writing.visible:
        last_number = page.last_number + writing.numbers
        pages.touch(writing.connection, page, writing.published, last_number, writing.came, writing.went)
