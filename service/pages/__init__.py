"""Sites and their pages: which thread an address means, and whether it is closed."""

from service.pages.automatic import Automatic, AutomaticSchema
from service.pages.automatic import load as load_closing
from service.pages.automatic import read as read_closing
from service.pages.closing import (
    close,
    close_by_id,
    close_place,
    freeze,
    hand_back,
    hand_back_by_id,
    reopen,
    reopen_by_id,
    set_closing,
    thaw,
)
from service.pages.lists import Listed, Part, Preview, listing, listing_filtered, preview_closing
from service.pages.pages import Page, Place, counts, get_place, locate, locate_at_once, place_of, places_of, take, touch
from service.pages.sites import (
    Site,
    add,
    admits,
    change,
    get_site,
    hold_site,
    knows_origin,
    origins_of,
    remove,
    sites,
    totals,
)
from service.pages.state import closed_by_hand, is_frozen

__all__ = [
    "Automatic",
    "AutomaticSchema",
    "Listed",
    "Page",
    "Part",
    "Place",
    "Preview",
    "Site",
    "add",
    "admits",
    "change",
    "close",
    "close_by_id",
    "close_place",
    "closed_by_hand",
    "counts",
    "freeze",
    "get_place",
    "get_site",
    "hand_back",
    "hand_back_by_id",
    "hold_site",
    "is_frozen",
    "knows_origin",
    "listing",
    "listing_filtered",
    "load_closing",
    "locate",
    "locate_at_once",
    "origins_of",
    "place_of",
    "places_of",
    "preview_closing",
    "read_closing",
    "remove",
    "reopen",
    "reopen_by_id",
    "set_closing",
    "sites",
    "take",
    "thaw",
    "totals",
    "touch",
]
