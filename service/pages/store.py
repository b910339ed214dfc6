"""This room's SQL: sites, origins, pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, insert, or_, select, text, tuple_, update

from service import database
from service.database import AnyRow
from service.models import PUBLISHED, Comment, Origin, Page, Site

SITE = (
    Site.id,
    Site.name,
    Site.www,
    Site.names,
    Site.depth,
    Site.edit_minutes,
    Site.votes,
    Site.version,
    Site.closing,
    Site.policy,
    Site.closed_at,
    Site.closed_reason,
    Site.reopens,
)
SITE_DEFAULTS = {"www": "drop", "names": "required", "depth": 5, "edit_minutes": 15, "votes": "both"}
PAGE = (
    Page.id,
    Page.site_id,
    Page.key,
    Page.url,
    Page.title,
    Page.version,
    Page.count,
    Page.last_number,
    Page.closed_at,
    Page.closed_reason,
    Page.reopens,
    Page.opened,
    Page.first_comment,
    Page.last_comment,
)

_PLACE = (
    select(*SITE, *(column.label(f"page_{column.key}") for column in PAGE))
    .select_from(Origin)
    .join(Site, Site.id == Origin.site_id)
    .outerjoin(
        Page,
        (Page.site_id == Site.id)
        & (Page.key == case((Site.www == "keep", bindparam("key")), else_=bindparam("bare_key"))),
    )
    .where(Origin.origin == bindparam("origin"))
)

_AT_ONCE = database.Prepared(_PLACE)
# what each write asks and says, made once
_OWNER = database.Prepared(select(Origin.site_id).where(Origin.origin == bindparam("of")))
_HELD = database.Prepared(select(*SITE).where(Site.id == bindparam("site")).with_for_update(read=True))
_LOCKED = database.Prepared(
    select(*PAGE).where(Page.site_id == bindparam("site"), Page.key == bindparam("page")).with_for_update()
)
_TOUCH = database.Prepared(
    update(Page)
    .where(Page.id == bindparam("page"))
    .values(version=Page.version + 1, count=Page.count + bindparam("more"))
)


def place_at_once(origin: str, key: str, bare_key: str, *, public: bool) -> Any:
    """Return the same as place(), outside any transaction; `public` as in database.look()."""
    return _AT_ONCE.at_once({"origin": origin, "key": key, "bare_key": bare_key}, public=public)


def place(connection: Connection, origin: str, key: str, bare_key: str) -> AnyRow | None:
    """Return the site that `origin` belongs to, and behind it its page with this key, all columns None if new."""
    return connection.execute(_PLACE, {"origin": origin, "key": key, "bare_key": bare_key}).first()


def page_with_site(connection: Connection, page_id: int) -> AnyRow:
    """Return a page's row behind its site's."""
    found = select(*SITE, *(column.label(f"page_{column.key}") for column in PAGE))
    return connection.execute(found.join(Page, Page.site_id == Site.id).where(Page.id == page_id)).one()


def pages_with_sites(connection: Connection, page_ids: Collection[int]) -> Sequence[AnyRow]:
    """Return the rows of pages behind their sites'."""
    found = select(*SITE, *(column.label(f"page_{column.key}") for column in PAGE))
    return connection.execute(found.join(Page, Page.site_id == Site.id).where(Page.id.in_(page_ids))).all()


def locked_page(connection: Connection, site_id: int, key: str) -> Any:
    """Return the page's row, held until the transaction ends. SQLite's write lock holds everything already."""
    return _LOCKED.first(connection, {"site": site_id, "page": key})


def insert_page(connection: Connection, values: Mapping[str, Any]) -> None:
    """Store a new page, unless another writer was faster."""
    database.insert_if_new(connection, Page, {**values, "version": 0, "count": 0, "last_number": 0})


def update_page(connection: Connection, page_id: int, values: Mapping[str, Any]) -> None:
    """Set columns of a page."""
    connection.execute(update(Page).where(Page.id == page_id).values(**values))


def touch_page(connection: Connection, page_id: int, published: int, values: Mapping[str, Any]) -> None:
    """Count a change that readers see: one version up, `published` comments more or fewer; and set columns."""
    _TOUCH.run(connection, {"page": page_id, "more": published, **values})


def published_span(connection: Connection, page_id: int) -> tuple[datetime | None, datetime | None]:
    """Return when the first and the last of a page's published comments were written."""
    # two walks to the ends of an index, and not one over all of it
    created = select(Comment.created).where(Comment.page_id == page_id, text(PUBLISHED)).limit(1)
    first = created.order_by(Comment.created).scalar_subquery()
    last = created.order_by(Comment.created.desc()).scalar_subquery()
    row = connection.execute(select(first, last)).one()
    return row[0], row[1]


def pages_of(connection: Connection, site_id: int, after: str, limit: int) -> Sequence[AnyRow]:
    """Return a site's pages by key, those behind `after`."""
    found = select(*PAGE).where(Page.site_id == site_id, Page.key > after).order_by(Page.key).limit(limit)
    return connection.execute(found).all()


def page_by_id(connection: Connection, page_id: int) -> AnyRow | None:
    """Return the (site id, key) of a page."""
    return connection.execute(select(Page.site_id, Page.key).where(Page.id == page_id)).first()


def owner_keys_at(connection: Connection, site_id: int, urls: Collection[str], limit: int) -> Sequence[str]:
    """Return the keys of a site's pages with ids of their owner's that are at one of these addresses.

    Those of a site begin with "#" and lie side by side in the index of keys: no other page is looked at.
    """
    found = select(Page.key).where(Page.site_id == site_id, Page.key >= "#", Page.key < "$", Page.url.in_(urls))
    return connection.execute(found.order_by(Page.key).limit(limit)).scalars().all()


def some_pages(
    connection: Connection,
    site_ids: Collection[int] | None,
    words: Collection[str],
    after: tuple[int, str] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """Return pages by site and key, those behind `after`: of some sites, with any of the words in url, title or id."""
    found = select(*PAGE)
    if site_ids is not None:
        found = found.where(Page.site_id.in_(site_ids))
    if words:
        columns = (Page.url, Page.title, Page.key)
        found = found.where(or_(*(column.icontains(word, autoescape=True) for column in columns for word in words)))
    if after is not None:
        found = found.where(tuple_(Page.site_id, Page.key) > after)
    return connection.execute(found.order_by(Page.site_id, Page.key).limit(limit)).all()


def site_named(connection: Connection, name: str) -> AnyRow | None:
    """Return the site of that name."""
    return connection.execute(select(*SITE).where(Site.name == name)).first()


def held_site(connection: Connection, site_id: int) -> Any:
    """Return a site's row, which nobody changes until the transaction ends. SQLite's write lock sees to that already.

    For sharing, so that writers do not wait for each other, only whoever changes the site for them.
    """
    return _HELD.first(connection, {"site": site_id})


def all_sites(connection: Connection) -> Sequence[AnyRow]:
    """Return all sites by name."""
    return connection.execute(select(*SITE).order_by(Site.name)).all()


def insert_site(connection: Connection, name: str, now: datetime) -> int:
    """Store a new site with its default settings, and return its id."""
    made = insert(Site).values(name=name, **SITE_DEFAULTS, version=1, created=now)
    return int(connection.execute(made.returning(Site.id)).scalar_one())


def update_site(connection: Connection, site_id: int, values: Mapping[str, Any]) -> None:
    """Set a site's settings; its version grows, so that no cached thread shows the old ones."""
    connection.execute(update(Site).where(Site.id == site_id).values(**values, version=Site.version + 1))


def delete_site(connection: Connection, site_id: int) -> None:
    """Delete a site with its pages and comments."""
    # taken apart first: SQLite follows a cascade down at most a thousand levels, and a conversation has no such bound
    connection.execute(update(Comment).where(Comment.site_id == site_id).values(parent_id=None, root_id=None))
    connection.execute(delete(Site).where(Site.id == site_id))


def origins(connection: Connection, site_id: int) -> list[str]:
    """Return the origins of a site."""
    found = select(Origin.origin).where(Origin.site_id == site_id).order_by(Origin.origin)
    return list(connection.execute(found).scalars())


def owner_of(connection: Connection, origin: str) -> int | None:
    """Return the id of the site that an origin belongs to."""
    return connection.execute(select(Origin.site_id).where(Origin.origin == origin)).scalar()


def owner_at_once(origin: str) -> int | None:
    """Return the same, outside any transaction."""
    row = _OWNER.at_once({"of": origin})
    return None if row is None else int(row[0])


def replace_origins(connection: Connection, site_id: int, wanted: Sequence[str]) -> None:
    """Give a site exactly these origins."""
    connection.execute(delete(Origin).where(Origin.site_id == site_id))
    connection.execute(insert(Origin), [{"origin": origin, "site_id": site_id} for origin in wanted])


def sites_by_origin(connection: Connection, wanted: Sequence[str]) -> Sequence[AnyRow]:
    """Return (origin, site id, www, version) for those of the origins that are registered."""
    found = select(Origin.origin, Site.id, Site.www, Site.version).join(Site, Site.id == Origin.site_id)
    return connection.execute(found.where(Origin.origin.in_(wanted))).all()


def counts(connection: Connection, wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return how many published comments each of the pages, given by (site id, key), has; absent where none."""
    found = select(Page.site_id, Page.key, Page.count).where(tuple_(Page.site_id, Page.key).in_(wanted))
    return {(site_id, key): count for site_id, key, count in connection.execute(found)}


def page_totals(connection: Connection, site_id: int) -> tuple[int, int]:
    """Return how many pages and how many published comments a site has."""
    found = select(func.count(), func.coalesce(func.sum(Page.count), 0)).where(Page.site_id == site_id)
    pages, comments = connection.execute(found).one()
    return int(pages), int(comments)
