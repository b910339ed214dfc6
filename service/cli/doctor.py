"""`afterword doctor`: every setting, where it came from, and what is wrong."""

from __future__ import annotations

import click

from service import database, settings
from service.cli.output import as_json, as_table, now, opened, told
from service.errors import AfterwordError, Unavailable
from service.settings import Settings
from service.transfer import backup, copy_store


@click.command()
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def doctor(wants_json: bool) -> None:
    """Print every setting with its value, its source and its meaning, and say what is wrong."""
    readings = settings.describe()
    faults = [f"{reading.name} {reading.fault}." for reading in readings if reading.fault]
    notes = settings.unknown() + _notes(readings)
    if not faults:
        try:
            read = settings.load()
            faults = _looked_at(read)
            notes += _replica(read) + (_backups(read) if not faults else [])
        except AfterwordError as error:  # of the data folder, which is made as they are loaded
            faults = [told(error)]
    if wants_json:
        as_json({"settings": readings, "faults": faults, "notes": notes})
    else:
        rows = [[reading.name, reading.shown, reading.source, reading.text] for reading in readings]
        as_table(["setting", "value", "source", "meaning"], rows)
        for line in (*notes, *faults):
            click.echo(line)
        click.echo("Nothing is wrong." if not faults else "")
    if faults:
        raise click.exceptions.Exit(1)


def _looked_at(read: Settings) -> list[str]:
    unwritable = backup.unwritable(read)
    return _database() + ([unwritable] if unwritable else [])


def _database() -> list[str]:
    try:
        with opened():
            database.writable()
            if database.pending_migrations():
                return ["The database's schema is not up to date: run afterword migrate."]
            return database.broken_promises()
    except AfterwordError as error:
        return [told(error)]
    return []


def _replica(read: Settings) -> list[str]:
    if not read.read_database_url:
        return []
    try:
        with database.translated(), database.engine_at(read.read_database_url) as engine, engine.connect() as link:
            follows = copy_store.is_replica(link)
    except Unavailable as error:
        return [f"The replica does not answer; the primary is read in its place. {error.said or error.sentence()}"]
    return ["The replica answers." if follows else "AFTERWORD_READ_DATABASE_URL names no replica: it follows nobody."]


def _backups(read: Settings) -> list[str]:
    if read.backups is None:
        return ["No backups are taken by the clock: see AFTERWORD_BACKUPS."]
    taken = backup.taken(read)
    late = backup.overdue(read, now())
    return (
        [late]
        if late
        else [f"{len(taken)} backups in {backup.folder(read)}, the last of {taken[-1][0]:%Y-%m-%d %H:%M} UTC."]
    )


def _notes(readings: list[settings.Reading]) -> list[str]:
    known = {reading.name.removeprefix(settings.PREFIX): reading for reading in readings}
    if known["DATABASE_URL"].shown.startswith("postgresql"):
        if known["SECRET_KEY"].source != "generated":
            return []
        return ["AFTERWORD_SECRET_KEY is this host's own. With several hosts, set the same one on all of them."]
    version = database.sqlite_version()
    spelt = ".".join(map(str, version))
    if database.wal_reset_safe(version):
        return [f"SQLite {spelt}: has no WAL-reset fault; used with a write-ahead log."]
    return [
        f"SQLite {spelt} can lose writes in its write-ahead log (mended in 3.51.3), so the older rollback journal is "
        "used: sound, but readers wait while something is written. Installing the package pysqlite3 brings a newer one."
    ]
