"""What of the sites is an operator's own: for the pages and for the API alike.

What belongs to a site that is not the asker's is answered like what does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service import database, pages
from service.errors import NotFound, UnknownSite
from service.pages import Place, Site, key
from service.people import audit
from service.people.operators import Principal

ACTS = ("close", "open", "hand-back")


def site_named(asker: Principal, name: str) -> Site:
    """Return the asker's site of that name, or raise NotFound."""
    site = pages.get_site(name)
    if not asker.may(site.id):
        raise NotFound(f"site as {name}")
    return site


def sites(asker: Principal) -> list[Site]:
    """Return the asker's sites by name."""
    return [site for site in pages.sites() if asker.may(site.id)]


def place_at(asker: Principal, url: str, page_id: str | None) -> Place:
    """Return the place that an address names on one of the asker's sites. Raises NotAPage, UnknownSite."""
    place = pages.locate_at_once(url, page_id)
    if not asker.may(place.site.id):
        raise UnknownSite(key.parse(url).origin)
    return place


def place_with(asker: Principal, page_id: int) -> Place:
    """Return the place of a stored page of the asker's sites, or raise NotFound."""
    place = pages.get_place(page_id)
    if not asker.may(place.site.id):
        raise NotFound(f"page as {page_id}")
    return place


def act_on(
    asker: Principal, act: str, page_ids: Sequence[int], reason: str | None, until: datetime | None, now: datetime
) -> tuple[str, list[Place]]:
    """Close pages, open them or hand them back, one of ACTS; returns the batch in the log, and the pages.

    Raises NotFound, with nothing done, when one of them is not the asker's, and Invalid.
    """
    ids = list(dict.fromkeys(page_ids))
    with database.read() as connection:
        places = pages.places_of(connection, ids)
    for each in ids:
        if each not in places or not asker.may(places[each].site.id):
            raise NotFound(f"page as {each}")
    batch = audit.new_batch()
    if act == "close":
        return batch, [pages.close_by_id(each, reason, until, now, asker.actor, batch) for each in ids]
    change = pages.reopen_by_id if act == "open" else pages.hand_back_by_id
    return batch, [change(each, now, asker.actor, batch) for each in ids]
