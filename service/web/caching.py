"""Conditional requests: ETag, 304, Vary, and the encoding that the client takes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from flask import Request, Response, json

from service.threads import Ready

#: seconds that a shared cache may hold a thread, and that it may serve an old one while it asks or cannot
_SHARED = 2
_STALE = 30


def answer(request: Request, ready: Ready, until: datetime | None, now: datetime | None) -> Response:
    """Return ready bytes, or 304 where the client has them; never to be kept beyond `until`."""
    encoding = _encoding(request)
    if ready.etag in request.headers.get("If-None-Match", ""):
        response = Response(status=304)
    else:
        response = Response(ready.encoded(encoding), mimetype="application/json")
        if encoding != "identity":
            response.headers["Content-Encoding"] = encoding
    response.headers["ETag"] = ready.etag
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = _lifetime(until, now)
    return response


def answer_json(request: Request, content: dict[str, Any]) -> Response:
    """Return small, public content that is made afresh, with an ETag of its own."""
    plain = json.dumps(content).encode()
    return answer(request, Ready(None, f'W/"{hashlib.sha256(plain).hexdigest()[:24]}"', plain), None, None)


def _lifetime(until: datetime | None, now: datetime | None) -> str:
    if until is not None and now is not None and (until - now).total_seconds() < _SHARED + _STALE:
        return "public, max-age=0, must-revalidate"
    return f"public, max-age=0, s-maxage={_SHARED}, stale-while-revalidate={_STALE}, stale-if-error=86400"


def _encoding(request: Request) -> str:
    accepted = request.headers.get("Accept-Encoding", "")
    if "br" in accepted and request.accept_encodings["br"] > 0:
        return "br"
    if "gzip" in accepted and request.accept_encodings["gzip"] > 0:
        return "gzip"
    return "identity"
