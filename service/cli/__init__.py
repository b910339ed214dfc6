"""The command line: parse, call one room, print. `main` is the console script."""

from __future__ import annotations

import logging

import click

from service.cli import (
    audit,
    backup,
    ban,
    comment,
    doctor,
    move,
    operator,
    page,
    person,
    rules,
    serve,
    site,
    spam,
    tidy,
    transfer,
)
from service.cli.output import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="afterword", prog_name="afterword")
def main() -> None:
    """Afterword: a comment thread for any web page."""
    # an error is told once, by the line that ends the command; what the service logs of it is for servers
    logging.getLogger("service").addHandler(logging.NullHandler())


main.add_command(serve.serve)
main.add_command(serve.migrate)
main.add_command(doctor.doctor)
main.add_command(move.move_database)
main.add_command(site.site)
main.add_command(page.page)
main.add_command(comment.comment)
main.add_command(spam.spam)
main.add_command(rules.rules)
main.add_command(ban.ban)
main.add_command(transfer.import_)
main.add_command(operator.operator)
main.add_command(audit.audit)
main.add_command(person.person)
main.add_command(tidy.tidy)
main.add_command(backup.backup)
main.add_command(backup.restore)
