"""`afterword comment …`: look at comments and decide on them."""

from __future__ import annotations

import click

from service import comments, pages
from service.cli.output import Group, as_json, as_table, now, with_database
from service.models import LARGEST_ID

#: characters of a comment shown in a list
_EXCERPT = 60
#: ids as they are given out; what is beyond no database could hold
_ID = click.IntRange(1, LARGEST_ID)


@click.group(cls=Group)
def comment() -> None:
    """List comments, publish those that were held, mark spam, delete."""


@comment.command(name="list")
@click.option("--site", "name", help="Only comments of this site.")
@click.option("--state", type=click.Choice(["published", "pending", "spam", "deleted"]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def list_(name: str | None, state: str | None, limit: int, wants_json: bool) -> None:
    """List comments, newest first."""
    found = comments.listing(pages.get_site(name) if name else None, state, limit)
    if wants_json:
        as_json(found)
    else:
        rows = [[row.id, row.created, row.state, row.rule, row.name, row.body[:_EXCERPT], row.page] for row in found]
        as_table(["id", "created", "state", "rule", "name", "text", "page"], rows)


@comment.command()
@click.argument("comment_id", type=_ID, metavar="ID")
@with_database
def show(comment_id: int) -> None:
    """Show everything that is stored of a comment, as JSON."""
    as_json(comments.get_comment(comment_id))


def _verb(name: str, state: str, text: str) -> None:
    @comment.command(name=name, help=text)
    @click.argument("comment_ids", type=_ID, nargs=-1, required=True, metavar="ID...")
    @with_database
    def decide(comment_ids: tuple[int, ...]) -> None:
        changed = comments.moderate(comment_ids, state, now())
        click.echo(f"{len(changed)} of {len(comment_ids)} changed: now {state}.")


_verb("approve", "published", "Publish comments.")
_verb("spam", "spam", "Mark comments as spam; they no longer show.")
_verb("delete", "deleted", "Delete comments; one with replies keeps its place, without its text.")
