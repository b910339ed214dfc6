"""Ready bytes of threads, in this process's memory.

An entry is looked up by page and view and is good for one version of page and site, until the clock alone changes what
it says. A write to a page makes that page's entries stale and no other's; nothing is ever sent around.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import brotli

#: what an entry costs beside its bytes, roughly
_OVERHEAD = 1_000
#: how many bytes of distinct queries are known, the latest of them: some tens of thousands of threads, or a thousand of
#: index pages that ask for the counts of a hundred
_MOST_NAMES = 8 * 1024 * 1024


def etag_of(content: bytes, form: int = 0) -> str:
    """Return the ETag of content, of this form if it can come in several. It says the same when a database is restored
    and its versions count anew; weak, for compressed bytes have it too.
    """
    return f'W/"{form}-{hashlib.sha256(content).hexdigest()[:24]}"'


@dataclass
class Ready:
    """An answer as it goes out: plain, and compressed once for all who take that."""

    stamp: Hashable  # the versions that it was made from
    etag: str
    plain: bytes
    key: Hashable = None  # what it is an answer to, None for what is not kept
    since: datetime | None = None  # when it was made: a clock set back makes it doubtful
    until: datetime | None = None  # when the clock alone makes it untrue, None for never
    #: whole answers that a door has put together of it, by what tells them apart
    told: dict[Hashable, Any] = field(default_factory=dict)
    _encoded: dict[str, bytes] = field(default_factory=dict)

    def encoded(self, encoding: str) -> bytes:
        """Return the bytes in an encoding: br, gzip or identity."""
        if encoding == "identity":
            return self.plain
        found = self._encoded.get(encoding)
        if found is None:
            # quality 5 compresses JSON nearly as well as 11 at a twentieth of the time
            found = (
                brotli.compress(self.plain, quality=5) if encoding == "br" else gzip.compress(self.plain, 6, mtime=0)
            )
            self._encoded[encoding] = found
        return found

    def content(self) -> dict[str, Any]:
        """Return a JSON answer as the data that it was made of, for doors that show it in another form."""
        found: dict[str, Any] = json.loads(self.plain)
        return found

    def holds(self, stamp: Hashable, now: datetime) -> bool:
        """Tell whether it is still the answer, where `stamp` is what it would be made from now."""
        in_time = (self.since is None or self.since <= now) and (self.until is None or now < self.until)
        return in_time and self.stamp == stamp

    def size(self) -> int:
        """Return how much memory it takes, in bytes; compressed forms are counted before they are made."""
        return 2 * len(self.plain) + _OVERHEAD


class Cache:
    """The most recently read answers, as many as fit into `limit` bytes, and the queries that led to them.

    `told` hears of each answer that was found (True), and of each that had to be made (False).
    """

    def __init__(self, limit: int, told: Callable[[bool], None] = lambda _: None) -> None:
        self._limit = limit
        self._told = told
        self._size = 0
        self._entries: OrderedDict[Hashable, Ready] = OrderedDict()
        self._names: OrderedDict[bytes, object] = OrderedDict()
        self._names_size = 0
        self._lock = threading.Lock()

    def find(self, key: Hashable, stamp: Hashable, now: datetime) -> Ready | None:
        """Return the answer to `key` if it holds at `now`, where `stamp` is what it would be made from."""
        with self._lock:
            ready = self._entries.get(key)
            found = ready if ready is not None and ready.holds(stamp, now) else None
            if found is not None:
                self._entries.move_to_end(key)
        if found is not None:
            self._told(True)
        return found

    def keep(self, ready: Ready) -> None:
        """Put an answer in the place of the one that had its key."""
        with self._lock:
            old = self._entries.pop(ready.key, None)
            self._size += ready.size() - (old.size() if old else 0)
            self._entries[ready.key] = ready
            while self._size > self._limit and self._entries:
                self._size -= self._entries.popitem(last=False)[1].size()
        self._told(False)

    def learn(self, name: bytes, key: object) -> None:
        """Note what the query `name` asks for, such as the key of an answer: it need not be parsed the next time."""
        with self._lock:
            if name not in self._names:
                self._names_size += len(name)
            self._names[name] = key
            self._names.move_to_end(name)
            while self._names_size > _MOST_NAMES:
                self._names_size -= len(self._names.popitem(last=False)[0])

    def recall(self, name: bytes) -> object:
        """Return what a query asks for, None for an unknown one."""
        with self._lock:
            key = self._names.get(name)
            if key is not None:
                self._names.move_to_end(name)
            return key
