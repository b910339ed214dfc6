"""Who asks at the operators' API: the holder of a token, looked up before any view runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Blueprint, Response, g, request

from service import database
from service.errors import NotSignedIn, Unavailable
from service.people import tokens
from service.people.operators import Principal
from service.web import state

P = ParamSpec("P")
R = TypeVar("R")

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


def needs(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for holders of a scope, and before what they sent is looked at."""

    def guarded(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            principal().require(scope)
            return view(*args, **kwargs)

        return wrapped

    return guarded


def takes(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be sent more bytes than others: a list, a file. To stand below `needs`, which knows who sends."""

    def widened(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            request.max_content_length = most
            return view(*args, **kwargs)

        return wrapped

    return widened


def _admit() -> None:
    if request.method == "OPTIONS":
        return  # says which methods there are, and nothing else
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    now = state.now()
    with database.read() as connection:
        found = tokens.find(connection, token.strip(), now) if scheme.lower() == "bearer" else None
    if found is None:
        raise NotSignedIn
    g.principal = found
    with contextlib.suppress(Unavailable):  # what can still be read while the disk is full is not refused for this
        tokens.note(token.strip(), now)


def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
