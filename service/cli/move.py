"""`afterword move-database`: all that the service keeps, into another database."""

from __future__ import annotations

import sys

import click

from service import database
from service.cli.output import as_table, with_database
from service.settings import database_address


@click.command("move-database")
@click.argument("target")
@with_database
def move_database(target: str) -> None:
    """Copy everything into another database, TARGET: from SQLite to PostgreSQL, or back.

    Stop the service first. TARGET is an address like AFTERWORD_DATABASE_URL, of a database that `afterword migrate` has
    prepared and that holds nothing yet. Nothing is changed in the database that is copied.
    """
    with database.engine_at(database_address(target)) as engine:
        moved = database.move(database.db.engine, engine, _tell)
    as_table(["table", "rows", "checksum"], [[each.table, each.rows, each.checksum] for each in moved])
    click.echo("Everything has arrived. Set AFTERWORD_DATABASE_URL to the new address before you start the service.")


def _tell(table: str, arrived: int, whole: int) -> None:
    # one line that is written over where somebody watches, else one for each table
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{table}: {arrived} of {whole}", nl=arrived == whole, err=True)
    elif arrived == whole:
        click.echo(f"{table}: {whole}", err=True)
