"""What the command line prints, and how it ends: 0 done, 1 refused or failed, 2 wrong usage."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from flask import Flask
from rich.console import Console
from rich.table import Table

from service import database, text
from service.errors import AfterwordError, Invalid, Unavailable
from service.settings import Settings, load
from service.transfer import running

P = ParamSpec("P")
R = TypeVar("R")


class Group(click.Group):
    """A group whose commands end with one clear line instead of a traceback when the service refuses."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes exit status 1."""
        try:
            return super().invoke(ctx)
        except AfterwordError as error:
            raise click.ClickException(_cell(told(error))) from error


def told(error: AfterwordError) -> str:
    """Return what to say of an error to whoever runs the service: which fields, and what the database itself says."""
    if isinstance(error, Invalid):
        return " ".join(_named(error.fields)) or error.sentence()  # no form stands beside what is wrong with it
    said = error.said if isinstance(error, Unavailable) else ""
    return f"{error.sentence()} The database says: {said}" if said else error.sentence()


def _named(fault: Any, field: str = "") -> list[str]:
    if isinstance(fault, Mapping):
        return [
            line for name, inner in fault.items() for line in _named(inner, f"{field}.{name}" if field else str(name))
        ]
    said = fault if isinstance(fault, str) else " ".join(fault)
    return [f"{field}: {said}"]


@contextmanager
def opened(*, hold: bool = True) -> Iterator[Settings]:
    """Open the database, without the web above it; the embedded one is brought up to date first.

    While it is open nothing is restored, unless it does not `hold` the data folder. Raises Conflict during a restore.
    """
    settings = load()
    text.choose(settings.sanitiser)
    app = Flask("afterword")
    with running.shared(settings.data_dir) if hold else nullcontext():
        database.open_database(app, settings)
        with app.app_context():
            if database.is_embedded():
                database.migrate(settings)
            try:
                yield settings
            finally:
                database.close_database()


def with_database(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command with the database open."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with opened():
            return command(*args, **kwargs)

    return wrapped


def as_json(value: Any) -> None:
    """Print a value for a script to read; what a terminal could take for a command is escaped, as JSON can."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, indent=2)
    click.echo("".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text))


def as_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows for a person to read; nothing in a cell is taken for markup or for a terminal's commands."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    width = None if sys.stdout.isatty() else 200
    Console(width=width, markup=False, emoji=False, highlight=False).print(table)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else " " for character in text)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # one level, for json asks again for what lies deeper; asdict() would make nonsense of a Counter
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return str(value)


def now() -> datetime:
    """Return the time; the command line is a door, and doors read the clock."""
    return datetime.now(UTC)
