"""Links that are good once: the first owner's, and those that set a password. GET shows a form, POST acts."""

from __future__ import annotations

from flask import Response, make_response, render_template

from service.errors import Conflict, Gone, Invalid
from service.people import invitations
from service.web import errors, state
from service.web.admin import guard
from service.web.admin.forms import faults_of, new_password
from service.web.admin.guard import blueprint
from service.web.admin.session import arrive


@blueprint.get("/setup/<token>")
@guard.entrance
def setup(token: str) -> Response:
    """Answer with the form that makes the first owner."""
    _require(token, first=True)
    return make_response(render_template("admin/password.html", first=True, faults={}, name=""))


@blueprint.post("/setup/<token>")
@guard.entrance
def setup_now(token: str) -> Response:
    """Make the first owner, who is signed in then."""
    name = guard.typed("name")
    try:
        password = new_password()
        started = invitations.make_first_owner(token, name, password, guard.browser(), state.now())
    except (Invalid, Conflict) as error:
        html = render_template("admin/password.html", first=True, faults=faults_of(error), name=name)
        return Response(html, errors.status_of(error))
    return arrive(started)


@blueprint.get("/password/<token>")
@guard.entrance
def password(token: str) -> Response:
    """Answer with the form that sets a password."""
    name = _require(token, first=False)
    return make_response(render_template("admin/password.html", first=False, faults={}, name=name))


@blueprint.post("/password/<token>")
@guard.entrance
def password_now(token: str) -> Response:
    """Set the password, end all sessions, and begin one."""
    name = _require(token, first=False)
    try:
        started = invitations.set_password(token, new_password(), guard.browser(), state.now())
    except Invalid as error:
        html = render_template("admin/password.html", first=False, faults=faults_of(error), name=name)
        return Response(html, errors.status_of(error))
    return arrive(started)


def _require(token: str, first: bool) -> str:
    found = invitations.look(token, state.now())
    if (found.operator is None) != first:
        raise Gone("This link is for something else.")
    return found.operator or ""
