"""CORS: who may read, and whose pages may write.

Public reads are for everybody: they carry no credential and depend on nobody. Writes are answered to the origins of
registered sites only, each named exactly; that the origin is one of *this page's* site is checked by `require`.
"""

from __future__ import annotations

from flask import Request, Response, request

from service import pages
from service.errors import AfterwordError, OriginRefused
from service.pages import Site, key

_METHODS = "GET, POST, PUT, PATCH, DELETE"
_HEADERS = "Content-Type, Authorization, Idempotency-Key"
_EXPOSED = "Retry-After, ETag, Idempotency-Replayed"
_FOR_EVERYBODY = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", _EXPOSED))
#: seconds a browser may remember the answer to a preflight; Chromium's own ceiling
_REMEMBERED = "7200"


def require(site: Site, asked: Request) -> None:
    """Raise OriginRefused unless the request comes from a browser page of the site."""
    origin = key.origin_header(asked.headers.get("Origin", ""))
    if origin is None or not pages.admits(site, origin):
        raise OriginRefused(origin)


def share(response: Response) -> Response:
    """Say in the answer which pages may read it."""
    if not request.path.startswith("/api/"):
        return response
    # a read with a reader key is private, and as particular about origins as a write
    if request.method in ("GET", "HEAD") and "Authorization" not in request.headers:
        response.headers.extend(_FOR_EVERYBODY)
        return response
    response.vary.add("Origin")
    origin = registered(request)
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = _METHODS
            response.headers["Access-Control-Allow-Headers"] = _HEADERS
            response.headers["Access-Control-Max-Age"] = _REMEMBERED
    return response


def registered(asked: Request) -> str | None:
    """Return the request's origin if it belongs to any registered site."""
    origin = key.origin_header(asked.headers.get("Origin", ""))
    try:
        return origin if origin is not None and pages.knows_origin(origin) else None
    except AfterwordError:
        return None  # the database is away; the answer, an error anyhow, goes out without
