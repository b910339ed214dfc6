"""Links that are good once: the first owner's, and those that set a password. GET shows a form, POST acts."""

from __future__ import annotations

from flask import Response, make_response, render_template

from service.errors import AfterwordError, Conflict, Gone, Invalid
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


def _setup_again(error: AfterwordError, token: str) -> Response:
    return _again(error, token, first=True)


@blueprint.post("/setup/<token>")
@guard.entrance
@guard.again(_setup_again)
def setup_now(token: str) -> Response:
    """Make the first owner, who is signed in then."""
    try:
        password = new_password()
        started = invitations.make_first_owner(token, guard.typed("name"), password, guard.browser(), state.now())
    except (Invalid, Conflict) as error:
        return _setup_again(error, token)
    return arrive(started)


@blueprint.get("/password/<token>")
@guard.entrance
def password(token: str) -> Response:
    """Answer with the form that sets a password."""
    name = _require(token, first=False)
    return make_response(render_template("admin/password.html", first=False, faults={}, name=name))


def _password_again(error: AfterwordError, token: str) -> Response:
    return _again(error, token, first=False)


@blueprint.post("/password/<token>")
@guard.entrance
@guard.again(_password_again)
def password_now(token: str) -> Response:
    """Set the password, end all sessions, and begin one."""
    _require(token, first=False)
    try:
        started = invitations.set_password(token, new_password(), guard.browser(), state.now())
    except Invalid as error:
        return _password_again(error, token)
    return arrive(started)


def _again(error: AfterwordError, token: str, first: bool) -> Response:
    """Answer with the form and what is wrong; raise the error itself where the link is no longer good."""
    try:
        name = _require(token, first)
    except Gone:
        raise error from None
    shown = guard.typed("name") if first else name
    html = render_template("admin/password.html", first=first, faults=faults_of(error), name=shown)
    return Response(html, errors.status_of(error))


def _require(token: str, first: bool) -> str:
    found = invitations.look(token, state.now())
    if (found.operator is None) != first:
        raise Gone("This link is for something else.")
    return found.operator or ""
