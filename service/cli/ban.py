"""`afterword ban …`: who and what may not comment."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from service import pages
from service.cli.output import Group, as_json, as_table, now, with_database
from service.people.audit import COMMAND_LINE
from service.policy import bans


@click.group(cls=Group)
def ban() -> None:
    """Ban readers, names, e-mail addresses, links and networks."""


@ban.command()
@click.argument("kind", type=click.Choice(bans.KINDS))
@click.argument("value")
@click.option("--site", "name", help="On this site only; else on all.")
@click.option("--shadow", is_flag=True, help="Its author still sees the comment, and nobody else does.")
@click.option("--reason", default="", help="For operators; readers are not told.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Ends by itself then (UTC).")
@with_database
def add(kind: str, value: str, name: str | None, shadow: bool, reason: str, until: datetime | None) -> None:
    """Ban VALUE: a reader's id, a name, an address or domain of e-mail, a host or host/path*, a network."""
    site_id = pages.get_site(name).id if name else None
    end = until.replace(tzinfo=UTC) if until else None
    made = bans.add(kind, value, COMMAND_LINE, now(), site_id=site_id, shadow=shadow, reason=reason, until=end)
    where = f"on {name}" if name else "on all sites"
    click.echo(f"Ban {made.id}: {made.kind} {made.value} {where}{', in the shadow' if made.shadow else ''}.")


@ban.command(name="list")
@click.option("--site", "name", help="Only bans that hold on this site.")
@click.option("--kind", type=click.Choice(bans.KINDS))
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def list_(name: str | None, kind: str | None, wants_json: bool) -> None:
    """List bans, newest first, also those that have ended."""
    found = bans.listing(frozenset({pages.get_site(name).id}) if name else None, whole=True, kind=kind, limit=1_000)
    if wants_json:
        as_json(found)
        return
    columns = ["id", "kind", "value", "site", "shadow", "until", "reason", "by", "since"]
    rows = [
        [each.id, each.kind, each.value, each.site or "all", "yes" if each.shadow else "", each.until, each.reason,
         each.actor, each.created]
        for each in found
    ]  # fmt: skip
    as_table(columns, rows)


@ban.command()
@click.argument("ban_ids", type=int, nargs=-1, required=True, metavar="ID...")
@click.option("--reason", default="", help="Goes into the audit log.")
@with_database
def remove(ban_ids: tuple[int, ...], reason: str) -> None:
    """End bans."""
    for ban_id in ban_ids:
        ended = bans.remove(ban_id, COMMAND_LINE, now(), reason)
        click.echo(f"Ban {ended.id} of {ended.kind} {ended.value} is removed.")
