"""This room's SQL of bans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select

from service import database
from service.database import AnyRow
from service.models import Ban, Site

_COLUMNS = (
    Ban.id,
    Ban.site_id,
    Site.name.label("site"),
    Ban.kind,
    Ban.value,
    Ban.shadow,
    Ban.reason,
    Ban.until,
    Ban.actor,
    Ban.created,
)
_BANS = select(*_COLUMNS).outerjoin(Site, Site.id == Ban.site_id)
_WIDE, _NARROW = ("url", "address"), ("reader", "name", "email")
_NEWEST = database.Prepared(select(func.max(Ban.id)))
#: asked for each comment, so made once
_MAY_HOLD = database.Prepared(
    _BANS.where(
        or_(
            *(Ban.kind == kind for kind in _WIDE),
            *((Ban.kind == kind) & database.is_one_of(Ban.value, kind) for kind in _NARROW),
        ),
        or_(Ban.site_id.is_(None), Ban.site_id == bindparam("site")),
        or_(Ban.until.is_(None), Ban.until > bindparam("now")),
    )
    .order_by(Ban.shadow, Ban.id)
    .limit(bindparam("most"))
)


def that_may_hold(
    connection: Connection, site_id: int, named: Sequence[tuple[str, str]], now: datetime, limit: int
) -> Sequence[AnyRow]:
    """Return the site's bans by these kinds and values, and all by pattern or network; those in the shadow last."""
    values = {kind: [value for of, value in named if of == kind] for kind in _NARROW}
    return _MAY_HOLD.all(connection, {"site": site_id, "now": now, "most": limit, **values})


def one(connection: Connection, ban_id: int) -> Any:
    """Return a ban, None if there is none."""
    return connection.execute(_BANS.where(Ban.id == ban_id)).first()


def newest(connection: Connection) -> int:
    """Return the id of the newest ban, 0 if there is none: another one tells that somebody was banned meanwhile."""
    return int(_NEWEST.first(connection, {})[0] or 0)


def find_same(connection: Connection, kind: str, value: str, site_id: int | None) -> AnyRow | None:
    """Return the newest ban of the same thing in the same place."""
    there = Ban.site_id.is_(None) if site_id is None else Ban.site_id == site_id
    found = _BANS.where(Ban.kind == kind, Ban.value == value, there).order_by(Ban.id.desc())
    return connection.execute(found.limit(1)).first()


def count_wide(connection: Connection, site_id: int | None, now: datetime) -> int:
    """Count the bans by pattern or network that are looked at for each comment there."""
    there = Ban.site_id.is_(None) if site_id is None else Ban.site_id == site_id
    found = select(func.count()).where(Ban.kind.in_(_WIDE), there, or_(Ban.until.is_(None), Ban.until > now))
    return int(connection.execute(found).scalar_one())


def is_site(connection: Connection, site_id: int) -> bool:
    """Tell whether there is a site with that id."""
    return connection.execute(select(Site.id).where(Site.id == site_id)).first() is not None


def insert_ban(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a ban and return its id."""
    return int(connection.execute(insert(Ban).values(**values).returning(Ban.id)).scalar_one())


def delete_ban(connection: Connection, ban_id: int) -> None:
    """Delete a ban."""
    connection.execute(delete(Ban).where(Ban.id == ban_id))


def listed(
    connection: Connection, sites: frozenset[int] | None, kind: str | None, before: int | None, limit: int
) -> Sequence[AnyRow]:
    """Return bans, newest first, those with smaller ids than `before`."""
    found = _BANS
    if sites is not None:
        found = found.where(or_(Ban.site_id.is_(None), Ban.site_id.in_(sites)))
    if kind is not None:
        found = found.where(Ban.kind == kind)
    if before is not None:
        found = found.where(Ban.id < before)
    return connection.execute(found.order_by(Ban.id.desc()).limit(limit)).all()
