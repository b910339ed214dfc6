"""`afterword audit …`: who did what to what, and why."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from service import database
from service.cli.output import Group, as_json, as_table, with_database
from service.models import LARGEST_ID
from service.people import audit as log
from service.people.audit import Wanted


@click.group(cls=Group)
def audit() -> None:
    """Read the audit log. Nothing can change it or take anything out of it."""


_WHEN = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
_SINCE = click.option("--since", type=_WHEN, help="Only what was done then or later (UTC).")
_UNTIL = click.option("--until", type=_WHEN, help="Only what was done before that (UTC).")


def _wanted(
    actor: str | None,
    verb: str | None,
    site: str | None,
    comment_id: int | None,
    since: datetime | None,
    until: datetime | None,
) -> Wanted:
    bounds = [each.replace(tzinfo=UTC) if each else None for each in (since, until)]
    return Wanted(actor, verb, site, comment_id, *bounds)


@audit.command(name="list")
@click.option("--actor", help="Only what this operator did.")
@click.option("--verb", help='Only such acts: "comment.approve", or all of a kind: "comment".')
@click.option("--site", help="Only what belongs to this site.")
@click.option("--comment", "comment_id", type=click.IntRange(1, LARGEST_ID), help="Only what was done to this comment.")
@_SINCE
@_UNTIL
@click.option("--before", type=click.IntRange(1, LARGEST_ID), help="Only entries with a lower id.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def list_(
    actor: str | None,
    verb: str | None,
    site: str | None,
    comment_id: int | None,
    since: datetime | None,
    until: datetime | None,
    before: int | None,
    limit: int,
    wants_json: bool,
) -> None:
    """List entries, newest first."""
    with database.read() as connection:
        found = log.entries(connection, None, _wanted(actor, verb, site, comment_id, since, until), before, limit)
    if wants_json:
        as_json(found)
        return
    rows = [
        [entry.id, entry.at, entry.actor, entry.via, entry.verb, entry.site, entry.subject, entry.reason]
        for entry in found
    ]
    as_table(["id", "at", "actor", "via", "verb", "site", "subject", "reason"], rows)


@audit.command()
@click.option("--actor", help="Only what this operator did.")
@click.option("--verb", help='Only such acts: "comment.approve", or all of a kind: "comment".')
@click.option("--site", help="Only what belongs to this site.")
@click.option("--comment", "comment_id", type=click.IntRange(1, LARGEST_ID), help="Only what was done to this comment.")
@_SINCE
@_UNTIL
@with_database
def export(
    actor: str | None,
    verb: str | None,
    site: str | None,
    comment_id: int | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Print the whole log, a line of JSON for each entry, newest first."""
    for line in log.export(None, _wanted(actor, verb, site, comment_id, since, until)):
        click.echo(line, nl=False)
