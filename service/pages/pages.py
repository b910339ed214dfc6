"""Pages: find, make, close, open. One comes into being at its first comment or when it is closed, never by a read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from service import database
from service.errors import Invalid, NotAPage, NotFound, UnknownSite
from service.pages import key, sites, store
from service.pages.key import Address
from service.pages.sites import Site
from service.text import clean_line

LONGEST_REASON = 300
#: pages read at once when all are listed
_BATCH = 500


@dataclass(frozen=True)
class Page:
    """A stored page; see models.Page."""

    id: int
    site_id: int
    key: str
    url: str
    title: str
    version: int
    count: int
    last_number: int
    closed_at: datetime | None
    closed_reason: str | None
    reopens: datetime | None


@dataclass(frozen=True)
class Place:
    """Where a thread is or would be: the site, the page key, the address to link to, and the page if there is one."""

    site: Site
    key: str
    url: str
    page: Page | None


def locate(connection: Connection, url: str, page_id: str | None = None) -> Place:
    """Return the place that an address, or the owner's own id on that address's site, means.

    Raises NotAPage for what is no page's address, UnknownSite when no site is served from its origin.
    """
    address, wanted, bare = _named(url, page_id)
    return _place(address, wanted, bare, store.place(connection, address.origin, wanted, bare))


def locate_at_once(url: str, page_id: str | None = None) -> Place:
    """Return the same as locate() by one look outside any transaction: where every read of a thread begins."""
    address, wanted, bare = _named(url, page_id)
    return _place(address, wanted, bare, store.place_at_once(address.origin, wanted, bare))


def _named(url: str, page_id: str | None) -> tuple[Address, str, str]:
    address = key.parse(url)
    if page_id is None:
        return address, address.key, address.bare_key
    named = key.owner_key(page_id)
    return address, named, named


def _place(address: Address, wanted: str, bare: str, row: Sequence[Any] | None) -> Place:
    if row is None:
        raise UnknownSite(address.origin)
    site = sites.from_row(row)
    columns = row[len(store.SITE) :]
    page = Page(*columns) if columns[0] is not None else None
    return Place(site, wanted if site.www == "keep" else bare, address.url, page)


def place_of(connection: Connection, page_id: int) -> Place:
    """Return the place of a stored page."""
    row = store.page_with_site(connection, page_id)
    site, page = sites.from_row(row), Page(*row[len(store.SITE) :])
    return Place(site, page.key, page.url, page)


def take(connection: Connection, place: Place, title: str, now: datetime) -> Page:
    """Return the place's page, made if new, held by this transaction until it ends.

    The first title that is told stays, whoever made the page: a form without JavaScript knows none.
    """
    row = store.locked_page(connection, place.site.id, place.key)
    if row is None:
        made = {"site_id": place.site.id, "key": place.key, "url": place.url, "title": title, "created": now}
        try:
            store.insert_page(connection, made)
        except IntegrityError as error:
            raise NotFound(f"site as {place.site.name}") from error  # removed since it was looked up
        row = store.locked_page(connection, place.site.id, place.key)
        assert row is not None, "the page was just made"
    page = from_row(row)
    if page.title or not title:
        return page
    store.update_page(connection, page.id, {"title": title})
    return touch(connection, replace(page, title=title), 0, page.last_number)


def touch(connection: Connection, page: Page, published: int, last_number: int) -> Page:
    """Count a change that readers see, and return the page as it then is."""
    store.touch_page(connection, page.id, published, last_number)
    return replace(page, version=page.version + 1, count=page.count + published, last_number=last_number)


def close(url: str, page_id: str | None, reason: str | None, reopens: datetime | None, now: datetime) -> Place:
    """Close a page now, until `reopens` if given. When this returns, no writer can add anything any more.

    A page without comments can be closed as well: it comes into being by it.
    """
    reason = clean_line(reason or "") or None
    if reason and len(reason) > LONGEST_REASON:
        raise Invalid({"reason": [f"The reason may have {LONGEST_REASON} characters."]})
    if reopens is not None and reopens <= now:
        raise Invalid({"until": ["The time of reopening must lie ahead."]})
    return _set(locate_at_once(url, page_id), {"closed_at": now, "closed_reason": reason, "reopens": reopens}, now, "")


def close_place(place: Place, now: datetime, title: str) -> Place:
    """Close a page that was closed where its comments come from; `title` is for one that is made by it."""
    return _set(place, {"closed_at": now, "closed_reason": None, "reopens": None}, now, title)


def reopen(url: str, page_id: str | None, now: datetime) -> Place:
    """Open a page again. Raises NotFound for one that is not there: it is open anyhow."""
    place = locate_at_once(url, page_id)
    if place.page is None:
        raise NotFound(f"page as {url}")
    return _set(place, {"closed_at": None, "closed_reason": None, "reopens": None}, now, "")


def _set(place: Place, values: dict[str, Any], now: datetime, title: str) -> Place:
    with database.write() as connection:
        page = take(connection, place, title, now)
        store.update_page(connection, page.id, values)
        touch(connection, page, 0, page.last_number)
        return place_of(connection, page.id)


def listing(site: Site) -> Iterator[Page]:
    """Yield a site's pages by key."""
    after = ""
    while True:
        with database.read() as connection:
            rows = store.pages_of(connection, site.id, after, _BATCH)
        yield from (from_row(row) for row in rows)
        if len(rows) < _BATCH:
            return
        after = rows[-1].key


def counts(connection: Connection, asked: Sequence[tuple[str, str | None]]) -> dict[str, int]:
    """Return how many published comments each address has; without those that are no page of a registered site.

    An address may come with the owner's own id of its page.
    """
    named = {}
    for url, page_id in asked:
        try:
            named[url] = _named(url, page_id or None)
        except NotAPage:
            continue  # one broken link on an index page must not cost all others their count
    origins = list({address.origin for address, _, _ in named.values()})
    known = {row.origin: row for row in store.sites_by_origin(connection, origins)}
    wanted = {
        url: (known[address.origin].id, whole if known[address.origin].www == "keep" else bare)
        for url, (address, whole, bare) in named.items()
        if address.origin in known
    }
    found = store.counts(connection, list(set(wanted.values())))
    return {url: found.get(pair, 0) for url, pair in wanted.items()}


def from_row(row: database.AnyRow) -> Page:
    """Return the page in a row of store.PAGE's columns."""
    return Page(*row)
