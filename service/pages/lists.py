"""Lists of pages for operators, with what the clock says of each: no query can, so the state is told page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from urllib.parse import quote

from service import database
from service.pages import automatic, pages, sites, state, store
from service.pages.automatic import Automatic
from service.pages.pages import Page
from service.pages.sites import Site
from service.pages.state import Closing

#: pages read at once
_BATCH = 500
#: pages looked at for one part of a list: where few of a million are closed, the part is short and says where it ended
_MOST = 10_000
#: pages looked at to say what rules would do to them: about a second's work
MOST_PREVIEWED = 20_000


@dataclass(frozen=True)
class Listed:
    """A page in a list, with its site and whether it is closed."""

    page: Page
    site: Site
    closing: Closing


@dataclass(frozen=True)
class Part:
    """A part of a list, and where the next one begins, None at the end: it may be short, or empty, and not the last."""

    pages: list[Listed]
    next: int | None


@dataclass(frozen=True)
class Preview:
    """What other rules would do to a site's pages at once: how many were looked at, how many would close and open.

    `of` is how many pages there are; of more than somebody can wait for only the first are looked at.
    """

    pages: int
    closes: int
    opens: int
    of: int

    @property
    def looked_at(self) -> str:
        """What it speaks of, in words."""
        if self.pages < self.of:
            return f"the first {self.pages:,} of {self.of:,} pages"
        return f"{self.pages:,} page{'' if self.pages == 1 else 's'}"


def listing(site: Site) -> Iterator[Page]:
    """Yield a site's pages by key."""
    after = ""
    while True:
        with database.read() as connection:
            rows = store.pages_of(connection, site.id, after, _BATCH)
        yield from (pages.from_row(row) for row in rows)
        if len(rows) < _BATCH:
            return
        after = rows[-1].key


def listing_filtered(
    site_ids: Collection[int] | None, closed: bool | None, text: str, after: int | None, limit: int, now: datetime
) -> Part:
    """Return pages by site and key, at most `limit`: of these sites (None: all), closed or open at `now` (None: both).

    `text` stands somewhere in the address, the title or the owner's id. `after` is the `next` of an earlier part.
    """
    words = {text, quote(text, safe="/:?&=#%")} if text else set()  # an address has its letters escaped
    found: list[Listed] = []
    with database.read() as connection:
        known = {row.id: sites.from_row(row) for row in store.all_sites(connection)}
        at = None if after is None else store.page_by_id(connection, after)
        if after is not None and (at is None or (site_ids is not None and at.site_id not in site_ids)):
            return Part([], None)  # it went with its site, or is none of the asker's
        place = None if at is None else (at.site_id, at.key)
        for _ in range(_MOST // _BATCH):
            rows = store.some_pages(connection, site_ids, words, place, _BATCH)
            for row in rows:
                if len(found) == limit:
                    return Part(found, after)
                page, site = pages.from_row(row), known[row.site_id]
                closing = state.state_at(site, page, now)
                if closed is None or closing.closed == closed:
                    found.append(Listed(page, site, closing))
                after, place = page.id, (page.site_id, page.key)
            if len(rows) < _BATCH:
                return Part(found, None)
    return Part(found, after)


def preview_closing(site: Site, wanted: Automatic, now: datetime) -> Preview:
    """Return what it would do to a site's pages at `now` if these were its rules for closing by themselves."""
    then = replace(site, closing=automatic.dump(wanted))
    counted = closes = opens = 0
    for page in islice(listing(site), MOST_PREVIEWED):
        before, after = state.state_at(site, page, now).closed, state.state_at(then, page, now).closed
        counted, closes, opens = counted + 1, closes + (after and not before), opens + (before and not after)
    return Preview(counted, closes, opens, max(counted, sites.totals(site)[0]))
