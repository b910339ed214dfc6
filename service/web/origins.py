"""CORS: who may read, and whose pages may write.

Public reads are for everybody: they carry no credential and depend on nobody. Writes are answered to the origins of
registered sites only, each named exactly; that the origin is one of *this page's* site is checked by `require`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request, Response, request

from service import pages
from service.errors import AfterwordError, OriginRefused
from service.pages import Site, key
from service.web import caching

_METHODS = "GET, POST, PUT, PATCH, DELETE"
_HEADERS = "Content-Type, Authorization, Idempotency-Key"
_EXPOSED = "Retry-After, ETag, Idempotency-Replayed"
#: what lets every page read a public answer
FOR_EVERYBODY = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", _EXPOSED))
#: no page of another origin is ever to read what operators do
_OPERATORS = "/api/v1/admin"
#: private, and asked for with GET, by the site's own pages
_FOR_OWN_PAGES = ("/api/v1/form",)
#: seconds a browser may remember the answer to a preflight; Chromium's own ceiling
_REMEMBERED = "7200"


def require(site: Site, asked: Request, public_url: str) -> None:
    """Raise OriginRefused unless the request comes from a browser page of the site."""
    origin = key.origin_header(asked.headers.get("Origin", ""))
    if origin is None and _reads_at_home(asked):
        # a page at our own host: no page can say so of itself, and of which host it speaks the public address knows
        if not public_url:
            return
        origin = key.parse(public_url).origin
    if origin is None or _owner(asked, origin) != site.id:
        raise OriginRefused(origin)


def _reads_at_home(asked: Request) -> bool:
    # browsers name no Origin when a page reads from its own host; with a write they always do (Fetch, "append a
    # request Origin header")
    said = asked.headers.get("Sec-Fetch-Site")
    return asked.method in ("GET", "HEAD") and "Origin" not in asked.headers and said == "same-origin"


def require_own(asked: Request, public_url: str) -> bool:
    """Raise OriginRefused if a form came from anywhere but a page of this service; return whether the browser says so.

    It says so by Sec-Fetch-Site, which no page can set, or by Origin where that is missing (older browsers, and hosts
    without TLS). Text browsers send neither: False is for them, and their form's token alone has to vouch for it. No
    cookie and no key goes with a form, so that nothing more could be gained by it than one comment.
    """
    origin = asked.headers.get("Origin")
    site = asked.headers.get("Sec-Fetch-Site")
    if origin == "null":  # a frame in a sandbox, a file, a redirect across origins
        raise OriginRefused(origin)
    if site is None and origin is None:
        return False
    own = site == "same-origin" if site is not None else _is_own(origin or "", asked, public_url)
    if not own:
        raise OriginRefused(origin or "Another page")
    return True


def _is_own(origin: str, asked: Request, public_url: str) -> bool:
    if key.origin_header(origin) is None:
        return False
    if public_url:
        return origin == key.parse(public_url).origin
    # without a public address a proxy may speak TLS for us: of the scheme we know nothing
    return urlsplit(origin).netloc == asked.host


def is_shared(path: str) -> bool:
    """Tell whether pages of other origins may read anything at this path."""
    return path.startswith("/api/") and not path.startswith(_OPERATORS)


def share(response: Response) -> Response:
    """Say in the answer which pages may read it."""
    if not is_shared(request.path):
        return response
    # a read with a reader key is private, and as particular about origins as a write; so is what a write needs
    private = "Authorization" in request.headers or request.path in _FOR_OWN_PAGES
    if request.method in ("GET", "HEAD") and not private:
        response.headers.extend(FOR_EVERYBODY)
        return response
    # who looks at the key lets nobody keep the answer, whatever the view says of such an answer to everybody
    caching.keep(response, "no-store")
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
        return origin if origin is not None and _owner(asked, origin) is not None else None
    except AfterwordError:
        return None  # the database is away; the answer, an error anyhow, goes out without


def _owner(asked: Request, origin: str) -> int | None:
    # the id of its site; what lets a write in also says who may read its answer, so it is looked at once a request
    known: dict[str, int | None] = asked.environ.setdefault("afterword.owners", {})
    if origin not in known:
        known[origin] = pages.owner_of(origin)
    return known[origin]
