"""A query that goes past SQLAlchemy: for the one look that every read of a thread begins with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Select

from service import database


class Prepared:
    """A query that is compiled once and run straight on the driver, outside any transaction.

    Every read of a thread begins with the same one-row look at its page. SQLAlchemy's way through connection,
    transaction and result costs several times what the database needs for it; types are converted as it would.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, dict[str, Any], Sequence[str] | None, list[Any]]] = {}

    def first(self, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
        """Return the first row as a tuple. Raises Unavailable like read()."""
        engine = database.db.engine
        with database.translated(engine):
            connection = engine.raw_connection()
            try:
                rows = self.rows(connection, engine, parameters)
            finally:
                connection.close()
        return rows[0] if rows else None

    def rows(self, connection: Any, engine: Engine, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Return all rows as tuples, asked for on a connection of the engine's driver; its errors are the driver's."""
        sql, constants, order, processors = self._compiled.get(engine.dialect.name) or self._compile(engine)
        named = constants | parameters if constants else parameters
        cursor = connection.cursor()
        cursor.execute(sql, named if order is None else [named[name] for name in order])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.close()
        if not any(processors):
            return found
        return [
            tuple(
                process(value) if process and value is not None else value
                for value, process in zip(row, processors, strict=True)
            )
            for row in found
        ]

    def _compile(self, engine: Engine) -> tuple[str, dict[str, Any], Sequence[str] | None, list[Any]]:
        dialect = engine.dialect
        compiled = self._statement.compile(dialect=dialect)
        columns = self._statement.selected_columns
        processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        made = str(compiled), dict(compiled.params), compiled.positiontup if compiled.positional else None, processors
        self._compiled[dialect.name] = made
        return made
