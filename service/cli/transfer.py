"""`afterword import …`."""

from __future__ import annotations

from pathlib import Path

import click

from service import pages
from service.cli.output import as_json, now, with_database
from service.pages import Site
from service.people.audit import COMMAND_LINE
from service.transfer import load, wordpress

_FORMATS = {"wordpress": wordpress.read}


@click.command(name="import")
@click.argument("format_", type=click.Choice(sorted(_FORMATS)), metavar="FORMAT")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", "name", required=True, help="The site whose pages the comments belong to.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def import_(format_: str, file: Path, name: str, dry_run: bool, wants_json: bool) -> None:
    """Merge the comments in FILE, exported by FORMAT (wordpress), into a site.

    What was imported before is left alone, so the same file can be imported again. An address with http in the place of
    https, or with or without www, is taken for the site's own. It ends with 1 where no page of FILE is of the site.
    """
    site = pages.get_site(name)
    with file.open("rb") as stream:
        report = load.merge(site, format_, _FORMATS[format_](stream), now(), COMMAND_LINE, dry_run=dry_run)
    if wants_json:
        as_json(report)
    else:
        click.echo(report.sentence(dry_run))
        for reason, count in sorted(report.skipped.items()):
            click.echo(f"  skipped {count}: {reason}")
        if report.foreign:
            click.echo(f"Where these are addresses of the site, too: {_naming(site, report.foreign)}")
    if report.elsewhere and not report.here:
        known = ", ".join(pages.origins_of(site))
        raise click.ClickException(f"Nothing came of the file: none of its pages is at an origin of {name} ({known}).")


def _naming(site: Site, more: list[str]) -> str:
    # all of them: what is given there takes the place of what was
    return " ".join(["afterword site set", site.name, *(f"--origin {each}" for each in pages.origins_of(site) + more)])
