"""The database: opened, written in transactions, its faults told in our words, its schema brought up to date."""

from service.database.engine import (
    BUSY_TIMEOUT,
    AnyRow,
    Base,
    Model,
    db,
    is_embedded,
    open_database,
    sqlite_version,
    wal_reset_safe,
)
from service.database.faults import translated
from service.database.schema import migrate, pending_migrations
from service.database.transactions import ATTEMPTS, empty_log, give_way, insert_if_new, read, writable, write

__all__ = [
    "ATTEMPTS",
    "BUSY_TIMEOUT",
    "AnyRow",
    "Base",
    "Model",
    "db",
    "empty_log",
    "give_way",
    "insert_if_new",
    "is_embedded",
    "migrate",
    "open_database",
    "pending_migrations",
    "read",
    "sqlite_version",
    "translated",
    "wal_reset_safe",
    "writable",
    "write",
]
