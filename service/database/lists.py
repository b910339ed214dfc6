"""A list of any length as one parameter: the sentence stays the same, so that it is compiled and planned once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Dialect, String, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Strings(TypeDecorator[Sequence[str]]):
    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(ARRAY(String) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
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
    return _IsOneOf(column, bindparam(parameter, type_=_Strings()))


@compiles(_IsOneOf, "sqlite")
def _sqlite(element: _IsOneOf, compiler: SQLCompiler, **told: Any) -> str:
    column, given = (compiler.process(each, **told) for each in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({given})))"


@compiles(_IsOneOf, "postgresql")
def _postgresql(element: _IsOneOf, compiler: SQLCompiler, **told: Any) -> str:
    column, given = (compiler.process(each, **told) for each in element.clauses)
    return f"({column} = ANY ({given}))"
