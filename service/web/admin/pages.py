"""Pages: which there are, what they are called, which are closed and why; closing and opening one or many."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, current_app, redirect, render_template, request, url_for

from service import database, pages, policy
from service.errors import AfterwordError, Invalid
from service.models import LARGEST_ID
from service.pages import Page, Place
from service.people import audit as log
from service.web import errors, own, state
from service.web.admin import guard
from service.web.admin.forms import faults_of, whole
from service.web.admin.guard import blueprint
from service.web.admin.moments import on_the_wall, typed_moment, zone_of

_ON_A_PAGE = 50
_MOST_CHOSEN = 200
_LONGEST_SEARCH = 200
_STATES = {"closed": True, "open": False}
_DONE = {"close": "page-closed", "open": "page-opened", "hand-back": "page-handed-back"}
#: what is said of many pages that something was done to
_TOLD = {
    "close": ("{} pages are closed", "1 page is closed"),
    "open": ("{} pages are opened by hand", "1 page is opened by hand"),
    "hand-back": (
        "{} pages are handed back to the rules of their sites",
        "1 page is handed back to the rules of its site",
    ),
}
guard.NOTICES["page-opened-frozen"] = "Opens once the freeze ends; the site’s rules do not close it then."
_ONE = f"/pages/<int(max={LARGEST_ID}):page_id>"
#: the site's rules, for operators
RULES = {
    "days_after_first": "days after the first comment",
    "days_after_last": "days after the last comment",
    "after_comments": "number of comments",
    "hours": "daily hours",
}


@blueprint.get("/pages", endpoint="pages")
def list_pages() -> Response:
    """Answer with pages by site and address, and whether each is closed."""
    guard.require("pages")
    return _list(request.args.get)


@blueprint.post("/pages")
def act_on_pages() -> Response:
    """Close, open or hand back the chosen pages."""
    who, act = guard.require("pages"), guard.typed("act")
    chosen = [whole(each) or 0 for each in request.form.getlist("page")]
    try:
        if act not in own.ACTS:
            raise Invalid({"form": ["Choose what is to be done."]})
        if not 0 < len(chosen) <= _MOST_CHOSEN:
            raise Invalid({"form": ["Choose the pages first; nothing was done."]})
        until = typed_moment("until", "UTC") if act == "close" else None
        _, places = own.act_on(who, act, chosen, guard.typed("reason"), until, state.now())
    except Invalid as error:
        return _list(request.form.get, error)
    frozen = sum(pages.is_frozen(place.site, state.now()) for place in places) if act == "open" else 0
    return guard.done("admin.pages", f"pages-{act}", number=len(places), frozen=frozen, **_asked(request.form.get))


@blueprint.get(_ONE)
def page(page_id: int) -> Response:
    """Answer with one page: its state, what decides on it, and what can be done."""
    return _one(own.place_with(guard.require("pages"), page_id))


@blueprint.post(f"{_ONE}/<any(close, open, 'hand-back'):act>")
def act_on_page(page_id: int, act: str) -> Response:
    """Close, open or hand back one page."""
    who = guard.require("pages")
    place = own.place_with(who, page_id)
    try:
        until = typed_moment("until", zone_of(place.site)) if act == "close" else None
        own.act_on(who, act, [page_id], guard.typed("reason"), until, state.now())
    except Invalid as error:
        return _one(place, error)
    after_freeze = act == "open" and pages.is_frozen(place.site, state.now())
    return guard.done("admin.page", "page-opened-frozen" if after_freeze else _DONE[act], page_id=page_id)


@blueprint.post(f"{_ONE}/describe")
def describe_page(page_id: int) -> Response:
    """Set what a page is called and where it is."""
    who = guard.require("pages")
    place = own.place_with(who, page_id)
    try:
        pages.describe(page_id, guard.typed("title"), guard.typed("url"), state.now(), who.actor)
    except Invalid as error:
        return _one(place, error)
    return guard.done("admin.page", "page-described", page_id=page_id)


@blueprint.get("/pages/by-url")
def page_by_url() -> Response:
    """Lead to the page with an address; one without comments yet can be closed here."""
    url, page_id = request.args.get("url", ""), request.args.get("id") or None
    place = own.place_at(guard.require("pages"), url, page_id)
    if place.page is not None:
        return cast(Response, redirect(url_for("admin.page", page_id=place.page.id), 303))
    return _new(place, page_id)


@blueprint.post("/pages/by-url")
def close_page_by_url() -> Response:
    """Close a page that has no comments yet: it comes into being by it."""
    who = guard.require("pages")
    url, page_id = guard.typed("url"), guard.typed("id") or None
    place = own.place_at(who, url, page_id)
    try:
        until = typed_moment("until", zone_of(place.site))
        made = pages.close(url, page_id, guard.typed("reason"), until, state.now(), who.actor)
    except Invalid as error:
        return _new(place, page_id, error)
    assert made.page is not None, "closing has made it"
    return guard.done("admin.page", "page-closed", page_id=made.page.id)


def _asked(given: Any) -> dict[str, str]:
    return {name: value for name in ("site", "state", "text", "after") if (value := (given(name) or "").strip())}


def _list(given: Any, error: Invalid | None = None) -> Response:
    who, asked = guard.principal(), _asked(given)
    sites = who.sites
    if "site" in asked:
        sites = frozenset([own.site_named(who, asked["site"]).id])
    after = whole(asked.get("after", ""))
    text = asked.get("text", "")[:_LONGEST_SEARCH]
    part = pages.listing_filtered(sites, _STATES.get(asked.get("state", "")), text, after, _ON_A_PAGE, state.now())
    filters = {name: value for name, value in asked.items() if name != "after"}
    everything = request.args.get("chosen") == "all"
    return _answer(
        "admin/pages.html",
        error,
        part=part,
        asked=asked,
        filters=filters,
        sites=[site.name for site in own.sites(who)],
        chosen=[str(each.page.id) for each in part.pages] if everything else request.form.getlist("page"),
        everything=everything,
        said=_said(),
    )


def _said() -> str:
    # what was done to how many pages, as the address says it, which anybody can write
    number, frozen = (whole(request.args.get(name, "")) or 0 for name in ("number", "frozen"))
    many, one = _TOLD.get(request.args.get("done", "").removeprefix("pages-"), ("", ""))
    if not many or not number:
        return ""
    later = f", {frozen} of them once the freeze of their site ends" if frozen else ""
    return f"{one if number == 1 else many.format(number)}{later}."


def _one(place: Place, error: AfterwordError | None = None) -> Response:
    assert place.page is not None, "it is stored"
    now, zone = state.now(), zone_of(place.site)
    found = place.page
    by_hand = pages.closed_by_hand(found, now)
    return _answer(
        "admin/page.html",
        error,
        page=found,
        site=place.site,
        closing=policy.state_at(place.site, found, now),
        changes=policy.next_change(place.site, found, now),
        by_hand=by_hand,
        closed_by=_closed_by(found) if by_hand else None,
        until=on_the_wall(found.reopens, zone) if by_hand else "",
        zone=zone,
        queue="admin.queue" in current_app.view_functions,
    )


def _closed_by(page: Page) -> str | None:
    if page.closed_at is None:
        return None
    with database.read() as connection:
        return log.actor_of(connection, "page.close", page.id, page.closed_at)


def _new(place: Place, page_id: str | None, error: AfterwordError | None = None) -> Response:
    closing = policy.state_at(place.site, None, state.now())
    zone = zone_of(place.site)
    return _answer("admin/page_new.html", error, place=place, page_id=page_id, closing=closing, zone=zone)


def _answer(template: str, error: AfterwordError | None, **values: Any) -> Response:
    faults, typed = (faults_of(error), request.form) if error is not None else ({}, {})
    html = render_template(template, faults=faults, typed=typed, rule_names=RULES, **values)
    return Response(html, errors.status_of(error) if error is not None else 200)
