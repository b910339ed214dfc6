"""Runs migrations on the connection that `service.database.migrate` hands over, which also holds the lock."""

from alembic import context

import service.models  # noqa: F401 - fills the metadata
from service.database import db

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=db.metadata,
    render_as_batch=True,  # SQLite cannot alter most things of a table in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
