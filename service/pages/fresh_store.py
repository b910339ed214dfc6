"""What a page's cached answers hang on, asked for anew with every one of them: the least that a look can cost."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Engine, bindparam, event, or_, select
from sqlalchemy.engine import ExceptionContext

from service.database import Prepared
from service.models import Page, Site


class Versions(NamedTuple):
    """What an answer about a page was made from. Ids of sites are never given twice, so neither are these."""

    site_id: int
    site: int
    page: int


_VERSIONS = Prepared(
    select(Site.id, Site.version, Page.version)
    .join(Site, Site.id == Page.site_id)
    .where(Page.id == bindparam("page_id"))
)
_SITE = Prepared(select(Site.version).where(Site.id == bindparam("site_id")))


@cache  # a query for each number of pages: a hundred at most
def _counts(number: int) -> Prepared:
    pairs = [
        (Page.site_id == bindparam(f"site{each}")) & (Page.key == bindparam(f"key{each}")) for each in range(number)
    ]
    return Prepared(select(Page.site_id, Page.key, Page.count).where(or_(*pairs)))


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

    def site(self, site_id: int) -> int | None:
        """Return the version of a site, None where it is gone."""
        rows = self._rows(_SITE, {"site_id": site_id})
        return int(rows[0][0]) if rows else None

    def counts(self, wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Return how many published comments the pages have, given by (site id, key); absent where none."""
        parameters: dict[str, Any] = {f"site{number}": site_id for number, (site_id, _) in enumerate(wanted)}
        parameters |= {f"key{number}": key for number, (_, key) in enumerate(wanted)}
        rows = self._rows(_counts(len(wanted)), parameters)
        return {(site_id, key): count for site_id, key, count in rows}

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
