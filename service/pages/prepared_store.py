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
        self._compiled: dict[str, tuple[str, dict[str, Any], Sequence[str] | None, list[Any] | None]] = {}

    def first(self, parameters: dict[str, Any], *, public: bool = False) -> tuple[Any, ...] | None:
        """Return the first row as a tuple; `public` as in database.look(). Raises Unavailable like read()."""
        row, dialect = database.look(lambda engine: self._asked(engine, parameters), public=public)
        return None if row is None else self._typed(row, dialect)

    def rows(self, connection: Any, engine: Engine, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Return all rows as tuples, asked for on a connection of the engine's driver; its errors are the driver's."""
        cursor = connection.cursor()
        cursor.execute(*self._asked(engine, parameters))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.close()
        return [self._typed(row, engine.dialect.name) for row in found]

    def _typed(self, row: tuple[Any, ...], dialect: str) -> tuple[Any, ...]:
        processors = self._compiled[dialect][3]
        if processors is None:
            return row
        typed = zip(row, processors, strict=True)
        return tuple(process(value) if process and value is not None else value for value, process in typed)

    def _asked(self, engine: Engine, parameters: dict[str, Any]) -> tuple[str, Any]:
        sql, constants, order, _ = self._compiled.get(engine.dialect.name) or self._compile(engine)
        named = constants | parameters if constants else parameters
        return sql, named if order is None else [named[name] for name in order]

    def _compile(self, engine: Engine) -> tuple[str, dict[str, Any], Sequence[str] | None, list[Any] | None]:
        dialect = engine.dialect
        compiled = self._statement.compile(dialect=dialect)
        columns = self._statement.selected_columns
        processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        order = compiled.positiontup if compiled.positional else None
        made = str(compiled), dict(compiled.params), order, processors if any(processors) else None
        self._compiled[dialect.name] = made
        return made
