"""One look for many never shows anybody what was older than the asking."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TypeVar

from service.web.together import Together

T = TypeVar("T")


def looking() -> tuple[list[str], Callable[[str], int]]:
    """Return the list of looks that were taken, and a look, whose results count up."""
    taken: list[str] = []
    numbers = count(1)

    def look(key: str) -> int:
        taken.append(key)
        return next(numbers)

    return taken, look


def alone(coroutine: Coroutine[object, object, T]) -> T:
    """Run it in a thread of its own: the browser's driver may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(asyncio.run, coroutine).result()


def test_who_asks_in_the_same_turn_shares_a_look_and_who_asks_later_does_not() -> None:
    taken, look = looking()

    async def run() -> None:
        together = Together(look, None)
        assert [together.at_once("a"), together.at_once("a"), together.at_once("b")] == [1, 1, 2]
        await asyncio.sleep(0)
        assert together.at_once("a") == 3

    alone(run())
    assert taken == ["a", "b", "a"]


def test_a_look_that_is_under_way_is_not_shared_with_who_comes_meanwhile() -> None:
    begun, go_on = threading.Event(), threading.Event()
    taken: list[str] = []

    def look(key: str) -> int:
        taken.append(key)
        begun.set()
        assert go_on.wait(30)
        return len(taken)

    async def run() -> list[int]:
        with ThreadPoolExecutor(1) as executor:
            together = Together(look, executor)
            first = [asyncio.ensure_future(together.in_turn("a")) for _ in range(3)]
            while not begun.is_set():
                await asyncio.sleep(0)
            later = [asyncio.ensure_future(together.in_turn("a")) for _ in range(4)]
            await asyncio.sleep(0)
            go_on.set()
            return [*await asyncio.gather(*first), *await asyncio.gather(*later)]

    assert alone(run()) == [1, 1, 1, 2, 2, 2, 2]
    assert taken == ["a", "a"]


def test_who_goes_away_takes_nothing_from_the_others() -> None:
    _, look = looking()

    async def run() -> int:
        with ThreadPoolExecutor(1) as executor:
            together = Together(look, executor)
            gone, stays = (asyncio.ensure_future(together.in_turn("a")) for _ in range(2))
            await asyncio.sleep(0)
            gone.cancel()
            return await stays

    assert alone(run()) == 1


def test_different_questions_are_looked_at_apart() -> None:
    taken, look = looking()

    async def run() -> list[int]:
        with ThreadPoolExecutor(2) as executor:
            together = Together(look, executor)
            asked: list[Awaitable[int]] = [together.in_turn(key) for key in "abab"]
            return list(await asyncio.gather(*asked))

    found = alone(run())
    assert (found[0], found[1]) == (found[2], found[3])
    assert sorted(taken) == ["a", "b"]
