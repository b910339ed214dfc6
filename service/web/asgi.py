"""The application as gunicorn's asgi worker runs it: ready bytes at once, everything else by Flask in a thread.

One loop holds all connections, so that neither a slow nor an idle client holds a thread: Flask is called when a request
has arrived whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.parse import quote_from_bytes

from service.threads import Ready
from service.web import state
from service.web.behind import Behind, Message, Receive, Send
from service.web.body import MOST_BYTES, MOST_BYTES_ANYWHERE
from service.web.quick import Answer, Quick
from service.web.together import Together

#: seconds in which a body must have arrived: a megabyte by the slowest of telephones
BODY_SECONDS = 30.0
#: requests that may wait for each thread; more could not be answered before their clients gave up
WAITING = 32
#: bytes that are held of bodies that are on their way: a thousand of the greatest that is held whole
HELD_BYTES = 64 * 1024 * 1024
#: bytes of a body that was refused which are still taken, so that its sender reads the answer: who is still sending as
#: the connection closes never sees it
_LINGERED_BYTES, _LINGERED_SECONDS = 8 * 1024 * 1024, 5.0


class Application:
    """An ASGI application around a Flask one."""

    def __init__(self, app: Any, threads: int) -> None:
        self._quick = Quick(app)
        self._behind = Behind(_terminated(app), threads)
        # looks at a database on another machine: few at once, for each holds a connection
        looks = None if self._quick.is_instant else ThreadPoolExecutor(2, "look")
        self._together = Together(self._look, looks)
        self._free = threads * (1 + WAITING)
        self._bodies = _Bodies()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":  # which nobody speaks here
                await send({"type": "websocket.close"})
            return
        answer, since = None, perf_counter()
        if scope["method"] == "GET":
            answer = await self._at_once(scope)
        if answer is not None:
            await _say(send, self._quick.tell(scope, answer, perf_counter() - since))
            return
        body = _Body(receive, self._bodies)
        try:
            await self._go_on(scope, body, send)
        finally:
            body.forget()

    async def _at_once(self, scope: Message) -> Answer | None:
        path, query, sent = scope["path"], scope["query_string"], scope["headers"]
        if not self._quick.may_read(path):
            return self._quick.file(path, query, sent) or self._quick.health(path)
        if self._quick.is_private(sent):
            return None
        asked = (path, query)
        ready = self._together.at_once(asked) if self._quick.is_instant else await self._together.in_turn(asked)
        return self._quick.answer(path, ready, sent, state.now()) if ready is not None else None

    def _look(self, asked: tuple[str, bytes]) -> Ready | None:
        return self._quick.find(*asked, state.now())

    async def _go_on(self, scope: Message, body: _Body, send: Send) -> None:
        if _announced(scope) > MOST_BYTES_ANYWHERE:
            await self._refuse(scope, send, 413, "too-large", "The request is larger than any that is taken.")
            await body.drop()
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await body.take(MOST_BYTES + 1)
        except TimeoutError:
            await self._refuse(scope, send, 408, "too-slow", "The request did not arrive in time. Nothing was stored.")
            return
        if body.is_broken:
            return
        # not before it is here: who sends slowly keeps nobody from a thread
        if self._free <= 0 or self._bodies.held > HELD_BYTES:
            await self._refuse(scope, send, 503, "unavailable", "The comment service is busy. Please try again.", 2)
        else:
            self._free -= 1
            try:
                await self._behind(_for_wsgi(scope), body.receive, send, body.whole())
            finally:
                self._free += 1
        await body.drop()

    async def _refuse(
        self, scope: Message, send: Send, status: int, code: str, detail: str, after: int | None = None
    ) -> None:
        answer = self._quick.problem(scope["path"], status, code, detail, after)
        await _say(send, self._quick.tell(scope, answer, BODY_SECONDS if status == 408 else 0.0))


@dataclass
class _Bodies:
    """How many bytes there are of all bodies that are on their way, or wait."""

    held: int = 0


class _Body:
    """A request's body, of which the beginning is taken before anybody works on it."""

    def __init__(self, receive: Receive, bodies: _Bodies) -> None:
        self._receive = receive
        self._bodies = bodies
        self._held = 0
        self._taken: list[Message] = []
        self._more = True
        self.is_broken = False

    async def take(self, size: int) -> None:
        """Take the body until it ends, or this many bytes of it are there, or too many of all bodies."""
        while self._more and size > 0:
            message = await self._receive()
            if message["type"] != "http.request":
                self._more, self.is_broken = False, True
                return
            self._taken.append(message)
            self._more = message.get("more_body", False)
            length = len(message.get("body", b""))
            size -= length
            self._held += length
            self._bodies.held += length
            if self._bodies.held > HELD_BYTES:
                return

    def forget(self) -> None:
        """Count it no more."""
        self._bodies.held -= self._held
        self._held = 0

    def whole(self) -> bytes | None:
        """Return the body if all of it was taken."""
        return None if self._more else b"".join(message.get("body", b"") for message in self._taken)

    async def receive(self) -> Message:
        """Return the next part: what was taken, then what still comes."""
        if self._taken:
            return self._taken.pop(0)
        message = await self._receive()
        self._more = message.get("more_body", False)
        return message

    async def drop(self) -> None:
        """Take what nobody read, up to a bound."""
        self._taken.clear()
        self.forget()
        left = _LINGERED_BYTES
        try:
            async with asyncio.timeout(_LINGERED_SECONDS):
                while self._more and left > 0:
                    left -= len((await self.receive()).get("body", b""))
        except TimeoutError:
            return


def _terminated(app: Any) -> Callable[..., Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # the body ends where it says it ends: Flask may read one whose length was not announced
        environ["wsgi.input_terminated"] = True
        answer: Iterable[bytes] = app(environ, start_response)
        return answer

    return application


def _for_wsgi(scope: Message) -> Message:
    query = scope["query_string"]
    if query.isascii():
        return scope
    # bytes that no client should send unescaped; as they are they could not be handed on
    return {**scope, "query_string": quote_from_bytes(query, safe="%&=+;:/?@!$'()*,~-._[]").encode()}


def _announced(scope: Message) -> int:
    """Return how many bytes of a body are announced, 0 where none are, or it is not said."""
    return int(next((value for name, value in scope["headers"] if name == b"content-length"), b"0"))


async def _say(send: Send, answer: Answer) -> None:
    status, head, body = answer
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
