"""`afterword spam …`: what the spam filter has learnt."""

from __future__ import annotations

from pathlib import Path

import click

from service import comments, database
from service.cli.output import Group, as_json, now, with_database
from service.models import LARGEST_ID
from service.people.audit import COMMAND_LINE
from service.policy import spam as filter_

_ID = click.IntRange(1, LARGEST_ID)
_FILE = click.Path(dir_okay=False, path_type=Path, allow_dash=True)


@click.group(cls=Group)
def spam() -> None:
    """See what the spam filter has learnt, take it elsewhere, or let it forget."""


@spam.command()
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def status(wants_json: bool) -> None:
    """Say from how many decisions the filter has learnt."""
    known = filter_.status()
    if wants_json:
        as_json(known)
        return
    click.echo(f"Learnt from {known.good} good comments and {known.spam} spam; {known.words} tokens.")
    if not known.ready:
        click.echo(f"It judges nothing yet: it needs {filter_.ENOUGH} of each.")


@spam.command()
@click.argument("comment_id", type=_ID, metavar="ID")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def why(comment_id: int, wants_json: bool) -> None:
    """Say how likely spam a stored comment is, and the strongest signs of it."""
    stored = comments.get_comment(comment_id)
    facts = filter_.facts_of(stored["html"], stored["name"], stored["website"])
    with database.read() as connection:
        score = filter_.score(connection, lambda: facts)
    if wants_json:
        as_json({"probability": score.probability, "ready": score.ready, "signs": score.signs, "taught": score.taught})
        return
    if not score.ready:
        click.echo(f"No verdict: it needs {filter_.ENOUGH} decisions of each kind, and has {score.taught} in all.")
        return
    click.echo(f"{score.probability:.1%} likely spam, after {score.taught} decisions. The strongest signs:")
    for sign, weight in score.signs:
        click.echo(f"  {'spam' if weight > 0 else 'good'} {abs(weight):4.2f}  {sign}")


@spam.command()
@click.confirmation_option(prompt="Forget everything that the filter has learnt?")
@with_database
def reset() -> None:
    """Forget everything that was learnt."""
    before = filter_.reset(COMMAND_LINE, now())
    click.echo(f"Forgotten: {before.good} good comments, {before.spam} spam, {before.words} tokens.")


@spam.command()
@click.argument("file", type=_FILE)
@with_database
def export(file: Path) -> None:
    """Write what was learnt to FILE (- for standard output): counts of tokens, no comments."""
    with click.open_file(str(file), "w", encoding="utf-8", atomic=str(file) != "-") as stream:
        stream.writelines(filter_.export())
    if str(file) != "-":
        click.echo(f"Written to {file}.")


@spam.command(name="import")
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Forget first what was learnt here.")
@with_database
def import_(file: Path, replace: bool) -> None:
    """Add what FILE holds (- for standard input), written by `export`, to what was learnt here."""
    try:
        with click.open_file(str(file), encoding="utf-8") as stream:
            known = filter_.load(stream, COMMAND_LINE, now(), replace=replace)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is no UTF-8 text.") from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}.") from error
    click.echo(f"Learnt now: {known.good} good comments and {known.spam} spam; {known.words} tokens.")
