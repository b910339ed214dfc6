"""`afterword site …`: which sites have threads here, and their settings."""

from __future__ import annotations

from typing import Any

import click

from service import pages
from service.cli.output import Group, as_json, as_table, now, with_database
from service.pages import Site


@click.group(cls=Group)
def site() -> None:
    """Register sites and set how they behave."""


@site.command()
@click.argument("name")
@click.argument("origins", nargs=-1, required=True, metavar="ORIGIN...")
@with_database
def add(name: str, origins: tuple[str, ...]) -> None:
    """Register the site NAME, served from ORIGIN (such as https://blog.example.org)."""
    made = pages.add(name, origins, now())
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
    changed = pages.change(name, values, origins or None)
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
    pages.remove(name)
    click.echo(f"Site {name} is removed.")


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
        "pages": count,
        "comments": comments,
    }


def _joined(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else value
