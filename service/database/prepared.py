"""Statements that go past SQLAlchemy's execution: what every read of a thread asks, and every comment.

SQLAlchemy makes the SQL, converts types and names the columns, once for each statement. What it does at each execution
(a context, events, a result that can be read in many ways) costs several times what the database needs for one row by
its key, and a comment takes a dozen of those.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Engine, Float, UpdateBase
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.sql.selectable import TypedReturnsRows

from service.database.engine import Base, run
from service.database.reading import look


@dataclass(frozen=True)
class _Made:
    """A statement in a dialect: its SQL, the values it brings along, and how values go in and come out."""

    sql: str
    constants: dict[str, Any]
    order: Sequence[str] | None  # of the parameters, where the driver knows no names
    bind: tuple[tuple[str, Callable[[Any], Any]], ...]
    row: Callable[[Iterable[Any]], Any]
    result: tuple[tuple[int, Callable[[Any], Any]], ...]
    returns: bool

    def asked(self, parameters: Mapping[str, Any]) -> Any:
        named = {**self.constants, **parameters}
        for name, process in self.bind:
            named[name] = process(named[name])
        return named if self.order is None else [named[name] for name in self.order]

    def typed(self, row: Sequence[Any]) -> Any:
        if not self.result:
            return self.row(row)
        values = list(row)
        for place, process in self.result:
            if values[place] is not None:
                values[place] = process(values[place])
        return self.row(values)


class Prepared:
    """A statement that is compiled once for each kind of database, one that sets columns once for each set of them.

    Its rows are named tuples. A list of any length is one parameter by is_one_of(), never by `in_()`.
    """

    def __init__(self, statement: TypedReturnsRows[*tuple[Any, ...]] | UpdateBase) -> None:
        self._statement = statement
        self._sets = isinstance(statement, UpdateBase)
        self._compiled: dict[tuple[str, ...], _Made] = {}

    def at_once(self, parameters: Mapping[str, Any], *, public: bool = False) -> Any:
        """Return the first row, None if there is none, outside any transaction; `public` as in look().

        Raises Unavailable like read().
        """
        asked: list[_Made] = []

        def ask(engine: Engine) -> tuple[str, Any]:
            made, given = self._asked(engine.dialect, parameters)
            asked.append(made)
            return made.sql, given

        row = look(ask, public=public)
        return None if row is None else asked[-1].typed(row)

    def rows(self, connection: Any, engine: Engine, parameters: Mapping[str, Any]) -> list[Any]:
        """Return all rows, asked for on a connection of the engine's driver; its errors are the driver's."""
        made, given = self._asked(engine.dialect, parameters)
        cursor = connection.cursor()
        cursor.execute(made.sql, given)
        found = cursor.fetchall()
        cursor.close()
        return [made.typed(row) for row in found]

    def all(self, connection: Connection, parameters: Mapping[str, Any]) -> list[Any]:
        """Return all rows, inside a transaction. Raises what Connection.execute() does."""
        made, found, _ = self._run(connection, parameters)
        return [made.typed(row) for row in found]

    def first(self, connection: Connection, parameters: Mapping[str, Any]) -> Any:
        """Return the first row, None if there is none, inside a transaction. Raises like all()."""
        made, found, _ = self._run(connection, parameters)
        return made.typed(found[0]) if found else None

    def run(self, connection: Connection, parameters: Mapping[str, Any]) -> int:
        """Return how many rows were changed, inside a transaction. Raises like all()."""
        return self._run(connection, parameters)[2]

    def _run(self, connection: Connection, parameters: Mapping[str, Any]) -> tuple[_Made, Sequence[Any], int]:
        if not connection.in_transaction():
            connection.begin()
        made, given = self._asked(connection.dialect, parameters)
        return made, *run(connection, made.sql, given, returns=made.returns)

    def _asked(self, dialect: Dialect, parameters: Mapping[str, Any]) -> tuple[_Made, Any]:
        key = (dialect.name, *parameters) if self._sets else (dialect.name,)
        made = self._compiled.get(key)
        if made is None:
            made = self._compiled[key] = _make(self._statement, dialect, list(parameters) if self._sets else None)
        return made, made.asked(parameters)


def insert_if_new(connection: Connection, table: type[Base], values: Mapping[str, Any]) -> Any:
    """Store a row unless another writer was faster with the same one; returns its primary key, None if it was not."""
    return _insert_if_new(connection.dialect.name, table).first(connection, values)


@cache
def _insert_if_new(dialect: str, table: type[Base]) -> Prepared:
    made = (insert_sqlite if dialect == "sqlite" else insert_postgresql)(table).on_conflict_do_nothing()
    # asked for the row: what psycopg counts is not told for a statement that returns its key
    return Prepared(made.returning(*table.__table__.primary_key))


def _make(statement: Any, dialect: Dialect, sets: list[str] | None) -> _Made:
    compiled = statement.compile(dialect=dialect, column_keys=sets)
    assert not compiled.post_compile_params, "what is rendered at each execution goes by SQLAlchemy"
    needed = {name for bind, name in compiled.bind_names.items() if bind.required}
    constants = {name: value for name, value in compiled.params.items() if name not in needed}
    columns: list[Column[Any]] = list(statement.exported_columns)
    binds = [
        (name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for bind, name in compiled.bind_names.items()
    ]
    results = [_result(column, dialect) for column in columns]
    named = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]
    return _Made(
        str(compiled),
        constants | {column.key: column.default.arg for column in compiled.insert_prefetch},
        compiled.positiontup if compiled.positional else None,
        tuple((name, process) for name, process in binds if process is not None),
        named._make,
        tuple((place, process) for place, process in enumerate(results) if process is not None),
        bool(columns),
    )


def _result(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(column.type, Float):
        return None  # every driver hands over a float; SQLAlchemy asks for the type that it came as
    return column.type.dialect_impl(dialect).result_processor(dialect, None)
