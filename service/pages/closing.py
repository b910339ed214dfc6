"""Closing and opening: a page by hand, a whole site, and the rules by which pages close by themselves.

When one of these returns, it holds for every writer; and it stands in the audit log. What is done by hand stays until
it is handed back, or until the time that was given with it is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from service import database
from service.errors import Invalid, NotFound
from service.pages import automatic, pages, seen, sites, store
from service.pages.automatic import LONGEST_REASON
from service.pages.pages import Place
from service.pages.sites import Site
from service.people import audit
from service.people.audit import Actor
from service.text import clean_line

#: how far ahead a time of reopening may lie: clocks of all zones can show it, and what is reckoned from it
LONGEST = timedelta(days=36_500)
_NOT_CLOSED = {"closed_at": None, "closed_reason": None, "reopens": None}


def close(
    url: str, page_id: str | None, reason: str | None, reopens: datetime | None, now: datetime, actor: Actor
) -> Place:
    """Close a page now, until `reopens` if given. When this returns, no writer can add anything any more.

    A page without comments can be closed as well: it comes into being by it. Raises Invalid, and Conflict where the
    address alone does not say which page is meant; so do reopen() and hand_back().
    """
    values = _closed(reason, reopens, now)
    return _set(pages.locate_meant(url, page_id), values, now, actor, "page.close")


def close_by_id(
    page_id: int, reason: str | None, reopens: datetime | None, now: datetime, actor: Actor, batch: str | None = None
) -> Place:
    """Close the page with that id, as close() does. Raises NotFound, Invalid."""
    values = _closed(reason, reopens, now)
    return _set(pages.get_place(page_id), values, now, actor, "page.close", batch=batch)


def close_place(place: Place, now: datetime, title: str, actor: Actor) -> Place:
    """Close a page that was closed where its comments come from; `title` is for one that is made by it."""
    return _set(place, _closed(None, None, now), now, actor, "page.close", title=title)


def reopen(url: str, page_id: str | None, now: datetime, actor: Actor) -> Place:
    """Open a page, whatever the site's automatic rules say; only a freeze of the site is stronger.

    Raises NotFound for one that is not there, where no rule could ever close it: it is open anyhow.
    """
    place = pages.locate_meant(url, page_id)
    if place.page is None and automatic.read(place.site.closing).is_off:
        raise NotFound(f"page as {url}")
    return _set(place, _NOT_CLOSED | {"opened": True}, now, actor, "page.open")


def reopen_by_id(page_id: int, now: datetime, actor: Actor, batch: str | None = None) -> Place:
    """Open the page with that id, as reopen() does. Raises NotFound."""
    return _set(pages.get_place(page_id), _NOT_CLOSED | {"opened": True}, now, actor, "page.open", batch=batch)


def hand_back(url: str, page_id: str | None, now: datetime, actor: Actor) -> Place:
    """Hand a page back to the site's automatic rules: as if it had never been closed or opened by hand."""
    place = pages.locate_meant(url, page_id)
    if place.page is None:
        return place  # nobody ever took it from them
    return _set(place, _NOT_CLOSED | {"opened": False}, now, actor, "page.hand-back")


def hand_back_by_id(page_id: int, now: datetime, actor: Actor, batch: str | None = None) -> Place:
    """Hand back the page with that id, as hand_back() does. Raises NotFound."""
    return _set(pages.get_place(page_id), _NOT_CLOSED | {"opened": False}, now, actor, "page.hand-back", batch=batch)


def freeze(site_name: str, reason: str | None, reopens: datetime | None, now: datetime, actor: Actor) -> Site:
    """Close all pages of a site now, until `reopens` if given; those too that were opened by hand, or are yet to come.

    What was set for single pages stays, and holds again after it. Raises NotFound, Invalid.
    """
    values = _until(reason, reopens, now)
    return _set_site(site_name, values, now, actor, "site.freeze", reason=values["closed_reason"], until=reopens)


def thaw(site_name: str, now: datetime, actor: Actor) -> Site:
    """End a site's freeze. Raises NotFound."""
    return _set_site(site_name, _NOT_CLOSED, now, actor, "site.thaw")


def set_closing(
    site_name: str, values: Mapping[str, Any], actor: Actor, now: datetime, seen_then: str | None = None
) -> Site:
    """Give a site exactly these rules for closing by itself, as AutomaticSchema describes them; none for {}.

    `seen_then` is automatic.seen_of() the rules that were looked at before. Raises NotFound, Invalid, Overtaken.
    """
    wanted = automatic.load(values)
    text = automatic.dump(wanted)
    told = wanted.values()
    return _set_site(site_name, {"closing": text}, now, actor, "site.closing", seen_then=seen_then, rules=told)


def _closed(reason: str | None, reopens: datetime | None, now: datetime) -> dict[str, Any]:
    return _until(reason, reopens, now) | {"opened": False}


def _until(reason: str | None, reopens: datetime | None, now: datetime) -> dict[str, Any]:
    reason = clean_line(reason or "") or None
    if reason and len(reason) > LONGEST_REASON:
        raise Invalid({"reason": [f"The reason may have {LONGEST_REASON} characters."]})
    if reopens is not None and reopens <= now:
        raise Invalid({"until": ["The time of reopening must lie ahead."]})
    if reopens is not None and reopens > now + LONGEST:
        raise Invalid({"until": ["The time of reopening is too far ahead; without one it stays closed for good."]})
    return {"closed_at": now, "closed_reason": reason, "reopens": reopens}


def _set(
    place: Place,
    values: dict[str, Any],
    now: datetime,
    actor: Actor,
    verb: str,
    *,
    title: str = "",
    batch: str | None = None,
) -> Place:
    with database.write() as connection:
        page = pages.take(connection, place, title, now)
        store.update_page(connection, page.id, values)
        pages.touch(connection, page, 0, page.last_number)
        audit.record(
            connection,
            actor,
            verb,
            now,
            site_id=page.site_id,
            page_id=page.id,
            subject=page.url,
            reason=values["closed_reason"] or "",
            batch=batch,
            details=_told(until=values["reopens"]),
        )
        return pages.place_of(connection, page.id)


def _set_site(
    name: str,
    values: Mapping[str, Any],
    now: datetime,
    actor: Actor,
    verb: str,
    *,
    reason: str | None = None,
    seen_then: str | None = None,
    **details: Any,
) -> Site:
    with database.write() as connection:
        site = _site_named(connection, name)
        seen.check(seen_then, automatic.read(site.closing).shown())
        store.update_site(connection, site.id, values)
        told = _told(**details)
        audit.record(
            connection, actor, verb, now, site_id=site.id, subject=site.name, reason=reason or "", details=told
        )
        return _site_named(connection, name)


def _site_named(connection: Connection, name: str) -> Site:
    row = store.site_named(connection, name)
    if row is None:
        raise NotFound(f"site as {name}")
    return sites.from_row(row)


def _told(**details: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in details.items()
        if value is not None
    }
