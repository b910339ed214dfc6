"""The cache of ready answers: found only as long as true, bounded in size."""

from __future__ import annotations

import gzip
from threading import Thread

import brotli
import pytest

from service.threads import Cache, Ready


def ready(stamp: int = 1, size: int = 100) -> Ready:
    return Ready(stamp, f'W/"{stamp}"', b"x" * size)


def test_an_answer_is_found_while_its_stamp_holds() -> None:
    cache, kept = Cache(1_000_000), ready(1)
    cache.keep("page", kept)
    assert cache.find("page", 1) is kept
    assert cache.find("page", 2) is None
    assert cache.find("other", 1) is None


def test_a_newer_answer_takes_the_place_of_the_older() -> None:
    cache = Cache(1_000_000)
    cache.keep("page", ready(1))
    cache.keep("page", ready(2))
    assert cache.find("page", 1) is None
    assert cache.find("page", 2) is not None


def test_what_was_not_read_for_longest_goes_first() -> None:
    cache = Cache(3 * ready().size())
    for name in "abc":
        cache.keep(name, ready())
    cache.find("a", 1)
    cache.keep("d", ready())
    assert [name for name in "abcd" if cache.find(name, 1)] == ["a", "c", "d"]


def test_replacing_an_answer_takes_no_more_room() -> None:
    cache = Cache(2 * ready().size())
    cache.keep("other", ready())
    for stamp in range(50):
        cache.keep("page", ready(stamp))
    assert cache.find("other", 1) is not None


@pytest.mark.parametrize("limit", [0, 1, 1_000])
def test_what_does_not_fit_is_not_kept(limit: int) -> None:
    cache = Cache(limit)
    cache.keep("page", ready(size=10_000))
    assert cache.find("page", 1) is None
    cache.keep("page", ready(size=10_000))  # and leaves no debt behind
    assert cache._size == 0


def test_each_encoding_is_made_once() -> None:
    made = Ready(1, "", b'{"a": 1}' * 500)
    assert brotli.decompress(made.encoded("br")) == gzip.decompress(made.encoded("gzip")) == made.encoded("identity")
    assert made.encoded("br") is made.encoded("br")
    assert made.encoded("gzip") is made.encoded("gzip")
    assert len(made.encoded("br")) + len(made.encoded("gzip")) < len(made.plain)


def test_gzip_says_nothing_of_the_time() -> None:
    assert Ready(1, "", b"x").encoded("gzip") == Ready(1, "", b"x").encoded("gzip")


def test_threads_may_use_it_at_once() -> None:
    cache = Cache(20 * ready().size())
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            for step in range(400):
                name = (seed * step) % 37
                found = cache.find(name, step % 3)
                assert found is None or found.stamp == step % 3
                cache.keep(name, ready(step % 3))
        except BaseException as error:
            failures.append(error)

    workers = [Thread(target=work, args=(seed,)) for seed in (3, 5, 7, 11)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert 0 <= cache._size <= 20 * ready().size()
