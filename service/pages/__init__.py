"""Sites and their pages: which thread an address means."""

from service.pages.pages import (
    Page,
    Place,
    close,
    close_place,
    counts,
    listing,
    locate,
    locate_at_once,
    place_of,
    places_of,
    reopen,
    take,
    touch,
)
from service.pages.sites import Site, add, admits, change, get_site, knows_origin, origins_of, remove, sites, totals

__all__ = [
    "Page",
    "Place",
    "Site",
    "add",
    "admits",
    "change",
    "close",
    "close_place",
    "counts",
    "get_site",
    "knows_origin",
    "listing",
    "locate",
    "locate_at_once",
    "origins_of",
    "place_of",
    "places_of",
    "remove",
    "reopen",
    "sites",
    "take",
    "totals",
    "touch",
]
