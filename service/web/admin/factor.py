"""The second factor of one's own account: turning it on by an app's code, recovery codes, turning it off."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, g, make_response, render_template

from service.errors import Invalid, TooMany
from service.people import signin, totp
from service.web import errors, state
from service.web.admin import guard
from service.web.admin.account import page
from service.web.admin.forms import faults_of
from service.web.admin.guard import blueprint


@blueprint.get("/account/totp")
@guard.before_factor
def totp_setup() -> Response:
    """Answer with the key for an authenticator app, as a picture and in letters."""
    return make_response(_setup({}))


@blueprint.get("/account/totp.svg")
@guard.before_factor
def totp_picture() -> Response:
    """Answer with the key as a QR code; an image of its own, since no page may hold what is not escaped."""
    address = totp.address_of(_offered(), guard.principal().name, _issuer())
    return Response(totp.picture(address), mimetype="image/svg+xml")


@blueprint.post("/account/totp")
@guard.before_factor
def totp_on() -> Response:
    """Turn the second factor on, by showing the password, and show the recovery codes, this once.

    Without the password, whoever finds a browser signed in could make the account their own.
    """
    who, now = guard.principal(), state.now()
    try:
        signin.check_password(who.id, guard.typed("current"), guard.browser().addresses, now)
        token, codes = signin.enable_totp(guard.session(), _offered(), guard.typed("code"), who.actor, now)
    except (Invalid, TooMany) as error:
        return Response(_setup(faults_of(error)), errors.status_of(error), errors.headers_of(error))
    g.token = token  # the page's own forms must be good for the renewed session
    return guard.keep(make_response(render_template("admin/codes.html", codes=codes, first=True)), token)


@blueprint.post("/account/codes")
def totp_codes() -> Response:
    """Make new recovery codes, by showing the password, and show them, this once."""
    who, now = guard.principal(), state.now()
    try:
        signin.check_password(who.id, guard.typed("current"), guard.browser().addresses, now)
    except (Invalid, TooMany) as error:
        return page("codes", error)
    codes = signin.new_codes(guard.session(), who.actor, now)
    return make_response(render_template("admin/codes.html", codes=codes, first=False))


@blueprint.post("/account/totp/off")
def totp_off() -> Response:
    """Turn the second factor off, by showing the password."""
    who, now = guard.principal(), state.now()
    try:
        signin.check_password(who.id, guard.typed("current"), guard.browser().addresses, now)
    except (Invalid, TooMany) as error:
        return page("totp-off", error)
    token = signin.disable_totp(who.id, who.actor, now, guard.session())
    return guard.keep(guard.done("admin.account", "totp-off"), token or "")


def _setup(faults: dict[str, str]) -> str:
    key = _offered()
    spaced = " ".join(key[at : at + 4] for at in range(0, len(key), 4))
    address = totp.address_of(key, guard.principal().name, _issuer())
    due = guard.factor_is_due(guard.principal())
    return render_template("admin/totp.html", key=spaced, address=address, faults=faults, due=due)


def _offered() -> str:
    return totp.secret_for(state.settings().secret_key, guard.seed())


def _issuer() -> str:
    host = urlsplit(state.settings().public_url).hostname
    return f"Afterword ({host})" if host else "Afterword"
