"""The database: opened, written in transactions, its faults told in our words, its schema brought up to date."""

from service.database.engine import (
    BUSY_TIMEOUT,
    AnyRow,
    Base,
    Model,
    close_database,
    db,
    is_embedded,
    open_database,
    sqlite_version,
    wal_reset_safe,
)
from service.database.faults import translated
from service.database.lists import each_of, is_one_of
from service.database.moving import Moved, engine_at, move
from service.database.prepared import Prepared, insert_if_new
from service.database.promises import broken_promises
from service.database.reading import look, looking, read_public
from service.database.schema import known_revisions, migrate, newer_schema, pending_migrations
from service.database.transactions import (
    ATTEMPTS,
    empty_log,
    give_way,
    hold,
    outdated,
    read,
    writable,
    write,
)

__all__ = [
    "ATTEMPTS",
    "BUSY_TIMEOUT",
    "AnyRow",
    "Base",
    "Model",
    "Moved",
    "Prepared",
    "broken_promises",
    "close_database",
    "db",
    "each_of",
    "empty_log",
    "engine_at",
    "give_way",
    "hold",
    "insert_if_new",
    "is_embedded",
    "is_one_of",
    "known_revisions",
    "look",
    "looking",
    "migrate",
    "move",
    "newer_schema",
    "open_database",
    "outdated",
    "pending_migrations",
    "read",
    "read_public",
    "sqlite_version",
    "translated",
    "wal_reset_safe",
    "writable",
    "write",
]
