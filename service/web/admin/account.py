"""One's own account: password, where one is signed in, API tokens. The second factor has a file of its own."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from service import database
from service.errors import AfterwordError, Invalid, TooMany
from service.models import LARGEST_ID, LARGEST_INTEGER
from service.people import operators, passwords, sessions, signin, tokens, totp
from service.web import errors, state
from service.web.admin import agents, guard
from service.web.admin.forms import faults_of, new_password, whole
from service.web.admin.guard import blueprint

#: what a scope is, for whoever makes a token
_SCOPES = {
    "read": "See the queue, lists and the log",
    "moderate": "Decide on comments, edit, ban",
    "pages": "Close and open pages",
    "settings": "Change sites, rules and the spam filter",
    "operators": "Manage operators",
}


@blueprint.get("/account")
def account() -> Response:
    """Answer with the account of whoever is signed in."""
    return page()


@blueprint.post("/account/password")
def change_password() -> Response:
    """Change one's password, by showing the old one; all other sessions end, and tokens if that is wanted."""
    who, now = guard.principal(), state.now()
    try:
        password = new_password()
        passwords.check(password)
        signin.check_password(who.id, guard.typed("current"), guard.browser().addresses, now)
    except (Invalid, TooMany) as error:
        return page("password", error)
    keeps = guard.typed("tokens") != "remove"
    started = signin.change_password(guard.session(), password, who.actor, guard.browser(), now, keep_tokens=keeps)
    return guard.keep(guard.done("admin.account", "password"), started.token)


@blueprint.post(f"/account/sessions/<int(max={LARGEST_ID}):session_id>/end")
def end_session(session_id: int) -> Response:
    """End one of one's sessions."""
    who, now = guard.principal(), state.now()
    agent = next((each.agent for each in sessions.listing(who.id, now) if each.id == session_id), "")
    sessions.end_one(who.id, session_id, who.actor, now)
    return guard.done("admin.account", "session-ended", about=agents.called(agent))


@blueprint.post("/account/sessions/end-others")
def end_other_sessions() -> Response:
    """End all of one's sessions but this."""
    who = guard.principal()
    sessions.end_all(who.id, who.actor, state.now(), but=guard.session().id)
    return guard.done("admin.account", "others-ended")


@blueprint.post("/account/tokens")
def make_token() -> Response:
    """Make an API token, by showing the password, and show it, this once: it outlives the session that makes it."""
    who, given, now = guard.principal(), guard.typed("days"), state.now()
    days = whole(given)
    try:
        signin.check_password(who.id, guard.typed("current"), guard.browser().addresses, now)
        if given and days is None:
            raise Invalid({"days": ["Days are a whole number."]})
        scopes = request.form.getlist("scope")
        _, text = tokens.make(who.name, guard.typed("name"), scopes, days, who.actor, now)
    except (Invalid, TooMany) as error:
        return page("token", error)
    return page(new_token=text)


@blueprint.post(f"/account/tokens/<int(max={LARGEST_INTEGER}):token_id>/remove")
def remove_token(token_id: int) -> Response:
    """Remove one of one's tokens."""
    who = guard.principal()
    name = next((each.name for each in tokens.listing(who.name) if each.id == token_id), "")
    tokens.remove(who.name, token_id, who.actor, state.now())
    return guard.done("admin.account", "token-removed", about=name)


def page(form: str = "", error: AfterwordError | None = None, **values: Any) -> Response:
    """Answer with the account page; `form` names the one that was sent, `error` says what is wrong with it."""
    who, now = guard.principal(), state.now()
    with database.read() as connection:
        known = operators.by_id(connection, who.id)
        left = totp.codes_left(connection, who.id)
    html = render_template(
        "admin/account.html",
        account=known,
        codes_left=left,
        sessions=sessions.listing(who.id, now),
        current=guard.session().id,
        tokens=tokens.listing(who.name),
        scopes=[(scope, text) for scope, text in _SCOPES.items() if scope in who.scopes],
        now=now,
        called=agents.called,
        form=form,
        typed=request.form,
        faults=faults_of(error) if error else {},
        **values,
    )
    if error is None:
        return Response(html)
    return Response(html, errors.status_of(error), errors.headers_of(error))
