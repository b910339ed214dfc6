"""What a page's cached answers hang on, asked for anew with every one of them: the least that a look can cost."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from sqlalchemy import Engine, bindparam, select

from service.models import Page, Site
from service.pages.prepared_store import Prepared


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


class Fresh:
    """Looks at versions over a connection of its own for each thread, past the pool and outside any transaction.

    It waits for nobody: what cannot be had at once (a lock, a server that is away) raises the driver's error, and the
    next look begins with a new connection. Whoever asks can go the long way then, which waits and explains.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = threading.local()

    def versions(self, page_id: int) -> Versions | None:
        """Return the versions of a stored page and its site, None where it is gone."""
        rows = self._rows(_VERSIONS, {"page_id": page_id})
        return Versions(*rows[0]) if rows else None

    def _rows(self, query: Prepared, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        try:
            return query.rows(connection, self._engine, parameters)
        except BaseException:
            self._local.connection = None
            connection.close()
            raise

    def _open(self) -> Any:
        connection: Any = self._engine.raw_connection()
        connection.detach()  # this thread's for good: the pool makes another
        if self._engine.dialect.name == "sqlite":
            connection.cursor().execute("PRAGMA busy_timeout=0").close()
        else:
            connection.driver_connection.autocommit = True
        return connection
