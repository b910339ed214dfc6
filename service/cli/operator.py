"""`afterword operator …`: who may moderate, and with what they prove it."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import click

from service.cli.output import Group, as_json, as_table, now, opened, with_database
from service.models import LARGEST_ID
from service.people import invitations, operators, passwords, sessions, signin, tokens
from service.people.audit import COMMAND_LINE

#: a password that is typed into a pipe ends with its line
_LONGEST_LINE = passwords.LONGEST * 4 + 2


@click.group(cls=Group)
def operator() -> None:
    """Add operators, give them passwords and API tokens, end their sessions, remove them."""


@operator.command()
@click.argument("name")
@click.option("--role", type=click.Choice(operators.ROLES), default=operators.MODERATOR, show_default=True)
@click.option("--site", "sites", multiple=True, help="Moderates only this site; repeat for several.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(name: str, role: str, sites: tuple[str, ...], password_stdin: bool) -> None:
    """Add the operator NAME. Without a password it prints a link by which one is set, good once, for seven days."""
    password = _password() if password_stdin else None
    with opened() as settings:
        moment = now()
        made = operators.add(name, role, sites or None, COMMAND_LINE, moment, password)
        click.echo(f"{made.name} is {made.role} of {_sites(made.sites)}.")
        if password is None:
            _tell_link(invitations.for_password(made.name, COMMAND_LINE, moment), made.name, settings.public_url)


@operator.command(name="list")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def list_(wants_json: bool) -> None:
    """List all operators."""
    found = operators.listing()
    if wants_json:
        as_json(found)
    elif found:
        rows = [
            [
                each.id,
                each.name,
                each.role,
                _sites(each.sites),
                _yes(each.has_password),
                _yes(each.has_totp),
                each.created,
            ]
            for each in found
        ]
        as_table(["id", "name", "role", "sites", "password", "second factor", "created"], rows)
    else:
        click.echo("There is no operator yet. Add one: afterword operator add NAME --role owner")


@operator.command(name="set")
@click.argument("name")
@click.option("--role", type=click.Choice(operators.ROLES))
@click.option("--site", "sites", multiple=True, help="Moderates only this site from now on; repeat for several.")
@click.option("--all-sites", is_flag=True, help="Moderates all sites from now on.")
@with_database
def set_(name: str, role: str | None, sites: tuple[str, ...], all_sites: bool) -> None:
    """Change the role or the sites of the operator NAME."""
    if (role is None and not sites and not all_sites) or (sites and all_sites):
        raise click.UsageError("Give --role, and either --site or --all-sites; see afterword operator set --help.")
    given: dict[str, Any] = {} if role is None else {"role": role}
    if sites or all_sites:
        given["sites"] = sites or None
    known = operators.change(name, given, COMMAND_LINE, now())
    click.echo(f"{known.name} is {known.role} of {_sites(known.sites)}.")


@operator.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(name: str, password_stdin: bool) -> None:
    """Set the password of NAME, or print a link by which NAME sets one; a new password ends all sessions."""
    given = _password() if password_stdin else None
    with opened() as settings:
        if given is None:
            _tell_link(invitations.for_password(name, COMMAND_LINE, now()), name, settings.public_url)
        else:
            operators.set_password(name, given, COMMAND_LINE, now())
            click.echo(f"The password of {name} is set; all sessions have ended.")


@operator.command(name="reset-second-factor")
@click.argument("name")
@with_database
def reset_second_factor(name: str) -> None:
    """Turn off the second factor of NAME, who has lost it."""
    signin.disable_totp(operators.get(name).id, COMMAND_LINE, now())
    click.echo(f"{name} signs in with the password alone from now on.")


@operator.command()
@click.argument("name")
@click.option("--name", "called", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(operators.SCOPES))
@click.option("--days", type=click.IntRange(1, tokens.LONGEST_DAYS), help="How long it is good; for good without.")
@with_database
def token(name: str, called: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token for the API that acts as NAME, and print it. It can't be shown again."""
    _, text = tokens.make(name, called, scopes, days, COMMAND_LINE, now())
    click.echo(text)


@operator.command(name="tokens")
@click.argument("name")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def tokens_(name: str, wants_json: bool) -> None:
    """List the tokens of NAME."""
    found = tokens.listing(name)
    if wants_json:
        as_json(found)
    else:
        rows = [[each.id, each.name, " ".join(each.scopes), each.created, each.expires, each.used] for each in found]
        as_table(["id", "name", "scopes", "created", "expires", "used"], rows)


@operator.command(name="remove-token")
@click.argument("name")
@click.argument("token_id", type=int, metavar="ID")
@with_database
def remove_token(name: str, token_id: int) -> None:
    """Remove a token of NAME; it is no longer good at once."""
    tokens.remove(name, token_id, COMMAND_LINE, now())
    click.echo("The token is removed.")


@operator.command()
@click.argument("name")
@with_database
def remove(name: str) -> None:
    """Remove the operator NAME with all sessions and tokens. What was done stays in the audit log."""
    operators.remove(name, COMMAND_LINE, now())
    click.echo(f"{name} is removed.")


@operator.command(name="sessions")
@click.argument("name")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def sessions_(name: str, wants_json: bool) -> None:
    """List where NAME is signed in."""
    found = sessions.listing(operators.get(name).id, now())
    if wants_json:
        as_json(found)
    else:
        rows = [[each.id, each.agent, each.address, each.created, each.seen] for each in found]
        as_table(["id", "browser", "network", "since", "seen"], rows)


@operator.command(name="end-sessions")
@click.argument("name")
@click.option("--id", "session_id", type=click.IntRange(1, LARGEST_ID), help="Only this session, as sessions lists it.")
@with_database
def end_sessions(name: str, session_id: int | None) -> None:
    """Sign NAME out everywhere, or in one place."""
    operator_id, ended = operators.get(name).id, 1
    if session_id is None:
        ended = sessions.end_all(operator_id, COMMAND_LINE, now())
    else:
        sessions.end_one(operator_id, session_id, COMMAND_LINE, now())
    click.echo(f"{ended} session{'' if ended == 1 else 's'} ended.")


def setup_link(moment: datetime, base: str) -> str | None:
    """Return a new link by which the first owner is made, None when there is one."""
    made = invitations.for_first_owner(moment)
    return f"{base}/admin/setup/{made}" if made is not None else None


def _tell_link(made: str, name: str, public_url: str) -> None:
    click.echo(f"By this link, good once and for seven days, {name} sets a password:")
    click.echo(f"{public_url}/admin/password/{made}")
    if not public_url:
        click.echo("(AFTERWORD_PUBLIC_URL is not set: put the address of the service before it.)", err=True)


def _password() -> str:
    typed = sys.stdin.read(_LONGEST_LINE)
    return typed.removesuffix("\n").removesuffix("\r")


def _sites(names: tuple[str, ...] | None) -> str:
    return "all sites" if names is None else " ".join(names) or "no site"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
