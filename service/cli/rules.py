"""`afterword rules …`: what a site holds, marks and refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

import click
from marshmallow import fields, validate

from service import pages
from service.cli.output import Group, as_json, as_table, now, with_database
from service.people.audit import COMMAND_LINE
from service.policy import settings
from service.policy.describe import describe
from service.policy.presets import PRESETS
from service.policy.settings import GATHERED, NAMES, Rules, RulesSchema
from service.policy.tryout import tryout

_YES = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}
#: settings whose entries may hold commas, and are given one at a time
_ONE_ENTRY = ("hold_patterns", "spam_patterns")
#: comments listed that other rules would have judged otherwise
_LISTED = 20


@click.group(cls=Group)
def rules() -> None:
    """Show a site's rules, change them, and try others on the last thirty days."""


@rules.command()
@click.argument("site")
@click.option("--json", "wants_json", is_flag=True, help="Print the settings as JSON.")
@with_database
def show(site: str, wants_json: bool) -> None:
    """Show the rules of SITE in the order in which they are asked."""
    known = settings.rules_of(site)
    if wants_json:
        as_json({name: getattr(known, name) for name in NAMES})
    else:
        _show(known)


def _settings() -> str:
    """Return a line for each setting: what it may be, as its schema says it."""
    return "\b\nKEY and VALUE:\n" + "\n".join(f"  {name}={_values_of(name)}" for name in NAMES)


def _values_of(name: str) -> str:
    field = RulesSchema().fields[name]
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            return "|".join(map(str, check.choices))
        if isinstance(check, validate.Range):
            return f"{check.min} to {check.max}"
    if isinstance(field, fields.Boolean):
        return "on|off"
    return "a pattern" if name in _ONE_ENTRY else "RULE,..." if name == "off" else "WORD,..."


@rules.command(name="set", epilog=_settings())
@click.argument("site")
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE...")
@click.option("--reason", default="", help="Goes into the audit log.")
@with_database
def set_(site: str, values: tuple[str, ...], reason: str) -> None:
    """Change settings of SITE's rules; KEY= with nothing behind it takes the preset's own again.

    Lists are written with commas; a list from a file: afterword rules words.
    """
    _show(settings.change(site, _values(values), COMMAND_LINE, now(), reason))


@rules.command()
@click.argument("site")
@click.argument("name", type=click.Choice(list(PRESETS)))
@click.option("--reason", default="", help="Goes into the audit log.")
@with_database
def preset(site: str, name: str, reason: str) -> None:
    """Give SITE all settings of the preset NAME; its lists of words and patterns stay."""
    _show(settings.change(site, {"preset": name}, COMMAND_LINE, now(), reason))


@rules.command(name="try")
@click.argument("site")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE...]")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@with_database
def try_(site: str, values: tuple[str, ...], wants_json: bool) -> None:
    """Say what SITE's rules, with these changes, would have matched in the last thirty days. Nothing is changed."""
    tried = tryout(pages.get_site(site), settings.changed(settings.rules_of(site), _values(values)), now())
    changed = [
        [each.comment_id, each.state, each.now.state, each.now.rule, each.verdict.state, each.verdict.rule]
        for each in tried.would_change
    ]
    if wants_json:
        columns = ("comment", "state", "now", "now_rule", "would_be", "rule")
        listed = [dict(zip(columns, row, strict=True)) for row in changed]
        listed = [row | {"decided": each.decided} for row, each in zip(listed, tried.would_change, strict=True)]
        counts = {"total": tried.total, "of": tried.of, "by_rule": tried.by_rule, "decided": tried.decided}
        as_json(counts | {"would_change": listed})
        return
    click.echo(f"Of the last thirty days {tried.looked_at} {'was' if tried.of == 1 else 'were'} looked at.")
    if tried.by_rule:
        as_table(["rule", "matches"], list(tried.by_rule.items()))
    click.echo(f"Of these would be given another state than by the rules that hold: {len(changed)}.")
    if tried.decided:
        click.echo(f"Of these in turn operators have decided otherwise: {tried.decided}.")
    if changed:
        as_table(["comment", "state", "now by rules", "rule", "would be", "rule"], changed[:_LISTED])


@rules.command()
@click.argument("site")
@click.option(
    "--file", "file", type=click.File(encoding="utf-8"), required=True, help="An entry a line; - reads input."
)
@click.option("--list", "name", type=click.Choice(list(GATHERED)), default="hold_words", show_default=True)
@click.option("--add", is_flag=True, help="Keep what is in the list already.")
@click.option("--reason", default="", help="Goes into the audit log.")
@with_database
def words(site: str, file: TextIO, name: str, add: bool, reason: str) -> None:
    """Read a list of words or patterns for SITE from a file, in the place of the one that it has."""
    try:
        entries = [line.strip() for line in file if line.strip()]
    except UnicodeDecodeError:
        raise click.UsageError("The file is not UTF-8.") from None
    kept = list(getattr(settings.rules_of(site), name)) if add else []
    changed = settings.change(site, {name: [*kept, *entries]}, COMMAND_LINE, now(), reason)
    click.echo(f"{name} of {site} has {len(getattr(changed, name))} entries.")


def _values(given: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise click.UsageError(f"{each} is no KEY=VALUE.")
        if name not in NAMES:
            raise click.UsageError(f"There is no setting {name}; there are {', '.join(NAMES)}.")
        found[name] = _value(name, value.strip())
    return found


def _value(name: str, value: str) -> Any:
    example = getattr(settings.preset("balanced"), name)
    if not value and name != "preset":
        return None
    if isinstance(example, tuple):
        return [part.strip() for part in value.split(",")] if name not in _ONE_ENTRY else [value]
    if isinstance(example, bool):
        return _YES.get(value.lower(), value)
    if isinstance(example, int) and value.isascii() and value.isdecimal():
        return int(value[:10])
    return value


def _show(known: Rules) -> None:
    own = ", ".join(sorted(known.own()))
    click.echo(f"Preset {known.preset}" + (f"; otherwise: {own}." if own else "."))
    as_table(
        ["rule", "", "what it does"], [[line.name, "on" if line.on else "off", line.does] for line in describe(known)]
    )
    reports = f"{known.reports} reports hold a comment." if known.reports else "Reports hold no comment."
    click.echo(reports)
