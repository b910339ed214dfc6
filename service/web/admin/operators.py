"""Who else may moderate: for owners."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from service import pages
from service.errors import AfterwordError, Conflict, Invalid, NotFound
from service.people import invitations, operators, sessions, signin
from service.web import errors, links, state
from service.web.admin import guard
from service.web.admin.forms import faults_of
from service.web.admin.guard import blueprint


@blueprint.get("/operators")
def operators_page() -> Response:
    """Answer with all operators, and the form for one more."""
    guard.require("operators")
    return _page()


@blueprint.post("/operators")
def add_operator() -> Response:
    """Add an operator, and show the link by which they set a password, this once."""
    who, now = guard.require("operators"), state.now()
    try:
        role, sites = _access()
        made = operators.add(guard.typed("name"), role, sites, who.actor, now)
    except (Invalid, Conflict, NotFound) as error:
        return _page(error)
    return _page(link=links.to_set_password(invitations.for_password(made.name, who.actor, now)), invited=made.name)


@blueprint.get("/operators/<name>")
def operator(name: str) -> Response:
    """Answer with one operator, and what can be changed."""
    guard.require("operators")
    return _one(name)


@blueprint.post("/operators/<name>")
def change_operator(name: str) -> Response:
    """Set an operator's role and sites."""
    who, now = guard.require("operators"), state.now()
    try:
        role, sites = _access()
        operators.change(name, {"role": role, "sites": None if role == operators.OWNER else sites}, who.actor, now)
    except (Invalid, Conflict) as error:
        return _one(name, error)
    return guard.done("admin.operator", "operator-changed", name=name, about=name)


@blueprint.post("/operators/<name>/link")
def operator_link(name: str) -> Response:
    """Make a link by which an operator sets a password, and show it, this once."""
    who = guard.require("operators")
    return _one(name, link=links.to_set_password(invitations.for_password(name, who.actor, state.now())))


@blueprint.post("/operators/<name>/end-sessions")
def end_operator_sessions(name: str) -> Response:
    """Sign an operator out everywhere."""
    who = guard.require("operators")
    sessions.end_all(operators.get(name).id, who.actor, state.now())
    return guard.done("admin.operator", "operator-ended", name=name, about=name)


@blueprint.post("/operators/<name>/totp-off")
def operator_totp_off(name: str) -> Response:
    """Turn off the second factor of somebody who lost it."""
    who = guard.require("operators")
    signin.disable_totp(operators.get(name).id, who.actor, state.now())
    return guard.done("admin.operator", "operator-totp-off", name=name, about=name)


@blueprint.post("/operators/<name>/remove")
def remove_operator(name: str) -> Response:
    """Remove an operator."""
    who = guard.require("operators")
    try:
        operators.remove(name, who.actor, state.now())
    except Conflict as error:
        return _one(name, error)
    return guard.done("admin.operators_page", "operator-removed", about=name)


def _access() -> tuple[str, list[str] | None]:
    """Return the role and the sites that were chosen; all sites only where nothing else can have been meant."""
    role, some, ticked = guard.typed("role"), guard.typed("which") == "some", request.form.getlist("site")
    if role == operators.MODERATOR and ticked and not some:
        raise Invalid({"sites": ["Sites are ticked, but “Only these” is not chosen. Choose it, or untick them."]})
    if role == operators.MODERATOR and some and not ticked:
        raise Invalid({"sites": ["No site is ticked. Tick those that are meant, or choose “All sites”."]})
    return role, ticked if some else None


def _page(error: AfterwordError | None = None, **values: Any) -> Response:
    known = operators.listing()
    return _answer("admin/operators.html", error, operators=known, sites=_names(), **values)


def _one(name: str, error: AfterwordError | None = None, **values: Any) -> Response:
    return _answer("admin/operator.html", error, operator=operators.get(name), sites=_names(), **values)


def _names() -> list[str]:
    return [site.name for site in pages.sites()]


def _answer(template: str, error: AfterwordError | None, **values: Any) -> Response:
    if error is None:
        return Response(render_template(template, faults={}, typed={}, ticked=[], **values))
    ticked = request.form.getlist("site")
    html = render_template(template, faults=faults_of(error), typed=request.form, ticked=ticked, **values)
    return Response(html, errors.status_of(error))
