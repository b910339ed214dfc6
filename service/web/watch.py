"""Watches every request that Flask answers: gives it an id, times it, counts it, and tells of it in the log.

The id is answered as X-Request-Id and stands in every line of the log that the request brings about. How long a public
read took is told to its asker, too (Server-Timing). Of anything else it is not: how long the database had to look could
tell what is there and hidden.
"""

from __future__ import annotations

import re
import secrets
import threading
from functools import lru_cache
from time import perf_counter
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import Engine, event
from structlog.contextvars import bind_contextvars

from service import logs
from service.people import address
from service.web import metrics, state

HEADER = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_CONVERTER = re.compile(r"<(?:[^<>]*:)?(\w+)>")
#: what was asked for and is nowhere
NOWHERE = "(none)"

_database = threading.local()


def register(app: Flask) -> None:
    """Watch an application. To be called before its other hooks are registered: the first one is the last to answer."""
    app.before_request(_begin)
    app.after_request(_end)


def watch_statements(engine: Engine) -> None:
    """Take the time of what a database is asked, from now on."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before(*_: Any) -> None:
        _database.since = perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _after(*_: Any) -> None:
        _database.spent = getattr(_database, "spent", 0.0) + perf_counter() - _database.since


def request_id(said: str | None) -> str:
    """Return the id that a trusted proxy gave a request, or a new one where it gave none that looks like one."""
    return said if said is not None and _ID.fullmatch(said) else secrets.token_hex(8)


def _begin() -> None:
    g.since = perf_counter()
    _database.spent = 0.0
    said = request.headers.get(HEADER)
    g.request_id = request_id(said if said is not None and state.is_trusted(request.remote_addr) else None)
    bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "since" not in g:
        return response
    seconds = perf_counter() - g.since
    rule = request.url_rule
    route = template(rule.rule) if rule is not None else NOWHERE
    response.headers[HEADER] = g.request_id
    if response.headers.get("Access-Control-Allow-Origin") == "*":
        # the very answers that any page may read
        spent = _database.spent
        told = f"db;dur={spent * 1000:.1f}, app;dur={(seconds - spent) * 1000:.1f}, total;dur={seconds * 1000:.1f}"
        response.headers.extend((("Server-Timing", told), ("Timing-Allow-Origin", "*")))
    metrics.observe(route, request.method, response.status_code, seconds)
    if logs.tells_access():
        client = address.truncated(state.client_address(request))
        size = response.content_length if response.is_sequence is False else response.calculate_content_length()
        logs.access(g.request_id, _method(), route, response.status_code, seconds, size, client)
    return response


def _method() -> str:
    # a method that nobody knows is whatever a client likes to write into our log
    return request.method if request.method in metrics.METHODS else "other"


@lru_cache(maxsize=1024)
def template(rule: str) -> str:
    """Return a route as it is told: `/comments/{comment_id}` for `/comments/<int(max=9):comment_id>`."""
    return _CONVERTER.sub(r"{\1}", rule)
