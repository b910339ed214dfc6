"""Runs migrations on the connection that `service.database.migrate` hands over, which also holds the lock."""

from alembic import context

import service.models  # noqa: F401 - fills the metadata
from service.database import db

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=db.metadata,
    render_as_batch=True,  # SQLite cannot alter most things of a table in place
    compare_type=True,
    # on a server that others use meanwhile what is done stays done, and no lock outlives its revision; SQLite's one
    # write lock is held to the end
    transaction_per_migration=connection.dialect.name == "postgresql",
)
with context.begin_transaction():
    context.run_migrations()
