"""The only place that knows status codes of our exceptions.

All of them become problem+json (RFC 9457), and a page where people are who open the address by themselves.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, json, render_template, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from service.errors import (
    AfterwordError,
    Conflict,
    FactorNeeded,
    Gone,
    Invalid,
    Malformed,
    NoReaderKey,
    NotAllowed,
    NotAPage,
    NotFound,
    NotSignedIn,
    OriginRefused,
    PageClosed,
    Refused,
    StaleForm,
    StorageFull,
    TooMany,
    Unavailable,
    UnknownSite,
)
from service.threads import moment
from service.web import metrics

#: most special first: the first class that an exception belongs to decides
STATUS: tuple[tuple[type[AfterwordError], int], ...] = (
    (Malformed, 400),
    (NoReaderKey, 401),
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (FactorNeeded, 403),
    (OriginRefused, 403),
    (StaleForm, 403),
    (PageClosed, 403),
    (Refused, 403),
    (UnknownSite, 404),
    (NotFound, 404),
    (Conflict, 409),
    (Gone, 410),
    (NotAPage, 422),
    (Invalid, 422),
    (TooMany, 429),
    (StorageFull, 507),
    (Unavailable, 503),
)
#: problems that are said by HTTP itself, without an exception of ours
_CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "not-json", 400: "malformed"}
#: what people open by themselves
_FOR_PEOPLE = ("/thread",)
_FOR_OPERATORS = "/admin/"

_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Make the application answer every error as a problem."""
    app.register_error_handler(AfterwordError, _ours)
    app.register_error_handler(ValidationError, lambda error: _ours(Invalid(_by_field(error))))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def problem(status: int, code: str, title: str, detail: str, extra: dict[str, Any] | None = None) -> Response:
    """Return a problem; `code` is the last part of its type, by which clients tell problems apart."""
    content = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail} | (extra or {})
    if status >= 500 and "request_id" in g:
        content["request_id"] = g.request_id  # by it an operator finds in the log what a reader tells of
    if request.path.startswith(_FOR_OPERATORS):
        # here as below: what somebody typed is given back, for an error must not cost it
        values = {"title": title, "detail": detail, "kept": g.get("kept"), "back": g.get("back")}
        response = Response(render_template("admin/fault.html", **values), status)
    elif request.path in _FOR_PEOPLE:
        response = Response(render_template("fault.html", title=title, detail=detail, kept=g.get("kept")), status)
    else:
        response = Response(json.dumps(content), status, mimetype="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    return response


def status_of(error: AfterwordError) -> int:
    """Return the status code of an exception of ours."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def _ours(error: AfterwordError) -> Response:
    metrics.refused(error)
    extra: dict[str, Any] = {}
    if isinstance(error, Invalid):
        extra["errors"] = error.fields
    if isinstance(error, NotAPage):
        extra["errors"] = {"page": [error.reason]}
    if isinstance(error, PageClosed):
        extra |= {"reason": error.reason, "reopens": moment(error.reopens)}
    response = problem(status_of(error), error.code, error.title, error.sentence(), extra)
    response.headers.extend(headers_of(error))
    return response


def headers_of(error: AfterwordError) -> dict[str, str]:
    """Return the headers that belong to an exception of ours."""
    if isinstance(error, NoReaderKey | NotSignedIn):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany | Unavailable) else {}


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    response = problem(status, _CODES.get(status, "error"), error.name, error.description or error.name)
    if "Allow" in (headers := dict(error.get_headers())):
        response.headers["Allow"] = headers["Allow"]
    return response


def _by_field(error: ValidationError) -> dict[str, Any]:
    found: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return found


def _unforeseen(error: Exception) -> Response:
    # the log gets all of it, the client nothing: a trace could tell secrets
    _log.exception("unforeseen error", exc_info=error)
    return problem(500, "internal", "Something went wrong", "The comment service made a mistake. Nothing was stored.")
