"""`afterword page …`: list, close, open and name pages, and hand them back to the site's own rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from service import pages, policy
from service.cli.output import Group, as_json, as_table, now, with_database
from service.cli.when import When, until
from service.errors import NotFound
from service.pages import Listed, Place
from service.people.audit import COMMAND_LINE

#: pages asked for at once
_PART = 500


@click.group(cls=Group)
def page() -> None:
    """List pages, close them to new comments, open them again, say what they are called."""


@page.command()
@click.argument("url")
@click.option("--id", "page_id", help="The owner's own page id, where the page has one.")
@click.option("--reason", help="Shown to readers.")
@click.option("--until", "reopens", type=When(), help="Opens again by itself then.")
@with_database
def close(url: str, page_id: str | None, reason: str | None, reopens: datetime | None) -> None:
    """Close the page at URL. When this returns, no comment can be added there any more; its thread stays readable."""
    place = pages.close(url, page_id, reason, reopens, now(), COMMAND_LINE)
    click.echo(f"{place.url} is closed{until(reopens)}.")


@page.command(name="open")
@click.argument("url")
@click.option("--id", "page_id", help="The owner's own page id, where the page has one.")
@with_database
def open_(url: str, page_id: str | None) -> None:
    """Open the page at URL, whatever the site's rules for closing say; see `auto` for the way back to them."""
    moment = now()
    _tell(pages.reopen(url, page_id, moment, COMMAND_LINE), moment)


@page.command()
@click.argument("url")
@click.option("--id", "page_id", help="The owner's own page id, where the page has one.")
@with_database
def auto(url: str, page_id: str | None) -> None:
    """Hand the page at URL back to the site's rules for closing, after it was closed or opened by hand."""
    moment = now()
    _tell(pages.hand_back(url, page_id, moment, COMMAND_LINE), moment)


@page.command(name="set")
@click.argument("url")
@click.option("--id", "page_id", help="The owner's own page id, where the page has one.")
@click.option("--title", help="What it is called; empty: by its address.")
@click.option("--url", "address", metavar="URL", help="Where it is: spelled otherwise, or for a page with an id.")
@with_database
def set_(url: str, page_id: str | None, title: str | None, address: str | None) -> None:
    """Set the title and the address under which the page at URL is shown and linked to."""
    if title is None and address is None:
        raise click.UsageError("Give --title or --url.")
    found = pages.locate_meant(url, page_id).page
    if found is None:
        raise NotFound(f"page as {url}")
    place = pages.describe(found.id, title, address, now(), COMMAND_LINE)
    assert place.page is not None, "it was just set"
    click.echo(f"{place.url} is called {place.page.title}." if place.page.title else f"{place.url} has no title.")


def _tell(place: Place, moment: datetime) -> None:
    closing = policy.state_at(place.site, place.page, moment)
    if not closing.closed:
        click.echo(f"{place.url} is open.")
        return
    why = "the site is frozen" if closing.rule == "freeze" else f"by the site's rule {closing.rule}"
    click.echo(f"{place.url} is closed{until(closing.reopens)}: {why}.")


@page.command(name="list")
@click.option("--site", "name", help="Only pages of this site.")
@click.option("--search", default="", metavar="TEXT", help="Only pages with this in their address, title or id.")
@click.option("--closed/--open", "closed", default=None, help="Only pages that are closed, or open, now.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def list_(name: str | None, search: str, closed: bool | None, wants_json: bool) -> None:
    """List pages that have, or had, comments."""
    known = [pages.get_site(name)] if name else pages.sites()
    moment = now()
    found = [_described(listed) for site in known for listed in _all(site.id, closed, search, moment)]
    if wants_json:
        as_json(found)
    else:
        rows = [
            [
                row["site"],
                row["url"],
                row.get("id"),
                row["comments"],
                "closed" if row["closed"] else "open",
                row["reason"],
                row["reopens"],
            ]
            for row in found
        ]
        as_table(["site", "page", "id", "comments", "state", "reason", "reopens"], rows)


def _all(site_id: int, closed: bool | None, search: str, moment: datetime) -> Iterator[Listed]:
    part = pages.listing_filtered([site_id], closed, search, None, _PART, moment)
    yield from part.pages
    while part.next is not None:
        part = pages.listing_filtered([site_id], closed, search, part.next, _PART, moment)
        yield from part.pages


def _described(listed: Listed) -> dict[str, Any]:
    page, closing = listed.page, listed.closing
    described = {"site": listed.site.name, "url": page.url, "comments": page.count, "closed": closing.closed}
    if page.key.startswith("#"):
        described["id"] = page.key[1:]
    return described | {"reason": closing.reason, "reopens": closing.reopens}
