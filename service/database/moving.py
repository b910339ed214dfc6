"""All that one database holds, moved into another: from SQLite to PostgreSQL, and back.

Nobody writes to the source meanwhile. Every row keeps its id, and the ids that come after go on above the largest that
was ever given. What arrived is counted and compared before it is committed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
)
from sqlalchemy.engine import make_url

from service.database.engine import Base, engine_options, tune_sqlite
from service.database.faults import translated
from service.database.schema import revision_of
from service.database.transactions import WRITERS
from service.errors import Conflict, Misconfigured, Unavailable

#: rows read and written at once
BATCH = 1_000

#: what SQLite keeps of its AUTOINCREMENT tables
_COUNTERS = Table("sqlite_sequence", MetaData(), Column("name", String), Column("seq", Integer))

#: told of each batch: the table's name, how many of its rows have arrived, how many there are
Progress = Callable[[str, int, int], None]
Row = Sequence[Any]


@dataclass(frozen=True)
class Moved:
    """A table that has arrived: its rows, and a sum over all of them that is the same on both sides."""

    table: str
    rows: int
    checksum: str


@contextmanager
def engine_at(address: str) -> Iterator[Engine]:
    """Yield an engine for another database than the service's own."""
    engine = create_engine(address, **engine_options(address))
    if engine.dialect.name == "sqlite":
        tune_sqlite(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def move(source: Engine, target: Engine, progress: Progress) -> list[Moved]:
    """Copy all rows of `source` into `target`, which has the same schema and holds nothing; returns what arrived.

    Raises Misconfigured when the schemas differ, Conflict when the target holds anything, Unavailable when the source
    is being written or either cannot be reached. The target stays as it was then.
    """
    if _address(source) == _address(target):
        raise Misconfigured(["That is the database which the service uses already."])
    with translated(), _held(source) as old, _begun(target) as new:
        _compare(old, new)
        tables = Base.metadata.sorted_tables
        if filled := [table.name for table in tables if new.execute(select(table).limit(1)).first() is not None]:
            raise Conflict(f"The target is not empty: there are rows in {', '.join(filled)}. Nothing was moved.")
        moved = [_copy(old, new, table, progress) for table in tables]
        for table in tables:
            _continue_ids(old, new, table)
        for each in moved:
            arrived = _sum(new, Base.metadata.tables[each.table])
            if arrived != (each.rows, each.checksum):
                raise Conflict(f"What arrived in {each.table} is not what was sent. Nothing was moved.")
        new.commit()
    return moved


@contextmanager
def _held(engine: Engine) -> Iterator[Connection]:
    """Yield a connection on one view of a database that nobody writes to meanwhile."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(begin="IMMEDIATE") as connection:
            connection.begin()
            yield connection
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        # A lock of the session, taken before the view is: what was written until then must be in it.
        _without_limits(holder)
        if not holder.execute(select(func.pg_try_advisory_lock(WRITERS))).scalar():
            raise Unavailable("The database is being written. Stop the service first.")
        try:
            with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
                _without_limits(connection)
                yield connection
        finally:
            holder.invalidate()


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(begin="IMMEDIATE") as connection:
        if engine.dialect.name == "postgresql":
            _without_limits(connection)
            connection.execute(select(func.pg_advisory_xact_lock(WRITERS)))
        else:
            connection.begin()
        yield connection


def _without_limits(connection: Connection) -> None:
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET {name} = 0"))


def _address(engine: Engine) -> tuple[Any, ...]:
    url = make_url(engine.url)
    return url.get_backend_name(), url.host, url.port, url.database, url.query.get("host")


def _compare(old: Connection, new: Connection) -> None:
    here, there = (revision_of(each) for each in (old, new))
    if there is None:
        raise Misconfigured(["The target has no tables yet: run afterword migrate with its address first."])
    if here != there:
        raise Misconfigured(
            [f"The source is at revision {here}, the target at {there}: run afterword migrate on both."]
        )


def _copy(old: Connection, new: Connection, table: Table, progress: Progress) -> Moved:
    whole = int(old.execute(select(func.count()).select_from(table)).scalar_one())
    count, total = 0, 0
    for rows in _batches(old, table):
        new.execute(insert(table), [row._asdict() for row in rows])
        count += len(rows)
        total += sum(_digest(row) for row in rows)
        progress(table.name, count, whole)
    return Moved(table.name, count, _hex(total))


def _sum(connection: Connection, table: Table) -> tuple[int, str]:
    count, total = 0, 0
    for rows in _batches(connection, table):
        count += len(rows)
        total += sum(_digest(row) for row in rows)
    return count, _hex(total)


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """Yield a table's rows in the order of its primary key, which is one that a comment follows what it answers in."""
    key = list(table.primary_key)
    found = select(table).order_by(*key).limit(BATCH)
    after: Row | None = None
    while True:
        rows = connection.execute(found if after is None else found.where(tuple_(*key) > tuple(after))).all()
        if not rows:
            return
        yield rows
        after = [rows[-1]._mapping[column] for column in key]


def _digest(row: Any) -> int:
    # A sum of these depends on no order: text is not sorted the same way everywhere.
    plain = repr(tuple(_plain(value) for value in row))
    return int.from_bytes(hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()[:16])


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _hex(total: int) -> str:
    return f"{total % 2**128:032x}"


def _continue_ids(old: Connection, new: Connection, table: Table) -> None:
    """Have the ids of a table go on above the largest that was ever given, even if its row is gone since."""
    key = list(table.primary_key)
    if [column.name for column in key] != ["id"] or not isinstance(key[0].type, Integer):
        return
    stored = old.execute(select(func.max(key[0]))).scalar() or 0
    last = max(stored, _last_given(old, table))
    if not last:
        return
    if new.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        new.execute(select(func.setval(sequence, last)))
    elif table.dialect_kwargs["sqlite_autoincrement"]:
        new.execute(delete(_COUNTERS).where(_COUNTERS.c.name == table.name))
        new.execute(insert(_COUNTERS).values(name=table.name, seq=last))


def _last_given(connection: Connection, table: Table) -> int:
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        return int(connection.execute(select(func.pg_sequence_last_value(sequence))).scalar() or 0)
    if not table.dialect_kwargs["sqlite_autoincrement"]:
        return 0
    found = select(_COUNTERS.c.seq).where(_COUNTERS.c.name == table.name)
    return int(connection.execute(found).scalar() or 0)
