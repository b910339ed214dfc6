"""Conditional requests: ETag, 304, Vary, and the encoding that the client takes."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from flask import Request, Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from service.threads import Ready

#: Seconds that a shared cache may hold a thread. No stale-while-revalidate beside it: browsers obey that too, and would
#: show a reader who reloads the thread without the comment just written.
_SHARED = 2

#: status, headers, content
Reply = tuple[int, list[tuple[str, str]], bytes]


def reply(ready: Ready, encodings: str, known: str, lifetime: str) -> Reply:
    """Return ready bytes in one of the `encodings` that are taken, or 304 where the client says it has them."""
    headers = [("ETag", ready.etag), ("Vary", "Accept-Encoding"), ("Cache-Control", lifetime)]
    if ready.etag in known:
        return 304, headers, b""
    encoding = encoding_for(encodings)
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    return 200, headers, ready.encoded(encoding)


def answer(
    request: Request, ready: Ready, now: datetime | None, kind: str = "application/json", lifetime: str | None = None
) -> Response:
    """Return ready bytes, or 304 where the client has them; never to be kept longer than they hold."""
    taken, known = request.headers.get("Accept-Encoding", ""), request.headers.get("If-None-Match", "")
    # headers in one go: set one by one they cost as much as finding the answer
    status, headers, content = reply(ready, taken, known, lifetime or lifetime_of(ready, now))
    return Response(content or None, status=status, headers=headers, mimetype=kind)


def lifetime_of(ready: Ready, now: datetime | None) -> str:
    """Return for how long an answer may be kept, in the words of Cache-Control."""
    if ready.until is not None and now is not None and (ready.until - now).total_seconds() < _SHARED:
        return "public, max-age=0, must-revalidate"
    return f"public, max-age=0, s-maxage={_SHARED}"


@lru_cache(maxsize=256)  # browsers send a handful of different ones
def encoding_for(header: str) -> str:
    """Return the best encoding of ours that an Accept-Encoding header takes: br, gzip or identity."""
    accepted = parse_accept_header(header, Accept)
    # a "*" says nothing of whether the client knows brotli
    return next((name for name in ("br", "gzip") if name in header and accepted.quality(name) > 0), "identity")
