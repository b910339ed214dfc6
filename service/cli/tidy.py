"""`afterword tidy`: clear away what is out of date."""

from __future__ import annotations

import click

from service import comments
from service.cli.output import as_json, now, with_database


@click.command()
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def tidy(wants_json: bool) -> None:
    """Erase for good what readers deleted, and clear away what is kept for a time only.

    Writes do so along the way, a few rows each. Where nobody writes for days, a daily cron job running this keeps a
    deleted text from lying about.
    """
    done = comments.tidy(now())
    if wants_json:
        as_json(done)
    else:
        click.echo(f"Erased {done.texts} deleted texts; cleared {done.answers} kept answers, {done.uses} spent uses.")
