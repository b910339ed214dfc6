"""`afterword comment …`: look at comments and decide on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from service import comments
from service.cli.output import Group, as_json, as_table, now, with_database
from service.cli.when import When
from service.models import LARGEST_ID
from service.people.audit import COMMAND_LINE

#: characters of a comment shown in a list
_EXCERPT = 60
#: ids as they are given out; what is beyond no database could hold
_ID = click.IntRange(1, LARGEST_ID)
_REASON = click.option("--reason", default="", help="Kept in the audit log.")


class _Version(click.ParamType[str]):
    name = "version"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not comments.is_version(value):
            self.fail(f"{value!r} is no version of a comment, such as 17-pending.", param, ctx)
        return value


_SEEN = "The version of a comment that was looked at, as `comment show` has it: what changed since is left alone."
_JSON = click.option("--json", "wants_json", is_flag=True, help="Print JSON.")


@click.group(cls=Group)
def comment() -> None:
    """List comments, publish those that were held, mark spam, delete, change."""


@comment.command(name="list")
@click.option("--site", help="Only comments of this site.")
@click.option("--state", type=click.Choice(["published", "pending", "spam", "deleted"]))
@click.option("--view", type=click.Choice(comments.VIEWS), help="What waits for a decision, or all of a state.")
@click.option("--page", help="Only comments of this page: its address, or its id here.")
@click.option("--author", help="Only comments of this author: name, e-mail address or reader's id.")
@click.option("--rule", help="Only what this rule held.")
@click.option("--text", help="Only comments with this in their text.")
@click.option("--since", type=When(), help="Written then or later.")
@click.option("--until", type=When(), help="Written before that.")
@click.option("--order", type=click.Choice(comments.ORDERS), default="newest", show_default=True)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@_JSON
@with_database
def list_(
    state: str | None,
    view: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    wants_json: bool,
    **filters: Any,
) -> None:
    """List comments, newest first."""
    if state and view:
        raise click.UsageError("Give --state or --view, not both.")
    times = {name: at.isoformat() for name, at in (("since", since), ("until", until)) if at is not None}
    found = comments.listing(comments.load_asked({**filters, **times, "view": view or state or "all"}), limit)
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
    stored = comments.get_comment(comment_id)
    as_json(stored | {"reported": comments.reports(comment_id), "history": comments.history(comment_id)})


def _verb(name: str, state: str, text: str) -> None:
    @comment.command(name=name, help=text)
    @click.argument("comment_ids", type=_ID, nargs=-1, required=True, metavar="ID...")
    @click.option("--seen", "seen", nargs=2, multiple=True, type=(_ID, _Version()), metavar="ID VERSION", help=_SEEN)
    @_REASON
    @_JSON
    @with_database
    def decide(comment_ids: tuple[int, ...], seen: tuple[tuple[int, str], ...], reason: str, wants_json: bool) -> None:
        made = comments.moderate(comment_ids, state, COMMAND_LINE, now(), reason, seen=dict(seen))
        if wants_json:
            as_json(made)
            return
        click.echo(f"{len(made.changed)} of {len(comment_ids)} changed: now {state}.")
        _tell_left(made)
        if made.changed:
            click.echo(f"Undo with: afterword comment undo -- {made.batch}", err=True)


def _tell_left(made: comments.Decision) -> None:
    for each in made.skipped:
        click.echo(f"Comment {each.id} is left as it is: {comments.REASONS[each.reason]}.")


_verb("approve", "published", "Publish comments.")
_verb("spam", "spam", "Mark comments as spam; they no longer show.")
_verb("delete", "deleted", "Delete comments; one with replies keeps its place, without its text.")
_verb("hold", "pending", "Hold comments until they are decided on again; they no longer show.")


@comment.command()
@click.argument("batch")
@_JSON
@with_database
def undo(batch: str, wants_json: bool) -> None:
    """Undo the decisions of BATCH, as far as nothing else was decided since."""
    made = comments.undo(batch, COMMAND_LINE, now())
    if wants_json:
        as_json(made)
        return
    click.echo(f"{len(made.changed)} undone.")
    _tell_left(made)


@comment.command()
@click.argument("comment_id", type=_ID, metavar="ID")
@click.option("--body-file", type=click.File(encoding="utf-8"), help="The new text; - is standard input.")
@click.option("--name", help="Another name for the author.")
@click.option("--website", help="Another website of the author's; empty for none.")
@_REASON
@with_database
def edit(comment_id: int, body_file: Any, name: str | None, website: str | None, reason: str) -> None:
    """Change what the comment ID says; what it said is kept in its history. Without options, open an editor."""
    given = {"body": body_file.read() if body_file else None, "name": name, "website": website}
    values = {field: value for field, value in given.items() if value is not None}
    if not values:
        body = click.edit(str(comments.get_comment(comment_id)["body"]), extension=".md")
        values = {"body": body} if body is not None else {}
    changed = bool(values) and comments.revise(comment_id, comments.load_revision(values), COMMAND_LINE, now(), reason)
    click.echo(f"Comment {comment_id} is changed." if changed else "Nothing was changed.")


@comment.command()
@click.argument("comment_id", type=_ID, metavar="ID")
@click.option("--name", required=True, help="The name under which the answer shows, with the operator's badge.")
@click.option("--body-file", type=click.File(encoding="utf-8"), required=True, help="Its text; - is standard input.")
@with_database
def answer(comment_id: int, name: str, body_file: Any) -> None:
    """Answer the comment ID on its page, as an operator."""
    given = comments.load_answer({"body": body_file.read()})
    made = comments.answer(comment_id, given, name, COMMAND_LINE, now())
    click.echo(f"Comment {made} answers comment {comment_id}.")


@comment.command()
@click.argument("comment_id", type=_ID, metavar="ID")
@_JSON
@with_database
def history(comment_id: int, wants_json: bool) -> None:
    """Show what the comment ID said before it was changed, oldest first."""
    found = comments.history(comment_id)
    if wants_json:
        as_json(found)
    else:
        rows = [[row.at, row.actor or "its author", row.name, row.website, row.body] for row in found]
        as_table(["until", "changed by", "name", "website", "text"], rows)


@comment.command()
@click.argument("comment_id", type=_ID, metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_REASON
@with_database
def erase(comment_id: int, yes: bool, reason: str) -> None:
    """Erase the text and the author of the comment ID for good. This cannot be undone."""
    if not yes:
        click.confirm(f"Erase comment {comment_id} for good?", abort=True)
    comments.wipe(comment_id, COMMAND_LINE, now(), reason)
    click.echo(f"Comment {comment_id} is erased.")
