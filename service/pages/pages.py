"""Pages: find and make. One comes into being at its first comment or when it is closed, never by a read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from service import database
from service.errors import Conflict, NotFound, UnknownSite
from service.pages import key, sites, store
from service.pages.key import Address
from service.pages.sites import Site

#: ids that are named to whoever has to say which page is meant
_MOST_NAMED = 5


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
    opened: bool = False
    first_comment: datetime | None = None
    last_comment: datetime | None = None


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
    address, wanted, bare = named(url, page_id)
    return _place(address, wanted, bare, store.place(connection, address.origin, wanted, bare))


def locate_at_once(url: str, page_id: str | None = None, *, public: bool = False) -> Place:
    """Return the same as locate() by one look outside any transaction: where every read of a thread begins.

    What is only shown to everybody may be as old as a replica is: `public` says so.
    """
    address, wanted, bare = named(url, page_id)
    return _place(address, wanted, bare, store.place_at_once(address.origin, wanted, bare, public=public))


def locate_meant(url: str, page_id: str | None) -> Place:
    """Return the same as locate_at_once(), for whoever acts on a page by its address.

    Raises Conflict for an address alone where only pages with ids of their owner's are: one of them is meant, and what
    was done would be done to another page, which nobody sees.
    """
    place = locate_at_once(url, page_id)
    if place.page is not None or page_id is not None:
        return place
    with database.read() as connection:
        keys = store.owner_keys_at(connection, place.site.id, _spellings(place), _MOST_NAMED + 1)
    if keys:
        raise Conflict(_which(place.url, [each[1:] for each in keys]))
    return place


def _spellings(place: Place) -> set[str]:
    """Return the addresses that mean this one, as pages with ids have them: these are found by no key."""
    rest = place.url.partition("://")[2]
    path, mark, query = rest.partition("?")
    rests = {rest, f"{path.removesuffix('/') if path.endswith('/') else f'{path}/'}{mark}{query}"}
    if place.site.www == "drop":
        rests |= {key.other_www(each) for each in rests}
    return {f"{scheme}://{each}" for scheme in ("https", "http") for each in rests}


def _which(url: str, ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return f"The page at {url} has the id {ids[0]}: name it with the address (--id {ids[0]} at the command line)."
    told = ", ".join(ids[:_MOST_NAMED]) + (" and more" if len(ids) > _MOST_NAMED else "")
    return f"There are pages with ids at {url}: {told}. Name one with the address (--id at the command line)."


def named(url: str, page_id: str | None) -> tuple[Address, str, str]:
    """Return an address, and the page key that it means on a site that tells www apart, and on one that does not."""
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


def places_of(connection: Connection, page_ids: Collection[int]) -> dict[int, Place]:
    """Return the places of those of the stored pages that there are, by their ids."""
    found = {}
    for row in store.pages_with_sites(connection, page_ids):
        site, page = sites.from_row(row), Page(*row[len(store.SITE) :])
        found[page.id] = Place(site, page.key, page.url, page)
    return found


def get_place(page_id: int) -> Place:
    """Return the place of the page with that id, or raise NotFound."""
    with database.read() as connection:
        if store.page_by_id(connection, page_id) is None:
            raise NotFound(f"page as {page_id}")
        return place_of(connection, page_id)


def take(connection: Connection, place: Place, title: str, now: datetime) -> Page:
    """Return the place's page, made if new, held by this transaction until it ends.

    One without a title is given this one. A reader's comment gives none here, see introduce().
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


def introduce(connection: Connection, page: Page, place: Place, title: str) -> Page:
    """Let a comment that everybody will see tell the page's title, where it has none yet, and return the page.

    The first title stays: a form without JavaScript knows none. Before anything of the page was ever seen, the comment
    also tells its address: what was held or hidden, under an id of the owner's, may have named any.
    """
    values: dict[str, Any] = {"title": title} if title and not page.title else {}
    if not page.version and page.url != place.url:
        values["url"] = place.url
    if values:
        store.update_page(connection, page.id, values)
    return replace(page, **values)


def touch(
    connection: Connection,
    page: Page,
    published: int,
    last_number: int,
    came: Collection[datetime] = (),
    went: Collection[datetime] = (),
) -> Page:
    """Count a change that readers see, and return the page as it then is.

    `came` and `went` tell when the comments were written that are published now, or no longer are: the page's first and
    last comment are always those that show.
    """
    stored = (page.first_comment, page.last_comment)
    dates = [*came, *(date for date in stored if date is not None)]
    first, last = (min(dates), max(dates)) if dates else (None, None)
    if any(date in (first, last) for date in went):
        first, last = store.published_span(connection, page.id)
    values: dict[str, Any] = {"last_number": last_number}
    if (first, last) != stored:
        values |= {"first_comment": first, "last_comment": last}
    store.touch_page(connection, page.id, published, values)
    return replace(page, version=page.version + 1, count=page.count + published, **values)


def from_row(row: database.AnyRow) -> Page:
    """Return the page in a row of store.PAGE's columns."""
    return Page(*row)
