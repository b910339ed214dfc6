"""Answers without Flask: what is read most, and is ready as bytes.

Each gives exactly what the view of the same path would give, at a fraction of its cost; what it cannot answer at once
it leaves to that view. Nothing here takes a lock of the database, writes, or waits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from flask import Flask
from werkzeug.utils import get_content_type

from service import database, threads
from service.pages import Fresh
from service.threads import Ready
from service.web import caching, embed, headers, origins

Headers = list[tuple[bytes, bytes]]
#: status, headers, content
Answer = tuple[int, Headers, bytes]
_Read = Callable[[bytes, datetime], Ready | None]

_JSON = "application/json"
#: asks for what is private; it is looked at where that is known
_PRIVATE = b"authorization"
#: no query, or the version of a part that the widget asks for
_VERSION = re.compile(rb"(?:v=([0-9a-f]+))?")
#: browsers send a handful of different headers; what others make up must not fill the memory
_MOST_TOLD = 32


class Quick:
    """What this process can answer from memory, with a fresh look at the versions that it hangs on."""

    def __init__(self, app: Flask) -> None:
        cache, self.files = app.extensions["afterword_cache"], app.extensions["afterword_files"]
        with app.app_context():
            self._fresh = fresh = Fresh(database.db.engine)
            #: whether a look at the database may be taken where nothing may wait: that file is on this machine
            self.is_instant = database.is_embedded()
        self._reads: dict[str, _Read] = {
            "/api/v1/thread": lambda query, now: threads.read_again(cache, fresh, query, now),
            "/api/v1/counts": lambda query, now: threads.count_again(cache, fresh, query, now),
        }

    def close(self) -> None:
        """Give back what it holds of the database."""
        self._fresh.close()

    def file(self, path: str, query: bytes, sent: Headers) -> Answer | None:
        """Return the answer to a GET of a part of the widget, None for any other path."""
        asked = _VERSION.fullmatch(query)
        file = self.files.find(path, asked[1] and asked[1].decode()) if asked else None
        return self._answer(path, file.kind, file.ready, file.lifetime, sent) if file else None

    def may_read(self, path: str) -> bool:
        """Tell whether a path is one of those that read() answers."""
        return path in self._reads

    def read(self, path: str, query: bytes, sent: Headers, now: datetime) -> Answer | None:
        """Return the answer to a GET of a thread or of counts, None where it is not at hand."""
        if any(name == _PRIVATE for name, _ in sent):
            return None
        try:
            ready = self._reads[path](query, now)
        except Exception:  # a lock, a server that is away: whatever it is, the view meets it as well, and says it
            return None
        return self._answer(path, _JSON, ready, caching.lifetime_of(ready, now), sent) if ready else None

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
            answer = ready.told[told] = self._put_together(path, kind, caching.reply(ready, encodings, known, lifetime))
            if len(ready.told) > _MOST_TOLD:
                ready.told.clear()
        return answer

    def _put_together(self, path: str, kind: str, reply: caching.Reply) -> Answer:
        status, own, content = reply
        files = embed.HEADERS if self.files.find(path, None) else origins.FOR_EVERYBODY
        said = {name for name, _ in files}
        whole = [*own, *files, *(pair for pair in headers.of_kind(path, kind) if pair[0] not in said)]
        if status == 200:
            whole += [("Content-Type", get_content_type(kind, "utf-8")), ("Content-Length", str(len(content)))]
        return status, [(name.encode(), value.encode()) for name, value in whole], content
