"""`afterword tidy`: clear away what is out of date."""

from __future__ import annotations

import click

from service import comments
from service.cli.output import as_json, now, opened


@click.command()
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def tidy(wants_json: bool) -> None:
    """Erase for good what readers deleted, and clear away what is kept for a time only.

    `afterword serve` does so by itself, every hour. This is for other servers, and for whoever does not want to wait.
    """
    with opened() as settings:
        done = comments.tidy(now(), settings)
    if wants_json:
        as_json(done)
        return
    click.echo(f"Erased {done.texts} deleted texts; cleared {done.answers} kept answers, {done.uses} spent uses.")
    if done.removed:
        click.echo(f"Erased {done.removed} texts that were spam, or deleted by operators, long enough ago.")
    if done.addresses or done.emails:
        click.echo(f"Forgot {done.addresses} network addresses and {done.emails} e-mail addresses.")
