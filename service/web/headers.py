"""Headers that every answer carries, by the kind of what it is (OWASP HTTP Headers and REST Security cheat sheets)."""

from __future__ import annotations

from flask import Response, request

from service.web import state

_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
#: the operators' pages run our own script, and fetch from us alone; nothing of them is kept or shown elsewhere
_ADMIN = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
}
_TLS = {"Strict-Transport-Security": "max-age=31536000"}
_DATA = {
    # should a browser ever show it as a document, it is an inert one
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_SCRIPT = {"Cross-Origin-Resource-Policy": "cross-origin"}

_KINDS = {
    "text/html": tuple((_ALL | _PAGE).items()),
    "text/javascript": tuple((_ALL | _SCRIPT).items()),
    "text/css": tuple(_ALL.items()),
}
_OTHER = tuple((_ALL | _DATA).items())
_OPERATORS = tuple((_ALL | _PAGE | _ADMIN).items())
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def of_kind(path: str, kind: str) -> tuple[tuple[str, str], ...]:
    """Return the headers that an answer of this type carries, whoever gives it; operators' pages carry others."""
    # nothing under /api/ is a page, though an answer without content says so: text/html is Flask's default
    return _OTHER if path.startswith("/api/") else _KINDS.get(kind, _OTHER)


def protect(response: Response) -> Response:
    """Add the headers that the answer's kind asks for; what a view set itself stays."""
    said = set(response.headers.keys())
    kind = of_kind(request.path, response.mimetype or "")
    if f"{request.path}/".startswith("/admin/"):
        kind = _OPERATORS
        if request.is_secure or state.settings().public_url.startswith("https://"):
            response.headers.extend(_TLS)
    response.headers.extend([pair for pair in kind if pair[0] not in said])
    if request.method not in _READS and "Cache-Control" not in said:
        response.headers["Cache-Control"] = "no-store"
    return response
