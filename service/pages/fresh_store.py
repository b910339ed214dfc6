"""What a page's cached answers hang on, asked for anew with every one of them: the least that a look can cost."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Engine, bindparam, event, false, null, or_, select, union_all
from sqlalchemy.engine import ExceptionContext

from service import database
from service.database import Prepared
from service.models import Page, Site


class Versions(NamedTuple):
    """What an answer about a page was made from. Ids of sites are never given twice, so neither are these."""

    site_id: int
    site: int
    page: int


_ASKED = database.each_of("sites")
_VERSIONS = Prepared(
    select(Site.id, Site.version, Page.version)
    .join(Site, Site.id == Page.site_id)
    .where(Page.id == bindparam("page_id"))
)


@cache  # a query for each number of pages: a hundred at most
def _counts(number: int) -> Prepared:
    """Return what asks for sites and pages in one go; it has no version where it tells of a page, no key of a site."""
    pairs = [
        (Page.site_id == bindparam(f"site{each}")) & (Page.key == bindparam(f"key{each}")) for each in range(number)
    ]
    sites = select(Site.id, Site.version, null(), null()).join(_ASKED, _ASKED.c.value == Site.id)
    return Prepared(union_all(sites, select(Page.site_id, null(), Page.key, Page.count).where(or_(false(), *pairs))))


class Fresh:
    """Looks at versions over connections of its own, one for each thread, past the pool and outside any transaction.

    It waits for nobody: what cannot be had at once (a lock, a server that is away) raises the driver's error, and the
    next look begins with a new connection. Whoever asks can go the long way then, which waits and explains.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = threading.local()
        self._standing: list[_Standing] = []
        event.listen(engine, "handle_error", self._on_error)

    def versions(self, page_id: int) -> Versions | None:
        """Return the versions of a stored page and its site, None where it is gone."""
        rows = self._rows(_VERSIONS, {"page_id": page_id})
        return Versions(*rows[0]) if rows else None

    def counts(
        self, sites: Collection[int], wanted: Sequence[tuple[int, str]]
    ) -> tuple[dict[int, int], dict[tuple[int, str], int]]:
        """Return the version of each of the sites that is there, and how many published comments the pages have.

        A page is given by (site id, key), and absent where it is not stored.
        """
        parameters: dict[str, Any] = {f"site{number}": site_id for number, (site_id, _) in enumerate(wanted)}
        parameters |= {f"key{number}": key for number, (_, key) in enumerate(wanted)}
        rows = self._rows(_counts(len(wanted)), parameters | {"sites": sites})
        versions = {site_id: version for site_id, version, key, _ in rows if key is None}
        return versions, {(site_id, key): count for site_id, _, key, count in rows if key is not None}

    def close(self) -> None:
        """Close the connections; the next look opens new ones."""
        for standing in self._standing:
            standing.close()

    def _rows(self, query: Prepared, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        standing = getattr(self._local, "standing", None)
        if standing is None:
            standing = self._local.standing = _Standing(self._engine)
            self._standing.append(standing)
        return standing.rows(query, parameters)

    def _on_error(self, context: ExceptionContext) -> None:
        # The pool begins anew, and so must these: as long as one connection of a process has SQLite's file open for
        # reading only, no other can write to it.
        if context.is_disconnect:
            self.close()


class _Standing:
    """A connection that stays open between two looks. Only one thread looks; any may close it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.RLock()  # opening one may fail, which is a reason to close it
        self._connection: Any = None

    def rows(self, query: Prepared, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        with self._lock:
            if self._connection is None:
                self._connection = self._open()
            try:
                return query.rows(self._connection, self._engine, parameters)
            except BaseException:
                self._close()
                raise

    def close(self) -> None:
        with self._lock:
            self._close()

    def _open(self) -> Any:
        lent = self._engine.raw_connection()
        connection: Any = lent.driver_connection
        lent.detach()  # this thread's for good: the pool makes another
        if self._engine.dialect.name == "sqlite":
            connection.execute("PRAGMA busy_timeout=0")
        else:
            connection.autocommit = True
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
