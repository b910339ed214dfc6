"""Who asks at the operators' API: the holder of a token, looked up before any view runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Blueprint, Response, current_app, g, request

from service import database
from service.errors import NotSignedIn, Unavailable
from service.people import tokens
from service.people.operators import Principal
from service.web import state

_View = TypeVar("_View", bound=Callable[..., Any])

#: how it is described in the API
TOKEN_SCHEME = {"type": "http", "scheme": "bearer", "description": "A token that an operator made for a program."}
TOKEN_NEEDED: list[dict[str, list[str]]] = [{"operatorToken": []}]


def guard(blueprint: Blueprint) -> None:
    """Let nobody past without a good token, whichever view is asked for, and let no cache keep what is answered."""
    blueprint.before_request(_admit)
    blueprint.after_request(_keep_private)


def principal() -> Principal:
    """Return who asks."""
    return cast(Principal, g.principal)


def needs(scope: str) -> Callable[[_View], _View]:
    """Mark a view as one for holders of a scope, who are looked for before what was sent is read."""

    def marked(view: _View) -> _View:
        view.scope = scope  # type: ignore[attr-defined]
        return view

    return marked


def needs_all(view: _View) -> _View:
    """Mark a view as one for holders of every scope of their role: by such a token nobody gains what it has not."""
    view.scope = None  # type: ignore[attr-defined]
    return view


def takes(most: int) -> Callable[[_View], _View]:
    """Mark a view that may be sent more bytes than others, by holders of its scope: a list, a file."""

    def marked(view: _View) -> _View:
        view.most_bytes = most  # type: ignore[attr-defined]
        return view

    return marked


def _admit() -> None:
    if request.method == "OPTIONS":
        return  # says which methods there are, and nothing else
    view = current_app.view_functions[request.endpoint or ""]
    token = _identify(view)
    if request.method not in ("GET", "HEAD"):
        most = getattr(view, "most_bytes", None)
        if most is not None:
            request.max_content_length = most
        request.get_data()
        _identify(view)  # once more: a token may have been removed while its holder was sending
    with contextlib.suppress(Unavailable):  # what can still be read while the disk is full is not refused for this
        tokens.note(token, state.now())


def _identify(view: Any) -> str:
    """Set who asks, and return the token. Raises NotSignedIn, and NotAllowed without the view's scopes."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = given.strip()
    with database.read() as connection:
        found = tokens.find(connection, token, state.now()) if scheme.lower() == "bearer" else None
    if found is None:
        raise NotSignedIn
    g.principal = found
    if view.scope is None:
        found.require_all()
    else:
        found.require(view.scope)
    return token


def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
