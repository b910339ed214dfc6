"""`afterword backup` and `afterword restore`."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.engine import make_url

from service.cli.output import as_json, now, opened
from service.settings import load
from service.transfer import backup as backups
from service.transfer import restore as restores
from service.transfer.copy_store import Content


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Take the place of a file of that name.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def backup(file: Path, overwrite: bool, wants_json: bool) -> None:
    """Take a backup of the database into FILE, while the service goes on.

    FILE is whole, checked and on the disk when this returns: of SQLite it is a database again, of PostgreSQL what
    pg_dump writes. It holds all that is kept, for its owner's eyes alone. The key in DATA_DIR/secret.key is not in it:
    without it nothing is lost but forms that are open at the moment.
    """
    with opened() as settings:
        made = backups.back_up(file.absolute(), settings, over=overwrite)
    if wants_json:
        as_json({"path": made.path, "bytes": made.bytes, "content": made.content})
    else:
        click.echo(f"{file}: {made.bytes} bytes; {_told(made.content)}.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Take the place of the database that is there, which is kept beside.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def restore(file: Path, replace: bool, wants_json: bool) -> None:
    """Put the backup FILE in the place of the database.

    FILE is looked at first: nothing is changed when it is damaged, or comes of a newer release. The service must not be
    running.
    """
    settings = load()
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        done = restores.restore(file.absolute(), settings, now(), replace=replace)
    else:
        with opened(hold=False) as settings:
            done = restores.restore_dump(file.absolute(), settings, now(), replace=replace)
    if wants_json:
        as_json({"content": done.content, "kept": done.kept})
        return
    click.echo(f"Restored: {_told(done.content)}.")
    if done.kept is not None:
        click.echo(f"What was there before is in {done.kept}; remove it when you no longer need it.")


def _told(content: Content) -> str:
    on = f"{content.comments} comments on {content.pages} pages of {content.sites} sites"
    return f"{on}, {content.operators} operators"
