"""An operator says what a page is called and where it is."""

from __future__ import annotations

from datetime import datetime

from service import database
from service.errors import AfterwordError, Invalid
from service.pages import pages, store
from service.pages.pages import Place
from service.people import audit
from service.people.audit import Actor
from service.text import clean_line

#: as long as a comment may tell it
LONGEST_TITLE = 300


def describe(page_id: int, title: str | None, url: str | None, now: datetime, actor: Actor) -> Place:
    """Set a stored page's title and its address, each unless None, and return its place.

    The address must mean the same page; that of a page with an id of its owner's, any of its site. Raises NotFound,
    Invalid.
    """
    place = pages.get_place(page_id)
    values = ({} if title is None else {"title": _title(title)}) | ({} if url is None else {"url": _url(place, url)})
    with database.write() as connection:
        page = pages.take(connection, place, "", now)
        told = {name: [getattr(page, name), value] for name, value in values.items() if value != getattr(page, name)}
        if told:
            store.update_page(connection, page.id, values)
            pages.touch(connection, page, 0, page.last_number)
            audit.record(
                connection,
                actor,
                "page.describe",
                now,
                site_id=page.site_id,
                page_id=page.id,
                subject=page.url,
                details=told,
            )
        return pages.place_of(connection, page.id)


def _title(given: str) -> str:
    title = clean_line(given)
    if len(title) > LONGEST_TITLE:
        raise Invalid({"title": [f"A title may have {LONGEST_TITLE} characters."]})
    return title


def _url(place: Place, given: str) -> str:
    owner_key = place.key if place.key.startswith("#") else None
    try:
        meant = pages.locate_at_once(given, owner_key and owner_key[1:])
    except AfterwordError as error:  # no address, or one of no site
        raise Invalid({"url": [error.sentence()]}) from error
    if (meant.site.id, meant.key) != (place.site.id, place.key):
        said = "no address of its site" if owner_key else "the address of another page"
        raise Invalid({"url": [f"This is {said}."]})
    return meant.url
