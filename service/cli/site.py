"""`afterword site …`: which sites have threads here, and their settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from service import pages
from service.cli.output import Group, as_json, as_table, now, with_database
from service.cli.when import When, until
from service.pages import Automatic, Site
from service.pages.automatic import RULES
from service.people.audit import COMMAND_LINE


@click.group(cls=Group)
def site() -> None:
    """Register sites and set how they behave."""


@site.command()
@click.argument("name")
@click.argument("origins", nargs=-1, required=True, metavar="ORIGIN...")
@with_database
def add(name: str, origins: tuple[str, ...]) -> None:
    """Register the site NAME, served from ORIGIN (such as https://blog.example.org)."""
    made = pages.add(name, origins, now(), COMMAND_LINE)
    click.echo(f"Site {made.name} is registered for {', '.join(pages.origins_of(made))}.")


@site.command(name="list")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def list_(wants_json: bool) -> None:
    """List all sites."""
    found = [_described(known) for known in pages.sites()]
    if wants_json:
        as_json(found)
    elif found:
        as_table(list(found[0]), [[_joined(value) for value in row.values()] for row in found])
    else:
        click.echo("No site is registered yet. Register one: afterword site add NAME https://blog.example.org")


@site.command(name="set")
@click.argument("name")
@click.option("--origin", "origins", multiple=True, help="All origins of the site from now on; repeat for several.")
@click.option("--www", type=click.Choice(["drop", "keep"]), help="Are www.example.org and example.org one page?")
@click.option("--names", type=click.Choice(["required", "optional"]), help="Does a comment need a name?")
@click.option("--depth", type=int, help="How deep replies are indented (0 to 6).")
@click.option("--edit-minutes", type=int, help="How long readers may edit and delete their own comments (0: never).")
@click.option("--votes", type=click.Choice(["both", "up", "off"]), help="May readers vote?")
@with_database
def set_(name: str, origins: tuple[str, ...], **given: Any) -> None:
    """Change settings of the site NAME."""
    values = {key: value for key, value in given.items() if value is not None}
    if not values and not origins:
        raise click.UsageError("Nothing to set; see afterword site set --help.")
    changed = pages.change(name, values, origins or None, COMMAND_LINE, now())
    described = _described(changed)
    as_table(list(described), [[_joined(value) for value in described.values()]])


@site.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_database
def remove(name: str, yes: bool) -> None:
    """Remove the site NAME with all its pages and comments."""
    known = pages.get_site(name)
    count, comments = pages.totals(known)
    if not yes:
        click.confirm(f"Remove {name} with {count} pages and {comments} published comments for good?", abort=True)
    pages.remove(name, now(), COMMAND_LINE)
    click.echo(f"Site {name} is removed.")


@site.command()
@click.argument("name")
@click.option("--reason", help="Shown to readers.")
@click.option("--until", "reopens", type=When(), help="Ends by itself then.")
@with_database
def freeze(name: str, reason: str | None, reopens: datetime | None) -> None:
    """Close all pages of the site NAME at once, whatever was set for each; their threads stay readable."""
    pages.freeze(name, reason, reopens, now(), COMMAND_LINE)
    click.echo(f"Site {name} is frozen{until(reopens)}.")


@site.command()
@click.argument("name")
@with_database
def thaw(name: str) -> None:
    """End the freeze of the site NAME: each of its pages is again as it was set to be."""
    pages.thaw(name, now(), COMMAND_LINE)
    click.echo(f"Site {name} is no longer frozen.")


#: rules that are numbers, of which 0 is none
_NUMBERS = ("days_after_first", "days_after_last", "after_comments")


@site.command()
@click.argument("name")
@click.option("--days-after-first", type=click.IntRange(0), help="Close a page so long after its first comment.")
@click.option("--days-after-last", type=click.IntRange(0), help="Close a page so long after its last comment.")
@click.option("--after-comments", type=click.IntRange(0), help="Close a page that has so many comments.")
@click.option("--hours", help='When pages are open each day, like 07:00-23:00; "off" for always.')
@click.option("--weekdays", help='The days on which they open, like mon,tue,wed; "all" for every day.')
@click.option("--zone", help="The time zone of the hours, like Europe/Berlin.")
@click.option("--reason", help='Shown to readers; "" for a sentence of the service.')
@click.option("--off", is_flag=True, help="Forget all rules that were set before.")
@click.option("--dry-run", is_flag=True, help="Say how many pages would close and open, and do nothing.")
@with_database
def closing(name: str, off: bool, dry_run: bool, **given: Any) -> None:
    """Set when pages of the site NAME close by themselves; without options, show it.

    A rule that is not named stays as it is, and 0 takes one away. A page that was closed or opened by hand is left
    alone until `afterword page auto` hands it back.
    """
    named = {key: value for key, value in given.items() if value is not None}
    known = pages.get_site(name)
    before = pages.read_closing(known.closing)
    if not named and not off:
        _show_rules(before)
        return
    values = _merged({} if off else before.values(), named)
    wanted = pages.load_closing(values)
    moment = now()
    seen = pages.preview_closing(known, wanted, moment)
    if not dry_run:
        pages.set_closing(name, values, COMMAND_LINE, moment)
    would = "would close now and" if dry_run else "closed by it, and"
    click.echo(f"Of {seen.looked_at} {seen.closes} {would} {seen.opens} {'open' if dry_run else 'opened'}.")
    if not dry_run:
        _show_rules(wanted)


def _merged(values: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    if "weekdays" in named:
        named["weekdays"] = [] if named["weekdays"] == "all" else named["weekdays"].split(",")
    values = values | named
    if values.get("hours") == "off":
        values = {key: value for key, value in values.items() if key not in ("hours", "weekdays", "zone")}
    return {key: value for key, value in values.items() if value or key not in _NUMBERS}


def _show_rules(rules: Automatic) -> None:
    if rules.is_off:
        click.echo("No page closes by itself.")
        return
    values = rules.values()
    if rules.hours is not None:
        values["hours"] = [values["hours"], ",".join(values.get("weekdays", [])), values["zone"]]
    rows = [[rule, _joined(values[rule]), rules.words(rule)] for rule in RULES if rule in values]
    as_table(["rule", "value", "what readers are told"], rows)


def _described(known: Site) -> dict[str, Any]:
    count, comments = pages.totals(known)
    return {
        "name": known.name,
        "origins": pages.origins_of(known),
        "www": known.www,
        "names": known.names,
        "depth": known.depth,
        "edit_minutes": known.edit_minutes,
        "votes": known.votes,
        "frozen": pages.is_frozen(known, now()),
        "pages": count,
        "comments": comments,
    }


def _joined(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else value
