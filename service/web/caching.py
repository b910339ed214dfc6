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
#: Seconds that a content delivery network may go on showing it while it asks anew: ten in all, never across a change of
#: state by the clock. It is told in a field of its own (RFC 9213), which browsers do not read.
_REFRESHED = 8
#: Seconds that caches may show it while we do not answer: a night and a morning. Not cut short by a change of state: as
#: long as reads fail, writes fail on the same road, so that an "open" which is out of date lets nobody write, and a
#: thread that can be read is worth more than none. What an operator took away meanwhile may show for as long.
_IF_DOWN = 86_400

#: how long an answer may be kept, as headers
Lifetime = tuple[tuple[str, str], ...]
#: status, headers, content
Reply = tuple[int, list[tuple[str, str]], bytes]


def reply(ready: Ready, encodings: str, known: str, lifetime: Lifetime) -> Reply:
    """Return ready bytes in one of the `encodings` that are taken, or 304 where the client says it has them."""
    headers = [("ETag", ready.etag), ("Vary", "Accept-Encoding"), *lifetime]
    if ready.etag in known:
        return 304, headers, b""
    encoding = encoding_for(encodings)
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    return 200, headers, ready.encoded(encoding)


def answer(
    request: Request,
    ready: Ready,
    now: datetime | None,
    kind: str = "application/json",
    lifetime: Lifetime | None = None,
) -> Response:
    """Return ready bytes, or 304 where the client has them; never to be kept longer than they hold."""
    taken, known = request.headers.get("Accept-Encoding", ""), request.headers.get("If-None-Match", "")
    # headers in one go: set one by one they cost as much as finding the answer
    status, headers, content = reply(ready, taken, known, lifetime or lifetime_of(ready, now))
    return Response(content or None, status=status, headers=headers, mimetype=kind)


def keep(response: Response, words: str) -> None:
    """Say of an answer how it may be kept, by networks and by others, in the place of what was said before."""
    response.headers["Cache-Control"] = words
    response.headers.pop("CDN-Cache-Control", None)


def lifetime_of(ready: Ready, now: datetime | None) -> Lifetime:
    """Return for how long an answer may be kept: never longer than it holds."""
    left = (ready.until - now).total_seconds() if ready.until is not None and now is not None else None
    if left is None or left >= _SHARED + _REFRESHED:
        return _LIFETIME
    if left < _SHARED:
        return (("Cache-Control", "public, max-age=0, must-revalidate"),)
    return _words(int(left) - _SHARED)


def _words(refreshed: int) -> Lifetime:
    network = f"max-age={_SHARED}, stale-while-revalidate={refreshed}, stale-if-error={_IF_DOWN}"
    others = f"public, max-age=0, s-maxage={_SHARED}, stale-if-error={_IF_DOWN}"
    return ("Cache-Control", others), ("CDN-Cache-Control", network)


_LIFETIME = _words(_REFRESHED)  # made once: nearly every read has it


@lru_cache(maxsize=256)  # browsers send a handful of different ones
def encoding_for(header: str) -> str:
    """Return the best encoding of ours that an Accept-Encoding header takes: br, gzip or identity."""
    accepted = parse_accept_header(header, Accept)
    # a "*" says nothing of whether the client knows brotli
    return next((name for name in ("br", "gzip") if name in header and accepted.quality(name) > 0), "identity")
