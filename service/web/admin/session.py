"""Signing in and out; the page where operators begin; and the step by which links from other sites arrive."""

from __future__ import annotations

from typing import cast

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for

from service.errors import AfterwordError, Invalid, NotFound, TooMany
from service.people import sessions, signin
from service.people.audit import Actor
from service.web import errors, metrics, state
from service.web.admin import guard, local
from service.web.admin.guard import blueprint


@blueprint.get("")
@guard.public
def root() -> Response:
    """Lead to the pages by a path alone: whatever host a request names, nobody is led there."""
    return cast(Response, redirect(url_for("admin.start"), 308))


@blueprint.get("/")
def start() -> Response:
    """Lead to the queue; where there is none, show what there is."""
    if "admin.queue" in current_app.view_functions:
        return cast(Response, redirect(url_for("admin.queue"), 303))
    return make_response(render_template("admin/start.html"))


@blueprint.get("/sign-in")
@guard.entrance
def sign_in() -> Response:
    """Answer with the sign-in form; who is signed in goes on at once."""
    if g.principal is not None:
        return _on(request.args.get("next", ""))
    return make_response(render_template("admin/signin.html", next=_next(request.args.get("next", ""))))


def _sign_in_again(error: AfterwordError) -> Response:
    return _again("admin/signin.html", error, name=guard.typed("name"), next=_next(guard.typed("next")))


@blueprint.post("/sign-in")
@guard.entrance
@guard.again(_sign_in_again)
def sign_in_now() -> Response:
    """Begin a session, and go on to the second factor or to where one was going."""
    onward, now = guard.typed("next"), state.now()
    try:
        started = signin.enter(guard.typed("name"), guard.typed("password"), guard.browser(), now)
    except (Invalid, TooMany) as error:
        metrics.sign_in_failed()
        return _sign_in_again(error)
    if g.session is not None:
        sessions.end(g.session, Actor(g.session.operator, "ui"), now)  # the browser forgets its cookie now
    return arrive(started, onward)


@blueprint.get("/code")
@guard.public
def code() -> Response:
    """Answer with the form for the second factor."""
    if g.principal is not None:
        return _on(request.args.get("next", ""))
    guard.session()
    return make_response(render_template("admin/code.html", next=_next(request.args.get("next", ""))))


@blueprint.post("/code")
@guard.public
def code_now() -> Response:
    """Take the second factor, renew the session, and go on."""
    pending, onward = guard.session(), guard.typed("next")
    try:
        token = signin.prove(pending, guard.typed("code"), guard.browser(), state.now())
    except (Invalid, TooMany) as error:
        metrics.sign_in_failed()
        return _again("admin/code.html", error, next=_next(onward))
    return guard.keep(_on(onward), token)


@blueprint.post("/sign-out")
@guard.public
def sign_out() -> Response:
    """End the session, also one that waits for the second factor."""
    ending = guard.session()
    sessions.end(ending, Actor(ending.operator, "ui"), state.now())
    return guard.forget(guard.done("admin.sign_in", "signed-out"))


@blueprint.get("/go")
@guard.public
def go() -> Response:
    """Answer with a page that goes on to another of ours at once.

    Browsers leave a SameSite=Strict cookie behind when a link on another site is followed. From here on it comes along.
    """
    to = local.path_of(request.args.get("to", ""))
    if to is None:
        raise NotFound("page")
    return make_response(render_template("admin/go.html", to=to))


def arrive(started: signin.Started, onward: str = "") -> Response:
    """Give the browser a new session's cookie, and go on."""
    if not started.needs_code:
        return guard.keep(_on(onward), started.token)
    response = cast(Response, redirect(url_for("admin.code", next=_next(onward)), 303))
    return guard.keep(response, started.token)


def _on(onward: str) -> Response:
    return cast(Response, redirect(_next(onward) or url_for("admin.start"), 303))


def _next(given: str) -> str | None:
    return local.path_of(given)


def _again(template: str, error: AfterwordError, **values: str | None) -> Response:
    """Answer with a form as it was sent, and with what is wrong."""
    html = render_template(template, fault=error.sentence(), **values)
    return Response(html, errors.status_of(error), errors.headers_of(error))
