"""The only place that knows status codes of our exceptions: all of them become problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, json
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from service.errors import (
    AfterwordError,
    Conflict,
    Invalid,
    Malformed,
    NoReaderKey,
    NotAPage,
    NotFound,
    OriginRefused,
    PageClosed,
    Refused,
    StorageFull,
    TooMany,
    Unavailable,
    UnknownSite,
)
from service.threads import moment

#: most special first: the first class that an exception belongs to decides
STATUS: tuple[tuple[type[AfterwordError], int], ...] = (
    (Malformed, 400),
    (NoReaderKey, 401),
    (OriginRefused, 403),
    (PageClosed, 403),
    (Refused, 403),
    (UnknownSite, 404),
    (NotFound, 404),
    (Conflict, 409),
    (NotAPage, 422),
    (Invalid, 422),
    (TooMany, 429),
    (StorageFull, 507),
    (Unavailable, 503),
)
#: problems that are said by HTTP itself, without an exception of ours
_CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "not-json", 400: "malformed"}

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
    response = Response(json.dumps(content), status, mimetype="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _ours(error: AfterwordError) -> Response:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    extra: dict[str, Any] = {}
    if isinstance(error, Invalid):
        extra["errors"] = error.fields
    if isinstance(error, NotAPage):
        extra["errors"] = {"page": [error.reason]}
    if isinstance(error, PageClosed):
        extra |= {"reason": error.reason, "reopens": moment(error.reopens)}
    response = problem(status, error.code, error.title, error.sentence(), extra)
    if isinstance(error, NoReaderKey):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany | Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


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
