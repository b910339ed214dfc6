"""How many published comments many pages have: for the links of an index page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from service.errors import NotAPage
from service.pages import pages, store
from service.pages.fresh_store import Fresh


@dataclass(frozen=True)
class Meant:
    """Which pages addresses mean: site id and page key of each, and the version of each site that this hangs on.

    `complete` says that it holds as long as those sites stay as they are; an address of no registered site may be one
    of a site tomorrow.
    """

    pages: dict[str, tuple[int, str]]
    sites: tuple[tuple[int, int], ...]
    complete: bool

    @cached_property
    def wanted(self) -> list[tuple[int, str]]:
        """Each of the pages once."""
        return sorted(set(self.pages.values()))


def meant(connection: Connection, asked: Sequence[tuple[str, str | None]]) -> Meant:
    """Return which pages are asked for; without addresses that are no page of a registered site.

    An address may come with the owner's own id of its page.
    """
    named = {}
    for url, page_id in asked:
        try:
            named[url] = pages.named(url, page_id or None)
        except NotAPage:
            continue  # one broken link on an index page must not cost all others their count
    origins = list({address.origin for address, _, _ in named.values()})
    known = {row.origin: row for row in store.sites_by_origin(connection, origins)}
    found = {
        url: (known[address.origin].id, whole if known[address.origin].www == "keep" else bare)
        for url, (address, whole, bare) in named.items()
        if address.origin in known
    }
    sites = tuple(sorted({(row.id, row.version) for row in known.values()}))
    return Meant(found, sites, len(known) == len(origins))


def counts(connection: Connection, asked: Meant) -> dict[str, int]:
    """Return how many published comments each address has."""
    found = store.counts(connection, asked.wanted)
    return {url: found.get(pair, 0) for url, pair in asked.pages.items()}


def counts_again(fresh: Fresh, asked: Meant) -> dict[str, int] | None:
    """Return the same by a fresh look, None where a site has changed since: what addresses mean may have, too.

    Raises what the driver raises when the look cannot be had at once.
    """
    versions, found = fresh.counts([site_id for site_id, _ in asked.sites], asked.wanted)
    if any(versions.get(site_id) != version for site_id, version in asked.sites):
        return None
    return {url: found.get(pair, 0) for url, pair in asked.pages.items()}
