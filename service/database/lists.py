"""A list of any length as one parameter: the sentence stays the same, so that it is compiled and planned once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, String, TableValuedAlias, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class _List(TypeDecorator[Sequence[Any]]):
    impl = String
    cache_ok = True

    def __init__(self, of: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        found = list(value or ())
        return found if dialect.name == "postgresql" else json.dumps(found)


class _IsOneOf(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Return it as it is: where there is no type for truth, `= 1` would be added, and no index looked into."""
        return self


def is_one_of(column: QueryableAttribute[str], parameter: str) -> ColumnElement[bool]:
    """Return the condition that a column of text has one of the strings of a parameter, however many those are."""
    return _IsOneOf(column, bindparam(parameter, type_=_List(String)))


class _Each(FunctionElement[int]):
    type = BigInteger()
    inherit_cache = True


def each_of(parameter: str) -> TableValuedAlias:
    """Return the whole numbers of a parameter, however many those are, as a table with the column `value`."""
    # by this name PostgreSQL calls the only column of a function, too
    return _Each(bindparam(parameter, type_=_List(BigInteger))).table_valued("value", name="value")


@compiles(_Each, "sqlite")
def _sqlite_each(element: _Each, compiler: SQLCompiler, **told: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **told)})"


@compiles(_Each, "postgresql")
def _postgresql_each(element: _Each, compiler: SQLCompiler, **told: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **told)})"


@compiles(_IsOneOf, "sqlite")
def _sqlite(element: _IsOneOf, compiler: SQLCompiler, **told: Any) -> str:
    column, given = (compiler.process(each, **told) for each in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({given})))"


@compiles(_IsOneOf, "postgresql")
def _postgresql(element: _IsOneOf, compiler: SQLCompiler, **told: Any) -> str:
    column, given = (compiler.process(each, **told) for each in element.clauses)
    return f"({column} = ANY ({given}))"
