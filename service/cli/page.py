"""`afterword page …`: list, close and open pages."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from service import pages, policy
from service.cli.output import Group, as_json, as_table, now, with_database


class _When(click.ParamType[datetime]):
    """A date or a time; without a zone it is this machine's own."""

    name = "when"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment that `value` names."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value} is no date or time; write 2027-01-31 or 2027-01-31T18:00+01:00.", param, ctx)


@click.group(cls=Group)
def page() -> None:
    """List pages, close them to new comments, open them again."""


@page.command()
@click.argument("url")
@click.option("--id", "page_id", help="The owner's own page id, where the page has one.")
@click.option("--reason", help="Shown to readers.")
@click.option("--until", type=_When(), help="Opens again by itself then.")
@with_database
def close(url: str, page_id: str | None, reason: str | None, until: datetime | None) -> None:
    """Close the page at URL. When this returns, no comment can be added there any more; its thread stays readable."""
    place = pages.close(url, page_id, reason, until, now())
    again = f" until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if until else ""
    click.echo(f"{place.url} is closed{again}.")


@page.command(name="open")
@click.argument("url")
@click.option("--id", "page_id", help="The owner's own page id, where the page has one.")
@with_database
def open_(url: str, page_id: str | None) -> None:
    """Open the page at URL again."""
    click.echo(f"{pages.reopen(url, page_id, now()).url} is open.")


@page.command(name="list")
@click.option("--site", "name", help="Only pages of this site.")
@click.option("--closed", "only_closed", is_flag=True, help="Only closed pages.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def list_(name: str | None, only_closed: bool, wants_json: bool) -> None:
    """List pages that have, or had, comments."""
    moment = now()
    known = [pages.get_site(name)] if name else pages.sites()
    found = []
    for site in known:
        for listed in pages.listing(site):
            closing = policy.state_at(listed, moment)
            if closing.closed or not only_closed:
                described = {"site": site.name, "url": listed.url, "comments": listed.count, "closed": closing.closed}
                if listed.key.startswith("#"):
                    described["id"] = listed.key[1:]
                found.append(described | {"reason": closing.reason, "reopens": closing.reopens})
    if wants_json:
        as_json(found)
    else:
        rows = [
            [
                row["site"],
                row["url"],
                row["comments"],
                "closed" if row["closed"] else "open",
                row["reason"],
                row["reopens"],
            ]
            for row in found
        ]
        as_table(["site", "page", "comments", "state", "reason", "reopens"], rows)
