"""Bodies that are on their way keep nobody from a thread, and fill no memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from flask import Flask

from service.web import asgi
from service.web.asgi import Application
from tests.unit.web.test_together import alone

Receive = Callable[[], Awaitable[dict[str, Any]]]


async def ask(application: Application, path: str, receive: Receive, method: str = "GET") -> int:
    """Send a request and return the status of its answer."""
    said: list[dict[str, Any]] = []
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": [], "client": None}
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80), "root_path": ""}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await application(scope, receive, send)
    return int(said[0]["status"])


async def whole() -> dict[str, Any]:
    """Return a body that is there."""
    return {"type": "http.request", "body": b"{}", "more_body": False}


def slow(begun: bytes) -> Receive:
    """Return a body that begins so, and then does not go on."""
    parts = [begun]

    async def receive() -> dict[str, Any]:
        if not parts:
            await asyncio.sleep(3_600)
        return {"type": "http.request", "body": parts.pop(), "more_body": True}

    return receive


def beside(app: Flask, count: int, begun: bytes) -> list[int]:
    """Return how somebody is answered beside, and after, so many half-sent bodies."""

    async def run() -> list[int]:
        application = Application(app, threads=1)
        posts = [asyncio.create_task(ask(application, "/api/v1/comments", slow(begun), "POST")) for _ in range(count)]
        await asyncio.sleep(0)
        statuses = [await ask(application, "/readyz", whole)]
        for post in posts:
            post.cancel()
        await asyncio.gather(*posts, return_exceptions=True)
        return [*statuses, await ask(application, "/readyz", whole)]

    return alone(run())


def test_half_sent_bodies_keep_nobody_from_a_thread(app: Flask) -> None:
    assert beside(app, 3 * (1 + asgi.WAITING), b"{") == [200, 200]


def test_all_of_them_together_hold_so_many_bytes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "HELD_BYTES", 1_000)
    assert beside(app, 10, b"x" * 100) == [503, 200]
    assert beside(app, 9, b"x" * 100) == [200, 200]
