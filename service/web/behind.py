"""Flask in threads, behind the loop: a body that is there and an answer that is short cross over in one go.

a2wsgi hands on each part by itself, and for each of them thread and loop wait for one another: five times a comment.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from a2wsgi.wsgi import Body, WSGIResponder, build_environ

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: bytes of an answer in parts that are held until more come: a thread never waits for the reader of a shorter one
_HELD = 64 * 1024


class Behind:
    """A WSGI application as an ASGI one, with as many threads."""

    def __init__(self, app: Any, threads: int) -> None:
        self._app = app
        self._executor = ThreadPoolExecutor(threads, "flask")

    async def __call__(self, scope: Message, receive: Receive, send: Send, body: bytes | None = None) -> None:
        """Answer a request; without a `body` it is received as the application reads it."""
        await _Responder(self._app, self._executor, body)(scope, receive, send)


class _Responder(WSGIResponder):
    def __init__(self, app: Any, executor: ThreadPoolExecutor, body: bytes | None) -> None:
        super().__init__(app, executor, 1)
        self._body = body
        self._held: list[Any] = []
        self._size = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let the application answer in a thread, and hand on what it says."""
        self._hand = send
        body: Any = Body(self.loop, receive) if self._body is None else BytesIO(self._body)
        context = contextvars.copy_context()
        arguments = build_environ(scope, body), self.start_response
        await self.loop.run_in_executor(self.executor, context.run, self.wsgi, *arguments)
        await self._hand_on(self._held)
        if self.exc_info is not None:
            raise self.exc_info[1]

    def send(self, message: Any) -> None:
        """Hold a part of the answer; in the thread. What ends it, empty, goes with what was held before."""
        if self._size > _HELD and message.get("body"):
            held, self._held, self._size = self._held, [], 0
            asyncio.run_coroutine_threadsafe(self._hand_on(held), self.loop).result()
        self._held.append(message)
        self._size += len(message.get("body", b""))

    async def _hand_on(self, held: list[Any]) -> None:
        for message in held:
            await self._hand(message)
