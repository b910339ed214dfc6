"""The cache of ready answers: found only as long as true, bounded in size."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from threading import Thread

import brotli
import pytest

from service.threads import Cache, Ready

NOW = datetime(2026, 5, 14, 18, 20, tzinfo=UTC)


def ready(key: object = "page", stamp: int = 1, size: int = 100) -> Ready:
    return Ready(stamp, f'W/"{stamp}"', b"x" * size, key)


def test_an_answer_is_found_while_its_stamp_holds() -> None:
    cache, kept = Cache(1_000_000), ready()
    cache.keep(kept)
    assert cache.find("page", 1, NOW) is kept
    assert cache.find("page", 2, NOW) is None
    assert cache.find("other", 1, NOW) is None


def test_an_answer_is_found_until_the_clock_alone_makes_it_untrue() -> None:
    cache, hour = Cache(1_000_000), timedelta(hours=1)
    kept = Ready(1, "", b"x", "page", NOW, NOW + hour)
    cache.keep(kept)
    assert cache.find("page", 1, NOW) is kept
    assert cache.find("page", 1, NOW + hour - timedelta.resolution) is kept
    assert cache.find("page", 1, NOW + hour) is None


def test_an_answer_from_a_time_to_come_is_not_found() -> None:
    # the clock was set back since: what held then need not hold yet
    cache = Cache(1_000_000)
    cache.keep(Ready(1, "", b"x", "page", NOW, None))
    assert cache.find("page", 1, NOW - timedelta.resolution) is None


def test_a_newer_answer_takes_the_place_of_the_older() -> None:
    cache = Cache(1_000_000)
    cache.keep(ready(stamp=1))
    cache.keep(ready(stamp=2))
    assert cache.find("page", 1, NOW) is None
    assert cache.find("page", 2, NOW) is not None


def test_what_was_not_read_for_longest_goes_first() -> None:
    cache = Cache(3 * ready().size())
    for name in "abc":
        cache.keep(ready(name))
    cache.find("a", 1, NOW)
    cache.keep(ready("d"))
    assert [name for name in "abcd" if cache.find(name, 1, NOW)] == ["a", "c", "d"]


def test_replacing_an_answer_takes_no_more_room() -> None:
    cache = Cache(2 * ready().size())
    cache.keep(ready("other"))
    for stamp in range(50):
        cache.keep(ready(stamp=stamp))
    assert cache.find("other", 1, NOW) is not None


@pytest.mark.parametrize("limit", [0, 1, 1_000])
def test_what_does_not_fit_is_not_kept(limit: int) -> None:
    cache = Cache(limit)
    cache.keep(ready(size=10_000))
    assert cache.find("page", 1, NOW) is None
    cache.keep(ready(size=10_000))  # and leaves no debt behind
    assert cache._size == 0


def test_queries_are_known_by_their_bytes_the_latest_of_them() -> None:
    cache, long = Cache(1_000_000), b"x" * 2_000
    for number in range(10_000):
        cache.learn(b"page=%d" % number + long, number)
    assert cache.recall(b"page=9999" + long) == 9999
    assert cache.recall(b"page=9998") is None
    assert cache.recall(b"page=0" + long) is None, "20 MB of them are not kept"


def test_a_query_that_is_noted_again_takes_no_more_room() -> None:
    cache, long = Cache(1_000_000), b"x" * 2_000
    cache.learn(b"other", 1)
    for number in range(10_000):
        cache.learn(long, number)
    assert (cache.recall(b"other"), cache.recall(long)) == (1, 9999)


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
                found = cache.find(name, step % 3, NOW)
                assert found is None or found.stamp == step % 3
                cache.keep(ready(name, step % 3))
        except BaseException as error:
            failures.append(error)

    workers = [Thread(target=work, args=(seed,)) for seed in (3, 5, 7, 11)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert 0 <= cache._size <= 20 * ready().size()
