"""Sites: a name, the origins they are served from, their settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service import database
from service.errors import Conflict, Invalid, NotAPage, NotFound
from service.pages import key, seen, store
from service.people import audit
from service.people.audit import Actor

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
#: deepest indentation a site may ask for; further replies show flat below it
DEEPEST = 6
#: minutes that readers may at most be given to edit and delete their own comments: a day
LONGEST_EDIT = 1_440


@dataclass(frozen=True)
class Site:
    """A site with its settings.

    `www` says whether www.example.org and example.org are one page ("drop") or two ("keep"); `names` whether a comment
    needs a name ("required") or not ("optional"); `depth` how deep replies are indented; `edit_minutes` for how long
    readers may edit and delete their own comments (0: not at all); `votes` whether they may vote ("both", "up", "off").
    `closing` and `policy` are rules as JSON; from `closed_at` on the site is frozen, until `reopens` if that is set.
    """

    id: int
    name: str
    www: str
    names: str
    depth: int
    edit_minutes: int
    votes: str
    version: int
    closing: str = "{}"
    policy: str = "{}"
    closed_at: datetime | None = None
    closed_reason: str | None = None
    reopens: datetime | None = None


def from_row(row: Sequence[Any]) -> Site:
    """Return the site in the first columns of a row."""
    return Site(*row[: len(store.SITE)])


def add(name: str, origins: Sequence[str], now: datetime, actor: Actor) -> Site:
    """Register a site. Raises Invalid for an unusable name or origin, Conflict when either is taken."""
    if not _NAME.fullmatch(name):
        raise Invalid({"name": ["A site's name has 1 to 64 of the characters a-z, 0-9, dot and hyphen."]})
    wanted = _origins(origins)
    with database.write() as connection:
        if store.site_named(connection, name) is not None:
            raise Conflict(f"There is a site named {name} already.")
        site_id = store.insert_site(connection, name, now)
        for origin in wanted:
            if store.owner_of(connection, origin) is not None:
                raise Conflict(f"The origin {origin} belongs to another site already.")
        store.replace_origins(connection, site_id, wanted)
        details = {"origins": sorted(wanted)}
        audit.record(connection, actor, "site.add", now, site_id=site_id, subject=name, details=details)
    return get_site(name)


def seen_of(site: Site) -> str:
    """Return a mark of a site's settings as they stand, for change()."""
    return seen.mark(_shown(site, origins_of(site)))


def _shown(site: Site, origins: Sequence[str]) -> dict[str, Any]:
    return {"origins": sorted(origins)} | {
        each: getattr(site, each) for each in ("www", "names", "depth", "edit_minutes", "votes")
    }


def change(
    name: str,
    values: dict[str, Any],
    origins: Sequence[str] | None,
    actor: Actor,
    now: datetime,
    seen_then: str | None = None,
) -> Site:
    """Set some of a site's settings and, unless None, all of its origins.

    `seen_then` is seen_of() the site that was looked at before. Raises Invalid, NotFound, Conflict, Overtaken.
    """
    faults = _faults(values)
    if faults:
        raise Invalid(faults)
    with database.write() as connection:
        row = store.site_named(connection, name)
        if row is None:
            raise NotFound(f"site as {name}")
        site, told = from_row(row), dict[str, Any]()
        seen.check(seen_then, _shown(site, store.origins(connection, site.id)))
        if "www" in values and values["www"] != site.www and store.page_totals(connection, site.id)[0]:
            # the keys of the pages would no longer be those that browsers ask for
            raise Conflict("www can be set only while a site has no pages: it is part of what identifies them.")
        if origins is not None:
            wanted = _origins(origins)
            for origin in wanted:
                if store.owner_of(connection, origin) not in (None, site.id):
                    raise Conflict(f"The origin {origin} belongs to another site already.")
            before = store.origins(connection, site.id)
            if sorted(wanted) != before:
                store.replace_origins(connection, site.id, wanted)
                told["origins"] = [before, sorted(wanted)]
        told |= {each: [getattr(site, each), value] for each, value in values.items() if value != getattr(site, each)}
        if told:
            store.update_site(connection, site.id, values)
            audit.record(connection, actor, "site.set", now, site_id=site.id, subject=name, details=told)
    return get_site(name)


def remove(name: str, now: datetime, actor: Actor) -> None:
    """Delete a site with all its pages and comments. Raises NotFound."""
    with database.write() as connection:
        row = store.site_named(connection, name)
        if row is None:
            raise NotFound(f"site as {name}")
        count, comments = store.page_totals(connection, row.id)
        details = {"origins": store.origins(connection, row.id), "pages": count, "comments": comments}
        store.delete_site(connection, row.id)
        audit.record(connection, actor, "site.remove", now, site_id=row.id, subject=name, details=details)


def get_site(name: str) -> Site:
    """Return the site of that name, or raise NotFound."""
    with database.read() as connection:
        row = store.site_named(connection, name)
    if row is None:
        raise NotFound(f"site as {name}")
    return from_row(row)


def hold_site(connection: Connection, site_id: int) -> Site:
    """Return the site as it is now, which it stays until this transaction ends. Raises NotFound."""
    row = store.held_site(connection, site_id)
    if row is None:
        raise NotFound("site any more")
    return from_row(row)


def sites() -> list[Site]:
    """Return all sites by name."""
    with database.read() as connection:
        return [from_row(row) for row in store.all_sites(connection)]


def origins_of(site: Site) -> list[str]:
    """Return the origins of a site."""
    with database.read() as connection:
        return store.origins(connection, site.id)


def owner_of(origin: str) -> int | None:
    """Return the id of the site that browser pages of this origin belong to: exact scheme, host and port."""
    return store.owner_at_once(origin)


def _origins(given: Sequence[str]) -> list[str]:
    faults, wanted = [], []
    for value in given:
        try:
            wanted.append(key.origin(value))
        except NotAPage as error:
            faults.append(f"{value}: {error.reason}")
    if not wanted and not faults:
        faults.append("A site needs at least one origin, such as https://example.org.")
    if faults:
        raise Invalid({"origins": faults})
    return list(dict.fromkeys(wanted))


def _faults(values: dict[str, Any]) -> dict[str, list[str]]:
    faults = {}
    if values.get("www", "drop") not in ("drop", "keep"):
        faults["www"] = ["www is drop or keep."]
    if values.get("names", "required") not in ("required", "optional"):
        faults["names"] = ["names is required or optional."]
    if not 0 <= values.get("depth", 0) <= DEEPEST:
        faults["depth"] = [f"depth is 0 to {DEEPEST}."]
    if not 0 <= values.get("edit_minutes", 0) <= LONGEST_EDIT:
        faults["edit_minutes"] = [f"edit-minutes is 0 to {LONGEST_EDIT}."]
    if values.get("votes", "both") not in ("both", "up", "off"):
        faults["votes"] = ["votes is both, up or off."]
    return faults


def totals(site: Site) -> tuple[int, int]:
    """Return how many pages and how many published comments a site has."""
    with database.read() as connection:
        return store.page_totals(connection, site.id)
