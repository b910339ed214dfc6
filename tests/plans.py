"""The plans of every statement that is sent: how each database says that it will go through its tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, Dialect, event

from service import database
from service.database import Prepared

#: what a whole first page takes at most: fifty top-level comments with twenty-one replies each
MOST_READ = 50 * 21
#: what a page shows, and one more, may be sorted
MOST_SORTED = 51
#: tables of a few rows, which PostgreSQL rightly reads as a whole
SMALL = {"sites", "origins", "operators", "alembic_version"}
#: parts of one statement, which are no tables: what they hold is bounded by their own LIMIT, or was given as a list
_PART = re.compile(
    r"SCAN (?:(?:json_each|value) VIRTUAL TABLE|[rwe]\d+|anon_\d+|\(subquery-\d+\)|CONSTANT ROW"
    r"|\d+-ROW VALUES CLAUSE|sites\b)"
)
#: what limits of a sender, or bans of one, are sorted: a handful
_FEW = re.compile(r"FROM (?:spent|bans)\b")


@dataclass(frozen=True)
class Plan:
    """A statement and what is wrong with the way that the database goes."""

    statement: str
    faults: list[str]
    whole: str


@contextmanager
def explained(read: int = MOST_READ, sorted_: int = MOST_SORTED) -> Iterator[list[Plan]]:
    """Collect the plans of the statements that are sent meanwhile, with their own parameters and at their own time.

    More rows than these, read or sorted for one answer, are a fault where the database tells of them.
    """
    most = (read, sorted_)
    plans: list[Plan] = []
    looks: list[tuple[str, str, Any]] = []

    def note(connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if re.match("SELECT|INSERT|UPDATE|DELETE|WITH", statement) and "pg_advisory" not in statement:
            given = parameters[0] if many else parameters
            driver = connection.connection.driver_connection
            plans.append(_explain(connection.dialect.name, driver, statement, given, most))

    asked = Prepared._asked

    def _asked(self: Prepared, dialect: Dialect, parameters: Mapping[str, Any]) -> tuple[Any, Any]:
        made, given = asked(self, dialect, parameters)
        looks.append((dialect.name, made.sql, given))
        return made, given

    engines = list(database.db.engines.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "_asked", _asked)
        try:
            yield plans
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)
    connection = database.db.engine.raw_connection()
    plans.extend(_explain(dialect, connection.driver_connection, *asked_, most) for dialect, *asked_ in looks)
    connection.close()


def _explain(dialect: str, driver: Any, statement: str, parameters: Any, most: tuple[int, int]) -> Plan:
    cursor = driver.cursor()
    if dialect == "sqlite":
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [str(row[-1]) for row in cursor.fetchall()]
        cursor.close()
        # what an INSERT returns is called a scan, too
        scans = [] if statement.startswith("INSERT") else [step for step in steps if step.startswith("SCAN")]
        wrong = [step for step in scans if not _PART.match(step)]
        if not _FEW.search(statement):
            wrong += [step for step in steps if "TEMP B-TREE" in step]
        return Plan(statement, wrong, "\n".join(steps))
    # a question is asked as well, so that what it reads is counted; a write is not done twice
    runs = "ANALYZE, TIMING OFF, " if re.match("SELECT|WITH", statement) else ""
    cursor.execute(f"EXPLAIN ({runs}FORMAT JSON) {statement}", parameters)
    (plan,) = cursor.fetchone()[0]
    cursor.close()
    return Plan(statement, list(_faults(plan["Plan"], most)), json.dumps(plan["Plan"], indent=1))


def _faults(node: dict[str, Any], most: tuple[int, int], bounded: bool = False) -> Iterator[str]:
    # bounded: by a LIMIT above it, which what is only reckoned with does not tell of
    kind, table, below = node["Node Type"], node.get("Relation Name", ""), node.get("Plans", [])
    if kind == "Seq Scan" and table not in SMALL:
        yield f"Seq Scan of {table}"
    if _rows(node) > most[0] and not (bounded and "Actual Rows" not in node):
        yield f"{kind} {table}: {_rows(node):.0f} rows"
    if "Sort" in kind and (each := _rows(below[0]) / node.get("Actual Loops", 1)) > most[1]:
        yield f"{kind} of {each:.0f} rows"
    for part in below:
        yield from _faults(part, most, bounded or kind == "Limit")


def _rows(node: dict[str, Any]) -> float:
    # what it read, also of what it left out; of a write what it reckons with
    if "Actual Rows" not in node:
        return float(node["Plan Rows"])
    left = sum(float(value) for name, value in node.items() if name.startswith("Rows Removed by"))
    return (float(node["Actual Rows"]) + left) * float(node["Actual Loops"])
