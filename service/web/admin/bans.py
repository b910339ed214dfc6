"""Bans: who and what may not comment."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from service.errors import AfterwordError, Conflict, Invalid
from service.models import LARGEST_ID
from service.people.operators import Principal
from service.policy import bans as room
from service.web import errors, own, state
from service.web.admin import guard
from service.web.admin.forms import faults_of, whole
from service.web.admin.guard import blueprint
from service.web.admin.moments import typed_moment

_ON_A_PAGE = 50
#: what can be banned, for people
KINDS = {
    "reader": "a reader, by number",
    "name": "a name",
    "email": "an e-mail address or domain",
    "url": "links to a host or page",
    "address": "an IP address or network",
}
_FIELDS = ("kind", "value", "site", "reason", "until")


@blueprint.get("/bans")
def bans() -> Response:
    """Answer with bans, newest first, and the form for one more, filled in from the query."""
    guard.require("moderate")
    return _page(request.args.to_dict())


@blueprint.post("/bans")
def add_ban() -> Response:
    """Ban somebody or something."""
    who, typed = guard.require("moderate"), request.form.to_dict()
    try:
        site_id = _site_id(who, guard.typed("site"))
        room.add(
            guard.typed("kind"),
            guard.typed("value"),
            who.actor,
            state.now(),
            site_id=site_id,
            shadow=guard.typed("shadow") == "yes",
            reason=guard.typed("reason"),
            until=typed_moment("until", "UTC"),
        )
    except (Invalid, Conflict) as error:
        return _page(typed, error)
    return guard.done("admin.bans", "ban-added")


@blueprint.post(f"/bans/<int(max={LARGEST_ID}):ban_id>/remove")
def remove_ban(ban_id: int) -> Response:
    """End a ban; one on all sites only by an operator of all."""
    who = guard.require("moderate")
    room.remove(ban_id, who.actor, state.now(), guard.typed("reason")[: room.REASON], sites=who.sites)
    return guard.done("admin.bans", "ban-removed")


def _site_id(who: Principal, name: str) -> int | None:
    if name:
        return own.site_named(who, name).id
    if who.sites is not None:
        raise Invalid({"site": ["Choose one of your sites: a ban on all takes an operator of all."]})
    return None


def _page(typed: dict[str, Any], error: AfterwordError | None = None) -> Response:
    who, asked = guard.principal(), {} if error is not None else request.args
    only = asked.get("only", "")
    before = whole(asked.get("before", ""))
    kind = only if only in room.KINDS else None
    found = room.listing(who.sites, kind=kind, before=before, limit=_ON_A_PAGE + 1)
    shown = found[:_ON_A_PAGE]
    html = render_template(
        "admin/bans.html",
        bans=shown,
        older=shown[-1].id if len(found) > _ON_A_PAGE else None,
        before=before,
        only=kind or "",
        kinds=KINDS,
        sites=[site.name for site in own.sites(who)],
        all_sites=who.sites is None,
        typed={name: typed.get(name, "") for name in (*_FIELDS, "shadow")},
        adding=error is not None or bool(typed.get("value")),
        faults=faults_of(error) if error is not None else {},
        now=state.now(),
    )
    return Response(html, errors.status_of(error) if error is not None else 200)
