"""Ready bytes of threads, in this process's memory.

An entry is looked up by page and view and is good for one version of page and site and one closing state. A write to a
page makes that page's entries stale and no other's; nothing is ever sent around.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import brotli

#: what an entry costs beside its bytes, roughly
_OVERHEAD = 1_000


@dataclass
class Ready:
    """An answer as it goes out: plain, and compressed once for all who take that."""

    stamp: Hashable  # the versions and the closing state that it was made from
    etag: str
    plain: bytes
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

    def size(self) -> int:
        """Return how much memory it takes, in bytes; compressed forms are counted before they are made."""
        return 2 * len(self.plain) + _OVERHEAD


class Cache:
    """The most recently read answers, as many as fit into `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._entries: OrderedDict[Hashable, Ready] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable, stamp: Hashable) -> Ready | None:
        """Return the answer under `key` if it was made from what `stamp` says."""
        with self._lock:
            ready = self._entries.get(key)
            if ready is None or ready.stamp != stamp:
                return None
            self._entries.move_to_end(key)
            return ready

    def keep(self, key: Hashable, ready: Ready) -> None:
        """Put an answer in the place of the one that was under `key`."""
        with self._lock:
            old = self._entries.pop(key, None)
            self._size += ready.size() - (old.size() if old else 0)
            self._entries[key] = ready
            while self._size > self._limit and self._entries:
                self._size -= self._entries.popitem(last=False)[1].size()
