"""What stands before every page of the operators: who asks, and whether a change was asked for by a form of ours.

Every view of the blueprint needs somebody who is signed in, unless it is marked `public`: a new one is closed until
somebody opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for

from service import database
from service.errors import AfterwordError, FactorNeeded, FormTooOld, Malformed, NotAllowed, NotSignedIn
from service.people import address, operators, sessions
from service.people.operators import Principal
from service.people.sessions import Session
from service.people.signin import Browser
from service.web import state
from service.web.admin import kept, local, proof

#: The prefix makes browsers keep it to this host, over TLS, and to the whole of it; over plain HTTP they do so on their
#: own machine only (localhost, 127.0.0.1), where nobody listens.
COOKIE = "__Host-afterword"
#: entries of the navigation: endpoint, label, the scope that one needs to see it; those not there yet don't show
NAV: list[tuple[str, str, str | None]] = [
    ("admin.queue", "Queue", "read"),
    ("admin.pages", "Pages", "pages"),
    ("admin.sites", "Sites", "pages"),
    ("admin.rules", "Rules", "settings"),
    ("admin.bans", "Bans", "moderate"),
    ("admin.spam", "Spam filter", "settings"),
    ("admin.audit", "Log", "read"),
    ("admin.operators_page", "Operators", "operators"),
    ("admin.account", "Account", None),
]
#: what a page says after something was done: the query names it by `done`, so that no cookie has to keep it, and by
#: `about` to whom or what
NOTICES: dict[str, str] = {
    "password": "Your password is changed. You have been signed out everywhere else.",
    "session-ended": "You are signed out of {name}.",
    "others-ended": "You are signed out everywhere else.",
    "totp-off": "The second factor is off.",
    "token-removed": "The token “{name}” is removed.",
    "operator-changed": "Role and sites of {name} are saved.",
    "operator-totp-off": "The second factor of {name} is off.",
    "operator-removed": "{name} is removed.",
    "operator-ended": "{name} is signed out everywhere.",
    "signed-out": "You are signed out.",
    "page-closed": "Closed. No comment can be added any more; what was written stays readable.",
    "page-opened": "Opened by hand: the site’s rules do not close it until it is handed back to them.",
    "page-handed-back": "Handed back to the site’s rules.",
    "page-described": "The page’s title and address are saved.",
    "site-added": "The site is registered. Paste the tag below into its pages.",
    "site-removed": "The site is removed, with all its pages and comments.",
    "site-changed": "The settings are saved.",
    "site-frozen": "The site is frozen: nothing can be added on any of its pages.",
    "site-thawed": "The freeze has ended. Each page is again as it was set to be.",
    "closing-set": "These rules hold from now on.",
    "rules-saved": "The rules are saved, and hold from now on.",
    "ban-added": "The ban holds from now on.",
    "ban-removed": "The ban has ended.",
    "spam-loaded": "The file is read in.",
    "spam-reset": "The filter has forgotten everything.",
}
#: what only owners do, by the scope: people are told that, programs the scope
_OWNERS = {
    "settings": "change the settings of sites, rules and the spam filter",
    "operators": "see and change operators",
}
#: letters of the longest name: a token's, an operator's
_LONGEST_NAME = 64
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_View = TypeVar("_View", bound=Callable[..., Any])

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


def public(view: _View) -> _View:
    """Mark a view that nobody needs to be signed in for."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def entrance(view: _View) -> _View:
    """Mark a view by which one comes in: public, and its form belongs to no session, not even to one that is there."""
    view.is_entrance = True  # type: ignore[attr-defined]
    return public(view)


def again(form: Callable[..., Response]) -> Callable[[_View], _View]:
    """Mark an entrance by what shows its form anew, with what is wrong, when it came back too late."""

    def marked(view: _View) -> _View:
        view.again = form  # type: ignore[attr-defined]
        return view

    return marked


def takes(most: int, scope: str) -> Callable[[_View], _View]:
    """Mark a view that may be sent more bytes than others, by whoever has the scope: a long list, a file."""

    def widened(view: _View) -> _View:
        view.most_bytes = most, scope  # type: ignore[attr-defined]
        return view

    return widened


def before_factor(view: _View) -> _View:
    """Mark a view that is also for those who still have to set up the second factor that this service asks for."""
    view.is_before_factor = True  # type: ignore[attr-defined]
    return view


def principal() -> Principal:
    """Return whoever is signed in. Raises NotSignedIn."""
    if g.get("principal") is None:
        raise NotSignedIn
    return cast(Principal, g.principal)


def require(scope: str, site_id: int | None = None) -> Principal:
    """Return whoever is signed in. Raises NotSignedIn, and NotAllowed without the scope or the site, in words."""
    found = principal()
    if scope not in found.scopes and scope in _OWNERS:
        raise NotAllowed(f"Only owners can {_OWNERS[scope]}.")
    found.require(scope, site_id)
    return found


def factor_is_due(who: Principal) -> bool:
    """Tell whether somebody has to set up a second factor before anything else."""
    needed = state.settings().second_factor
    return not who.has_totp and (needed == "everybody" or (needed == "owners" and who.is_owner))


def session() -> Session:
    """Return the session of the request, which may still wait for the second factor. Raises NotSignedIn."""
    if g.get("session") is None:
        raise NotSignedIn
    return cast(Session, g.session)


def browser() -> Browser:
    """Return where the request comes from, for signing in."""
    client = state.client_address(request)
    names = address.buckets(state.settings().secret_key, client, state.now())
    return Browser(request.headers.get("User-Agent", ""), address.truncated(client), names)


def seed() -> str:
    """Return what secrets of this session can be derived from."""
    return sessions.hashed_for_forms(g.token)


def keep(response: Response, token: str) -> Response:
    """Give the browser the session's cookie."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="Strict")
    return response


def forget(response: Response) -> Response:
    """Take the session's cookie away."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
    return response


def done(endpoint: str, notice: str, **values: Any) -> Response:
    """Lead to a page that says what was done; `notice` is a key of NOTICES, `about` among the values whom it names."""
    return cast(Response, redirect(url_for(endpoint, done=notice, **values), 303))


def typed(name: str) -> str:
    """Return a field of the form that was sent; empty when it is missing."""
    return request.form.get(name, "")


@blueprint.before_request
def _before() -> Response | None:
    now = state.now()
    _recognise(now)
    if request.method not in _READS:
        _read_form()
        now = state.now()
        _recognise(now)  # once more: whoever sends slowly may have been signed out or removed meanwhile
    if any("\0" in value for values in (request.args, request.form) for _, value in values.items(multi=True)):
        raise Malformed("There is a NUL character in what was sent.")
    changes = request.method not in _READS
    if changes:
        proof.require_own_origin(request, state.settings().public_url)
        g.kept, g.back = kept.typed(), kept.way_back()
    if not _is("public"):
        who = principal()
        if factor_is_due(who) and not _is("before_factor"):
            raise FactorNeeded
    if changes and not _is("entrance"):
        session()  # or else "not signed in any more" would read "this form is no longer good"
    return _too_old(now) if changes else None


def _too_old(now: Any) -> Response | None:
    """Check a form's token. An entrance's form that came too late is shown anew, for somebody is at the door."""
    try:
        proof.require_token(state.settings().secret_key, _bound_to(), typed(proof.FIELD), now)
    except FormTooOld as error:
        form = getattr(_view(), "again", None)
        if form is None:
            raise
        return cast(Response, form(error, **(request.view_args or {})))
    return None


def _read_form() -> None:
    """Read what is sent to its end, as far as whoever sends it may."""
    most, scope = getattr(_view(), "most_bytes", (None, ""))
    if most is not None and g.principal is not None and scope in g.principal.scopes:
        request.max_content_length = request.max_form_memory_size = most
    request.form  # noqa: B018 - it is parsed when it is looked at


def _is(kind: str) -> bool:
    return getattr(_view(), f"is_{kind}", False)


def _view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def _bound_to() -> str | None:
    return None if _is("entrance") else g.get("token")


@blueprint.before_app_request
def _elsewhere() -> None:
    # an address that no page has: its "not found" is for whoever is signed in all the same
    if request.blueprint is None and _is_ours():
        _recognise(state.now())


def _is_ours() -> bool:
    return f"{request.path}/".startswith("/admin/")


def _recognise(now: Any) -> None:
    g.session = g.principal = g.token = g.back = None
    g.kept = []
    given = request.cookies.get(COOKIE)
    found = sessions.find(given, now) if given else None
    if found is None:
        return
    g.session, g.token = found, given
    if found.proven:
        with database.read() as connection, suppress(NotSignedIn):
            g.principal = operators.principal(connection, found.operator_id, "ui")
    with suppress(AfterwordError):  # on a disk that went read-only, pages can still be looked at
        sessions.note(found, now)


@blueprint.errorhandler(NotSignedIn)
def _not_signed_in(error: NotSignedIn) -> Response:
    """Lead to the sign-in page and from there back, or say so where the way back would lose what was typed."""
    if request.method not in _READS:
        door = url_for("admin.code" if g.session is not None else "admin.sign_in", next=g.back)
        values = {"title": error.title, "detail": _AGAIN, "kept": g.kept, "sign_in": door}
        return Response(render_template("admin/fault.html", **values), 401)
    here = local.path_of(request.full_path.rstrip("?"))
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and here is not None:
        # a link on another site: the cookie did not come along, and will once the next step begins at a page of ours
        return cast(Response, redirect(url_for("admin.go", to=here), 303))
    if g.session is not None:
        return cast(Response, redirect(url_for("admin.code", next=here), 303))
    return cast(Response, redirect(url_for("admin.sign_in", next=here), 303))


@blueprint.errorhandler(FactorNeeded)
def _factor_needed(error: FactorNeeded) -> Response:
    """Lead to where the second factor is set up, or say so where something was sent."""
    if request.method not in _READS:
        values = {"title": error.title, "detail": error.sentence(), "kept": g.kept}
        return Response(render_template("admin/fault.html", **values), 403)
    return cast(Response, redirect(url_for("admin.totp_setup"), 303))


_AGAIN = "You are not signed in any more, so nothing was changed. Sign in, and do it again."


@blueprint.app_context_processor
def _context() -> dict[str, Any]:
    if not _is_ours():
        return {}
    who = g.get("principal")
    g.faulty = []  # the fields of this page with something wrong, in its order: see _macros.html
    shown = [
        (endpoint, label)
        for endpoint, label, scope in NAV
        if who is not None and endpoint in current_app.view_functions and (scope is None or scope in who.scopes)
    ]
    return {
        "principal": who,
        "nav": shown,
        "csrf": proof.token(state.settings().secret_key, _bound_to(), state.now()),
        "notice": _notice(),
    }


def _notice() -> str:
    about = request.args.get("about", "")
    said = NOTICES.get(request.args.get("done", ""), "")
    if "{name}" not in said:
        return said
    # what an address says is shown no further than a name goes
    return said.replace("{name}", about) if about.isprintable() and 0 < len(about) <= _LONGEST_NAME else ""
