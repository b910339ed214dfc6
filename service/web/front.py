"""The page at `/`: says that the service runs and which tag to paste; and what a problem's type means."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from service import errors
from service.web import links, state

blueprint = Blueprint("front", __name__, template_folder="templates", static_folder="static", static_url_path="/static")

#: problems that HTTP itself has, without an exception of ours
_OTHERS = {
    "method-not-allowed": "This address does not take this method",
    "too-large": "The request is too large",
    "not-json": "The request is not sent as application/json",
    "internal": "The comment service made a mistake",
}


@blueprint.get("/")
def home() -> Response:
    """Answer with the front page."""
    response = make_response(render_template("front.html", address=links.base(), demo=state.settings().demo_url))
    response.headers["Cache-Control"] = "no-store"  # it may name the host that was asked for
    return response


@blueprint.get("/problems/<code>")
def problem(code: str) -> Response:
    """Answer with what a problem's type means, for people who follow it."""
    title = _titles().get(code)
    if title is None:
        raise errors.NotFound("problem")
    return make_response(render_template("problem.html", code=code, title=title))


def _titles() -> dict[str, str]:
    ours: dict[str, str] = {}
    waiting: list[type[errors.AfterwordError]] = [errors.AfterwordError]
    while waiting:
        kind = waiting.pop()
        ours[kind.code] = kind.title
        waiting.extend(kind.__subclasses__())
    return ours | _OTHERS
