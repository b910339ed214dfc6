"""Conditional requests: ETag, 304, Vary, and the encoding that the client takes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Request, Response, json
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from service.threads import Ready

#: Seconds that a shared cache may hold a thread. No stale-while-revalidate beside it: browsers obey that too, and would
#: show a reader who reloads the thread without the comment just written.
_SHARED = 2


def answer(request: Request, ready: Ready, now: datetime | None) -> Response:
    """Return ready bytes, or 304 where the client has them; never to be kept longer than they hold."""
    # headers in one go: set one by one they cost as much as finding the answer
    headers = [("ETag", ready.etag), ("Vary", "Accept-Encoding"), ("Cache-Control", _lifetime(ready.until, now))]
    if ready.etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers, mimetype="application/json")
    encoding = _encoding(request.headers.get("Accept-Encoding", ""))
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    return Response(ready.encoded(encoding), headers=headers, mimetype="application/json")


def answer_json(request: Request, content: dict[str, Any]) -> Response:
    """Return small, public content that is made afresh, with an ETag of its own."""
    plain = json.dumps(content).encode()
    return answer(request, Ready(None, f'W/"{hashlib.sha256(plain).hexdigest()[:24]}"', plain), None)


def _lifetime(until: datetime | None, now: datetime | None) -> str:
    if until is not None and now is not None and (until - now).total_seconds() < _SHARED:
        return "public, max-age=0, must-revalidate"
    return f"public, max-age=0, s-maxage={_SHARED}"


@lru_cache(maxsize=256)  # browsers send a handful of different ones
def _encoding(header: str) -> str:
    accepted = parse_accept_header(header, Accept)
    # a "*" says nothing of whether the client knows brotli
    return next((name for name in ("br", "gzip") if name in header and accepted.quality(name) > 0), "identity")
