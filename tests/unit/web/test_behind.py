"""What Flask says in a thread arrives as it was said, and what is short in one go."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from service.web.behind import Behind

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "path": "/",
    "query_string": b"",
    "headers": [(b"content-length", b"11")],
}
PART = b"x" * 40_000


def answer(application: Callable[..., Iterable[bytes]], body: bytes | None = None) -> tuple[list[Any], list[int]]:
    """Return what an application says to a request, and how many bytes it had made as each part arrived."""
    said: list[Any] = []
    made: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"was sent on"}

    async def send(message: Any) -> None:
        said.append(message)
        made.append(Counted.bytes)

    async def ask() -> None:
        await Behind(application, 1)(SCOPE, receive, send, body)

    with ThreadPoolExecutor(1) as executor:  # the browser's driver may have left a loop running in this thread
        executor.submit(asyncio.run, ask()).result()
    return said, made


class Counted:
    """An answer in parts, which counts what was made of it."""

    bytes = 0
    closed = 0

    def __init__(self, parts: Iterable[bytes]) -> None:
        Counted.bytes = Counted.closed = 0
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            Counted.bytes += len(part)
            yield part

    def close(self) -> None:
        """Count that it was closed."""
        Counted.closed += 1


def says(*parts: bytes) -> Callable[..., Iterable[bytes]]:
    """Return an application that answers with these parts."""

    def application(_environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("201 Created", [("Content-Type", "text/plain")])
        return Counted(parts)

    return application


def test_an_answer_arrives_as_it_was_said() -> None:
    said, _ = answer(says(b"one ", b"two"))
    assert said[0] == {"type": "http.response.start", "status": 201, "headers": [(b"content-type", b"text/plain")]}
    assert b"".join(message["body"] for message in said[1:]) == b"one two"
    assert [message.get("more_body", False) for message in said[1:]] == [True, True, False]
    assert Counted.closed == 1


def test_a_short_answer_is_handed_on_when_all_of_it_is_there() -> None:
    _, made = answer(says(b"one ", b"two"))
    assert made == [7, 7, 7, 7]
    _, made = answer(says(PART * 10))  # of one part, however long: its reader's pace is none of the thread's business
    assert made == [400_000] * 3


def test_a_long_one_is_handed_on_as_it_comes() -> None:
    said, made = answer(says(*[PART] * 10))
    assert b"".join(message["body"] for message in said[1:]) == PART * 10
    assert made[0] == 3 * len(PART)
    assert all(later - earlier <= 2 * len(PART) for earlier, later in pairwise(made))


@pytest.mark.parametrize(("body", "read"), [(b"was there", b"was there"), (None, b"was sent on")])
def test_a_body_that_is_there_is_not_waited_for(body: bytes | None, read: bytes) -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    said, _ = answer(application, body)
    assert b"".join(message["body"] for message in said[1:]) == read


def test_a_fault_is_the_servers_to_tell() -> None:
    def application(_environ: Any, _start_response: Any) -> Iterable[bytes]:
        raise LookupError(threading.current_thread().name)

    with pytest.raises(LookupError, match="flask"):
        answer(application)
