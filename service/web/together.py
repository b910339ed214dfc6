"""One look for all who ask the same at the same time.

A look serves only requests that had arrived when it began, so that each of them is answered by what holds after it was
sent: as fresh as if each had looked by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Together(Generic[K, T]):
    """Looks, by a function that raises nothing, on behalf of the requests of one event loop."""

    def __init__(self, look: Callable[[K], T], executor: Executor | None) -> None:
        self._look = look
        self._executor = executor
        self._seen: dict[K, T] = {}
        self._waiting: dict[K, list[asyncio.Future[T]]] = {}
        self._flying: set[K] = set()

    def at_once(self, key: K) -> T:
        """Return what a look finds, taken here and now: for those that wait for nothing.

        What was found stays good for this turn of the loop. Whoever asks in it had arrived before it began, or came in
        it ahead of the look: what is read from a connection later is answered in a later turn.
        """
        if key in self._seen:
            return self._seen[key]
        if not self._seen:
            asyncio.get_running_loop().call_soon(self._seen.clear)
        found = self._seen[key] = self._look(key)
        return found

    async def in_turn(self, key: K) -> T:
        """Return what a look finds that is taken in another thread, begun after this call."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[T] = loop.create_future()
        others = self._waiting.get(key)
        if others is not None:
            others.append(mine)
        else:
            self._waiting[key] = [mine]
            if key not in self._flying:
                loop.call_soon(self._begin, key)
        return await mine

    def _begin(self, key: K) -> None:
        asked = self._waiting.pop(key)
        self._flying.add(key)
        look = asyncio.get_running_loop().run_in_executor(self._executor, self._look, key)
        look.add_done_callback(lambda found: self._end(key, asked, found))

    def _end(self, key: K, asked: list[asyncio.Future[T]], found: asyncio.Future[T]) -> None:
        self._flying.discard(key)
        if key in self._waiting:
            self._begin(key)
        for each in asked:
            if not each.done():  # who has gone meanwhile waits no more
                each.set_result(found.result())
