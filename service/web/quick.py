"""Answers without Flask: what is read most, and is ready as bytes.

Each gives exactly what the view of the same path would give, at a fraction of its cost; what it cannot answer at once
it leaves to that view. Nothing here takes a lock of the database, writes, or waits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from flask import Flask
from werkzeug.utils import get_content_type

from service import database, logs, threads
from service.pages import Fresh
from service.people import address
from service.settings import Network
from service.threads import Ready
from service.web import caching, embed, headers, metrics, origins, state, watch

_OK = b'{"status":"ok"}\n'
_HEALTH = "/healthz"
#: the route of all translations
_LOCALES = "/locales/{code}.json"

Headers = list[tuple[bytes, bytes]]
#: status, headers, content
Answer = tuple[int, Headers, bytes]
_Read = Callable[[bytes, datetime], Ready | None]

_JSON, _PROBLEM = "application/json", "application/problem+json"
_PRIVATE = b"authorization"
#: no query, or the version of a part that the widget asks for
_VERSION = re.compile(rb"(?:v=([0-9a-f]+))?")
#: browsers send a handful of different headers; what others make up must not fill the memory
_MOST_TOLD = 32


class Quick:
    """What this process can answer from memory, with a fresh look at the versions that it hangs on."""

    def __init__(self, app: Flask) -> None:
        self._trusted = app.extensions["afterword"].trusted_proxies
        cache, self.files = app.extensions["afterword_cache"], app.extensions["afterword_files"]
        with app.app_context():
            self._fresh = fresh = Fresh(database.looking())
            #: whether a look at the database may be taken where nothing may wait: that file is on this machine
            self.is_instant = database.is_embedded()
        self._reads: dict[str, _Read] = {
            "/api/v1/thread": lambda query, now: threads.read_again(cache, fresh, query, now),
            "/api/v1/counts": lambda query, now: threads.count_again(cache, fresh, query, now),
        }

    def close(self) -> None:
        """Give back what it holds of the database."""
        self._fresh.close()

    def health(self, path: str) -> Answer | None:
        """Return the answer to whoever asks whether this process lives: also when all threads are taken."""
        if path != _HEALTH:
            return None
        return self._put_together(path, _JSON, (200, [("Cache-Control", "no-store")], _OK), ())

    def problem(self, path: str, status: int, code: str, detail: str, after: int | None = None) -> Answer:
        """Return the answer to a request that goes no further; `after` is Retry-After, in seconds."""
        content = {"type": f"/problems/{code}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        head = [("Cache-Control", "no-store")] + ([] if after is None else [("Retry-After", str(after))])
        # for every page: it tells nothing of anybody, and the widget of any site must be able to read it
        shared = origins.FOR_EVERYBODY if origins.is_shared(path) else ()
        return self._put_together(path, _PROBLEM, (status, head, json.dumps(content).encode()), shared)

    def tell(self, scope: Mapping[str, Any], answer: Answer, seconds: float) -> Answer:
        """Count and log a request that was answered here, and return the answer with the request's id."""
        status, head, content = answer
        peer = scope["client"][0] if scope["client"] else ""
        trusted, sent = self._trusted, dict(scope["headers"]) if self._trusted else {}
        said = sent.get(b"x-request-id") if state.is_within(peer, trusted) else None
        name = watch.request_id(said and said.decode("latin-1"))
        route = watch.NOWHERE if status >= 400 else self._route(scope["path"])
        metrics.observe(route, scope["method"], status, seconds)
        if logs.tells_access():
            client = _client(peer, sent.get(b"x-forwarded-for", b"").decode("latin-1"), trusted)
            logs.access(name, scope["method"], route, status, seconds, len(content), client)
        return status, [*head, (b"x-request-id", name.encode())], content

    def _route(self, path: str) -> str:
        return _LOCALES if path.startswith("/locales/") else path

    def file(self, path: str, query: bytes, sent: Headers) -> Answer | None:
        """Return the answer to a GET of a part of the widget, None for any other path."""
        asked = _VERSION.fullmatch(query)
        file = self.files.find(path, asked[1] and asked[1].decode()) if asked else None
        return self._answer(path, file.kind, file.ready, file.lifetime, sent) if file else None

    def may_read(self, path: str) -> bool:
        """Tell whether a path is one of those that find() knows."""
        return path in self._reads

    def is_private(self, sent: Headers) -> bool:
        """Tell whether a request asks for what is somebody's own: that is looked at where it is known."""
        return any(name == _PRIVATE for name, _ in sent)

    def find(self, path: str, query: bytes, now: datetime) -> Ready | None:
        """Return what a GET of a thread or of counts is answered with, None where it is not at hand."""
        try:
            return self._reads[path](query, now)
        except Exception:  # a lock, a server that is away: whatever it is, the view meets it as well, and says it
            return None

    def answer(self, path: str, ready: Ready, sent: Headers, now: datetime) -> Answer:
        """Return the answer that is made of what find() found."""
        return self._answer(path, _JSON, ready, caching.lifetime_of(ready, now), sent)

    def _answer(self, path: str, kind: str, ready: Ready, lifetime: caching.Lifetime, sent: Headers) -> Answer:
        encodings = known = ""
        for name, value in sent:
            if name == b"accept-encoding":
                encodings = value.decode("latin-1")
            elif name == b"if-none-match":
                known = value.decode("latin-1")
        # the same for all who take the same: put together once
        told = encodings, ready.etag in known, lifetime
        answer: Answer | None = ready.told.get(told)
        if answer is None:
            files = embed.HEADERS if self.files.find(path, None) else origins.FOR_EVERYBODY
            reply = caching.reply(ready, encodings, known, lifetime)
            answer = ready.told[told] = self._put_together(path, kind, reply, files)
            if len(ready.told) > _MOST_TOLD:
                ready.told.clear()
        return answer

    def _put_together(self, path: str, kind: str, reply: caching.Reply, further: tuple[tuple[str, str], ...]) -> Answer:
        status, own, content = reply
        said = {name for name, _ in further}
        whole = [*own, *further, *(pair for pair in headers.of_kind(path, kind) if pair[0] not in said)]
        if content:
            whole += [("Content-Type", get_content_type(kind, "utf-8")), ("Content-Length", str(len(content)))]
        return status, [(name.encode(), value.encode()) for name, value in whole], content


@lru_cache(maxsize=4096)
def _client(peer: str, forwarded: str, trusted: tuple[Network, ...]) -> str:
    return address.truncated(state.heard_from(peer, forwarded, trusted))
