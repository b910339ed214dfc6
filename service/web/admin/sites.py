"""Sites: their settings, freezing all pages at once, the rules by which pages close, and the tag to paste."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, redirect, render_template, request, url_for

from service import comments, pages
from service.errors import AfterwordError, Conflict, Invalid, Overtaken
from service.pages import Automatic, Preview, Site, seen
from service.pages.automatic import RULES
from service.pages.hours import WEEKDAYS
from service.pages.sites import DEEPEST, LONGEST_EDIT
from service.web import errors, links, own, state
from service.web.admin import guard
from service.web.admin.forms import faults_of, whole
from service.web.admin.guard import blueprint
from service.web.admin.moments import on_the_wall, typed_moment, zone_of

_NUMBERS = ("days_after_first", "days_after_last", "after_comments")
#: the fragment that shows the widget's links for operators in a browser
FRAGMENT = "#afterword-operator"


@blueprint.get("/sites", endpoint="sites")
def list_sites() -> Response:
    """Answer with the asker's sites, and the form for one more."""
    return _all()


@blueprint.post("/sites")
def add_site() -> Response:
    """Register a site, and lead to its page, where the tag to paste is."""
    who = guard.require("settings")
    try:
        made = pages.add(guard.typed("name").strip(), guard.typed("origins").split(), state.now(), who.actor)
    except (Invalid, Conflict) as error:
        return _all(error)
    return guard.done("admin.site", "site-added", name=made.name)


def _all(error: AfterwordError | None = None) -> Response:
    who, now = guard.require("pages"), state.now()
    found = [
        {
            "site": site,
            "origins": pages.origins_of(site),
            "totals": pages.totals(site),
            "queue": comments.waiting(site.id),
        }
        | {"frozen": pages.is_frozen(site, now), "closing": pages.read_closing(site.closing)}
        for site in own.sites(who)
    ]
    html = render_template(
        "admin/sites.html",
        sites=found,
        faults=faults_of(error) if error is not None else {},
        typed=request.form,
        may_set="settings" in who.scopes,
    )
    return Response(html, errors.status_of(error) if error is not None else 200)


@blueprint.get("/sites/<name>")
def site(name: str) -> Response:
    """Answer with one site, and what can be changed."""
    return _one(own.site_named(guard.require("pages"), name))


@blueprint.post("/sites/<name>")
def change_site(name: str) -> Response:
    """Set a site's settings and origins."""
    who = guard.require("settings")
    found = own.site_named(who, name)
    values: dict[str, Any] = {each: guard.typed(each) for each in ("names", "votes")}
    try:
        numbers = {each: whole(guard.typed(each)) for each in ("depth", "edit_minutes")}
        faults = {each: ["This is a whole number."] for each, value in numbers.items() if value is None}
        if faults:
            raise Invalid(faults)
        pages.change(
            found.name, values | numbers, guard.typed("origins").split(), who.actor, state.now(), guard.typed("seen")
        )
    except Overtaken as error:
        return _one(own.site_named(who, name), "settings", error)
    except (Invalid, Conflict) as error:
        return _one(found, "settings", error)
    return guard.done("admin.site", "site-changed", name=found.name)


@blueprint.post("/sites/<name>/remove")
def remove_site(name: str) -> Response:
    """Remove a site with all its pages and comments, once its name was typed."""
    who = guard.require("settings")
    found = own.site_named(who, name)
    if guard.typed("confirm").strip() != found.name:
        return _one(found, "remove", Invalid({"confirm": ["This is not the site’s name. Nothing was removed."]}))
    pages.remove(found.name, state.now(), who.actor)
    return guard.done("admin.sites", "site-removed")


@blueprint.post("/sites/<name>/freeze")
def freeze_site(name: str) -> Response:
    """Close all pages of a site."""
    who = guard.require("pages")
    found = own.site_named(who, name)
    try:
        until = typed_moment("until", zone_of(found))
        pages.freeze(found.name, guard.typed("reason"), until, state.now(), who.actor)
    except Invalid as error:
        return _one(found, "freeze", error)
    return guard.done("admin.site", "site-frozen", name=found.name)


@blueprint.post("/sites/<name>/thaw")
def thaw_site(name: str) -> Response:
    """End a freeze."""
    who = guard.require("pages")
    found = own.site_named(who, name)
    pages.thaw(found.name, state.now(), who.actor)
    return guard.done("admin.site", "site-thawed", name=found.name)


@blueprint.post("/sites/<name>/closing")
def set_closing(name: str) -> Response:
    """Say what the typed rules would do now; set them once that was said of exactly these."""
    who, now = guard.require("settings"), state.now()
    found = own.site_named(who, name)
    try:
        values = _closing_values(pages.read_closing(found.closing))
        wanted = pages.load_closing(values)
    except Invalid as error:
        return _one(found, "closing", error)
    told = repr(wanted.values())
    if guard.typed("told") != told:
        return _one(found, "closing", preview=pages.preview_closing(found, wanted, now), told=told)
    try:
        pages.set_closing(found.name, values, who.actor, now, guard.typed("seen"))
    except Overtaken as error:
        return _one(own.site_named(who, name), "closing", error)
    # said at the rules, where one is then: see site.html
    return cast(Response, redirect(url_for("admin.site", name=found.name, saved="closing", _anchor="closing"), 303))


def _closing_values(known: Automatic) -> dict[str, Any]:
    given = {name: guard.typed(name).strip() for name in (*_NUMBERS, "hours", "zone", "reason")}
    numbers = {name: whole(given[name]) for name in _NUMBERS if given[name] not in ("", "0")}
    faults = {name: ["This is a whole number."] for name, value in numbers.items() if value is None}
    if faults:
        raise Invalid(faults)
    reasons = {rule: request.form.get(f"reason_{rule}", text) for rule, text in _reasons(known).items()}
    values: dict[str, Any] = numbers | {"reason": given["reason"]}
    values |= {"reasons": {rule: text for rule, text in reasons.items() if text.strip()}}
    if given["hours"]:
        values |= {"hours": given["hours"], "weekdays": request.form.getlist("weekdays")}
        values |= {"zone": given["zone"] or "UTC"}
    return values


def _reasons(known: Automatic) -> dict[str, str]:
    return {rule: dict(known.reasons).get(rule, "") for rule in RULES}


def _one(
    found: Site,
    form: str = "",
    error: AfterwordError | None = None,
    *,
    preview: Preview | None = None,
    told: str = "",
) -> Response:
    now, zone = state.now(), zone_of(found)
    frozen = pages.is_frozen(found, now)
    rules = pages.read_closing(found.closing)
    marks = (("settings", pages.seen_of(found)), ("closing", seen.mark(rules.shown())))
    html = render_template(
        "admin/site.html",
        site=found,
        origins=pages.origins_of(found),
        totals=pages.totals(found),
        frozen=frozen,
        until=on_the_wall(found.reopens, zone) if frozen else "",
        zone=zone,
        rules=rules,
        closing=_typed_closing() if form == "closing" else _shown(rules),
        preview=preview,
        told=told,
        saved=guard.NOTICES["closing-set"] if request.args.get("saved") == "closing" and not form else "",
        form=form,
        faults=faults_of(error) if error is not None else {},
        typed=request.form,
        # what was typed goes on with what was seen when it was begun; what was overtaken begins anew
        seen={
            each: fresh if form != each or isinstance(error, Overtaken) else guard.typed("seen")
            for each, fresh in marks
        },
        weekdays=WEEKDAYS,
        deepest=DEEPEST,
        longest_edit=LONGEST_EDIT,
        tag=f'<script async src="{links.base()}/embed.js"></script>',
        links=_links(found),
        may_set="settings" in guard.principal().scopes,
    )
    return Response(html, errors.status_of(error) if error is not None else 200)


def _shown(rules: Automatic) -> dict[str, Any]:
    reasons = {f"reason_{rule}": text for rule, text in _reasons(rules).items()}
    return {"weekdays": WEEKDAYS} | rules.values() | reasons


def _typed_closing() -> dict[str, Any]:
    return request.form.to_dict() | {"weekdays": request.form.getlist("weekdays")}


def _links(found: Site) -> list[tuple[str, str]]:
    """Return, by origin, the address of a page there, best one with a thread, that shows links for operators."""
    part = pages.listing_filtered([found.id], None, "", None, 200, state.now())
    known = [listed.page.url for listed in part.pages]
    links = []
    for origin in pages.origins_of(found):
        page = next((url for url in known if url.startswith(f"{origin}/")), f"{origin}/")
        links.append((origin, f"{page.partition('#')[0]}{FRAGMENT}"))
    return links
