"""`afterword person`: what is kept of one person, for who asks for it, and its erasure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from service import comments
from service.cli.output import Group, as_json, now, with_database
from service.models import LARGEST_ID
from service.people.audit import COMMAND_LINE

_ID = click.IntRange(1, LARGEST_ID)


@click.group(cls=Group)
def person() -> None:
    """Answer somebody who asks what is kept of them, or that it be erased.

    Whether somebody is who they say is for you to judge: anybody can type another's e-mail address.
    """


def _named(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--comment", "comment_id", type=_ID, help="Who wrote this comment, and all else that they wrote."),
        click.option("--reader", "reader_id", type=_ID, help="The reader with this id."),
        click.option("--email", help="Whoever gave this e-mail address."),
    ):
        command = option(command)
    return command


@person.command()
@_named
@with_database
def export(**named: Any) -> None:
    """Print all that is kept of one person as JSON."""
    as_json(comments.person.export(_person(**named)))


@person.command()
@_named
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def erase(wants_json: bool, **named: Any) -> None:
    """Erase what one person wrote, for good: there is no undo.

    Comments with replies keep their place, without a word or a name. Backups that were taken before still hold it, for
    as long as they are kept.
    """
    done = comments.person.erase(_person(**named), COMMAND_LINE, now())
    if wants_json:
        as_json(done)
    else:
        click.echo(
            f"Erased {done.comments} comments{', and the reader with votes and reports' if done.reader else ''}."
        )


def _person(email: str | None, reader_id: int | None, comment_id: int | None) -> comments.person.Person:
    return comments.person.Person(email, reader_id, comment_id)
