"""A site's rules: all of them in one place, each switchable, and what others would have said before they are saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import Response, current_app, redirect, render_template, request, url_for

from service import comments
from service.errors import AfterwordError, Invalid, NotFound, Overtaken
from service.pages import Site
from service.policy import settings
from service.policy.describe import describe
from service.policy.presets import MEANINGS, PRESETS, RULES
from service.policy.settings import GATHERED, Rules
from service.policy.tryout import Changed, Tried, tryout
from service.text import clean_line
from service.web import errors, own, state
from service.web.admin import guard, words
from service.web.admin.forms import faults_of, whole
from service.web.admin.guard import blueprint

#: bytes of a form with four full lists
_MOST_BYTES = 4 * 1024 * 1024
#: comments listed that would be judged otherwise
_LISTED = 30
_EXCERPT = 160
_CHOICES = ("publish", "form", "spam")
_NUMBERS = ("trust_after", "links", "min_seconds", "work", "reports")
_SHARES = ("hold_at", "mark_at")
_SWITCHES = ("trap", "repeats")


@dataclass(frozen=True)
class _Otherwise:
    """A comment that would be given another state."""

    id: int
    name: str
    excerpt: str
    changed: Changed


@blueprint.get("/rules")
def rules() -> Response:
    """Lead to the rules of the only site; of several, let one choose."""
    sites = own.sites(guard.require("settings"))
    if len(sites) == 1:
        return cast(Response, redirect(url_for("admin.rules_of", name=sites[0].name), 303))
    shown = [(site.name, settings.settings_of(site)) for site in sites]
    return Response(render_template("admin/rules_sites.html", sites=shown))


@blueprint.get("/rules/<name>")
def rules_of(name: str) -> Response:
    """Answer with a site's rules and settings; with ?preset= those of that preset are filled in, and not saved."""
    site = own.site_named(guard.require("settings"), name)
    known = settings.settings_of(site)
    preset = request.args.get("preset")
    if preset is None:
        return _page(site, known)
    if preset not in PRESETS:
        raise NotFound(f"preset as {preset}")
    return _page(site, known, typed=_shown(settings.changed(known, {"preset": preset})), begun=preset)


@blueprint.post("/rules/<name>")
@guard.takes(_MOST_BYTES, "settings")
def change_rules(name: str) -> Response:
    """Say what the typed settings would have matched, or save them."""
    who, now = guard.require("settings"), state.now()
    site = own.site_named(who, name)
    known = settings.settings_of(site)
    try:
        values = _values()
        wanted = settings.changed(known, values)
        if guard.typed("act") == "try":
            tried = tryout(site, wanted, now, state.now)
            return _page(site, known, typed=_typed(), tried=tried, wanted=wanted)
        reason = clean_line(guard.typed("why"))
        if len(reason) > 300:
            raise Invalid({"why": ["It may have 300 characters."]})
        settings.change(site.name, values, who.actor, now, reason, guard.typed("seen"))
    except Overtaken as error:
        site = own.site_named(who, name)
        return _page(site, settings.settings_of(site), error, typed=_typed() | {"seen": None})
    except Invalid as error:
        return _page(site, known, error, typed=_typed())
    return guard.done("admin.rules_of", "rules-saved", name=site.name)


def _own_changes(rules: Rules) -> str:
    """Return the preset of settings, and how many of them are not its own, in words."""
    number = len(rules.own())
    return f"{rules.preset}, {number} change{'' if number == 1 else 's'}" if number else f"{rules.preset}, as it is"


def _values() -> dict[str, Any]:
    """Return what was typed as settings: an empty number is the preset's own."""
    values: dict[str, Any] = {name: guard.typed(name) for name in ("preset", *_CHOICES)}
    for name in (*_NUMBERS, *_SHARES):
        given = guard.typed(name).strip()
        number = whole(given) if name in _NUMBERS else given
        values[name] = (given if number is None else number) if given else None
    values |= {name: guard.typed(name) == "yes" for name in _SWITCHES}
    values |= {name: guard.typed(name).splitlines() for name in GATHERED}
    on = request.form.getlist("on")
    return values | {"off": [rule for rule in RULES if rule not in on]}


def _typed() -> dict[str, Any]:
    return request.form.to_dict() | {"on": request.form.getlist("on")}


def _shown(rules: Rules) -> dict[str, Any]:
    """Return settings as the form has them."""
    shown = {name: getattr(rules, name) for name in ("preset", *_CHOICES, *_NUMBERS, *_SHARES)}
    shown |= {name: "yes" if getattr(rules, name) else "no" for name in _SWITCHES}
    shown |= {name: "\n".join(getattr(rules, name)) for name in GATHERED}
    return shown | {"on": [rule for rule in RULES if rule not in rules.off]}


def _page(
    site: Site,
    known: Rules,
    error: AfterwordError | None = None,
    *,
    typed: dict[str, Any] | None = None,
    begun: str = "",
    tried: Tried | None = None,
    wanted: Rules | None = None,
) -> Response:
    shown = typed or _shown(known)
    preset = PRESETS.get(str(shown.get("preset")), PRESETS[known.preset])
    html = render_template(
        "admin/rules.html",
        site=site,
        rules=known,
        lines=describe(wanted or (settings.changed(known, {"preset": begun}) if begun else known)),
        typed=shown,
        begun=begun,
        presets=list(PRESETS),
        meanings=MEANINGS,
        own=_own_changes(known),
        preset=preset,
        faults=faults_of(error) if error is not None else {},
        # what was typed goes on with what was seen when it was begun
        seen=shown.get("seen") or settings.seen_of(known),
        meanwhile=error.now if isinstance(error, Overtaken) else {},
        tried=tried,
        words=words,
        otherwise=_otherwise(tried) if tried is not None else [],
        opens="admin.comment" in current_app.view_functions,
        why=guard.typed("why"),
    )
    return Response(html, errors.status_of(error) if error is not None else 200)


def _otherwise(tried: Tried) -> list[_Otherwise]:
    """Return the first of the comments that would be given another state, with what they say."""
    found = []
    for each in tried.would_change[:_LISTED]:
        try:
            comment = comments.get_comment(each.comment_id)
        except NotFound:
            continue  # erased meanwhile
        excerpt = " ".join(comment["body"][: 2 * _EXCERPT].split())
        short = excerpt if len(excerpt) <= _EXCERPT else f"{excerpt[:_EXCERPT]}…"
        found.append(_Otherwise(each.comment_id, comment["name"], short, each))
    return found
