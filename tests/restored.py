"""An application for many cases, put back to what it was before each of them: far quicker than one anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask
from sqlalchemy import inspect

from service import database
from service.threads import Cache
from tests.postgres import put, superior


def contents() -> dict[str, list[Any]]:
    """Return all rows of all tables."""
    with database.read() as connection:
        named = [*inspect(connection).get_table_names(), *(["sqlite_sequence"] if database.is_embedded() else [])]
        rows = {name: connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in named}
    # PostgreSQL gives rows in no order, and another after each change
    return {name: sorted(found, key=str) for name, found in rows.items()}


class Restored:
    """What an application's database holds now, to be put back. To be made in the application's context."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.at_first = contents()
        with _driver() as live:
            if database.is_embedded():
                self._kept = type(live)(":memory:")
                live.backup(self._kept)

    @contextmanager
    def after(self, **changes: Any) -> Iterator[None]:
        """Let things be done, under changed settings; then put everything back."""
        known = self.app.extensions["afterword"]
        self.app.extensions["afterword"] = replace(known, **changes)
        try:
            yield
        finally:
            self.app.extensions["afterword"] = known
            if contents() != self.at_first:
                with _driver() as live:
                    if database.is_embedded():
                        self._kept.backup(live)
                    else:
                        with superior(live) as link:
                            put(link, self.at_first)
                self.app.extensions["afterword_cache"] = Cache(1024 * 1024)
                assert contents() == self.at_first


@contextmanager
def _driver() -> Iterator[Any]:
    connection = database.db.engine.raw_connection()
    try:
        yield connection.driver_connection
    finally:
        connection.close()
