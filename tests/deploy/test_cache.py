"""The proxy's caches: one read answers many, no answer is old, and what was read once can be read in an outage."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
from collections.abc import Callable
from urllib.parse import quote

import brotli
import pytest

from tests.deploy.conftest import Front
from tests.deploy.proxy import header
from tests.faults.clients import Ledger, at_once
from tests.faults.harness import ORIGIN, Answer, await_

DECODE = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
#: seconds after which everybody sees a comment
SEEN = 2.0


def thread(page: str, **more: str) -> str:
    """Return the address of a page's thread."""
    further = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/api/v1/thread?page={quote(page, safe='')}{further}"


def count(answer: Answer) -> int:
    """Return the number of comments that an answer shows."""
    assert answer.status == 200, answer
    found: int = answer.content["page"]["count"]
    return found


@pytest.fixture(scope="module")
def patient(put_up: Callable[..., Front]) -> Front:
    """A proxy whose readers wait for one answer as long as it takes on a busy machine."""
    return put_up({"proxy_cache_lock_timeout 250ms;": "proxy_cache_lock_timeout 60s;"})


@pytest.fixture
def page(request: pytest.FixtureRequest) -> str:
    """A page of the test's own."""
    return f"{ORIGIN}/{request.node.name.replace('[', '/').replace(']', '')}"


def posted(front: Front, page: str) -> None:
    """Post a comment through the proxy."""
    sent = Ledger(front.service, f"posts-{time.monotonic_ns()}").note(page)
    body, headers = sent.request()
    answer = front.proxy.ask("POST", "/api/v1/comments", body, headers)
    assert answer.status == 201, answer


def next_second() -> None:
    """Wait for the clock's next second, in which nothing is cached yet."""
    now = int(time.time())
    await_("the next second", lambda: int(time.time()) > now)


@pytest.mark.slow
def test_a_hundred_readers_at_once_cost_one_read_a_second(patient: Front, page: str) -> None:
    front = patient
    posted(front, page)
    next_second()
    begun = int(time.time())
    answers = at_once(100, lambda _: front.proxy.ask("GET", thread(page)))
    seconds = int(time.time()) - begun + 1
    assert {count(answer) for answer in answers} == {1}
    assert 1 <= len(front.relay.asked(thread(page))) <= seconds


@pytest.mark.slow
def test_within_two_seconds_everybody_sees_a_comment(front: Front, page: str) -> None:
    for turn in range(3):
        own = f"{page}/{turn}"
        next_second()  # so that what is kept now would be kept longest
        assert count(front.proxy.ask("GET", thread(own))) == 0
        posted(front, own)
        written = time.monotonic()

        def seen(own: str = own, written: float = written) -> bool:
            begun = time.monotonic()
            found = count(front.proxy.ask("GET", thread(own)))
            assert found == 1 or begun - written < SEEN, "a stale copy, and older than that"
            return begun - written >= SEEN

        await_("two seconds of looking", seen)


@pytest.mark.slow
def test_a_crowd_is_never_shown_what_a_quiet_thread_said_long_ago(patient: Front, page: str) -> None:
    front = patient
    for number in range(1, 4):
        posted(front, page)
        written = time.monotonic()
        await_("two seconds", lambda written=written: time.monotonic() - written >= SEEN)
        answers = at_once(40, lambda _: front.proxy.ask("GET", thread(page)))
        assert {count(answer) for answer in answers} == {number}


def test_a_closed_page_takes_nothing_from_the_moment_it_is_closed(front: Front, page: str) -> None:
    posted(front, page)
    assert count(front.proxy.ask("GET", thread(page))) == 1
    assert front.service.run("page", "close", page, "--reason", "Enough.").returncode == 0
    closed = time.monotonic()
    sent = Ledger(front.service, "late").note(page)
    body, headers = sent.request()
    refused = front.proxy.ask("POST", "/api/v1/comments", body, headers)
    assert (refused.status, refused.content["type"]) == (403, "/problems/page-closed")
    assert refused.headers["Content-Type"] == "application/problem+json"

    def shown() -> bool:
        begun = time.monotonic()
        answer = front.proxy.ask("GET", thread(page))
        assert answer.content["page"]["closed"] or begun - closed < SEEN
        return begun - closed >= SEEN

    await_("two seconds of looking", shown)


@pytest.mark.long
def test_reads_go_on_while_the_service_is_gone_and_writes_say_when_to_come_back(
    make_front: Callable[..., Front],
) -> None:
    front = make_front()
    page = f"{ORIGIN}/outage"
    posted(front, page)
    counts = f"/api/v1/counts?page={quote(page, safe='')}"
    whole = front.proxy.ask("GET", thread(page))
    assert [count(whole), front.proxy.ask("GET", counts).status, front.proxy.ask("GET", "/embed.js").status] == [
        1, 200, 200,
    ]  # fmt: skip
    front.service.kill()
    for _ in range(3):
        next_second()
        again = front.proxy.ask("GET", thread(page))
        assert (again.status, again.content) == (200, whole.content)
        assert front.proxy.ask("GET", counts).content == {"counts": {page: 1}}
        assert front.proxy.ask("GET", "/embed.js").status == 200
    note = Ledger(front.service, "later").note(page)
    body, headers = note.request()
    for method, path, sent in (("POST", "/api/v1/comments", body), ("GET", thread(f"{ORIGIN}/never-read"), None)):
        answer = front.proxy.ask(method, path, sent, headers)
        assert (answer.status, answer.content["type"]) == (503, "/problems/unavailable")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*", "or a page could not read what is wrong"
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Cache-Control"] == "no-store"
    plain = front.proxy.ask("GET", f"/thread?page={page}")
    assert plain.status == 503
    assert front.proxy.ask("GET", "/admin/").headers["Content-Type"].startswith("text/html")
    front.service.start()
    assert front.proxy.ask("POST", "/api/v1/comments", body, headers).status == 201
    await_("the new comment", lambda: count(front.proxy.ask("GET", thread(page))) == 2)


@pytest.mark.long
def test_reads_go_on_while_the_service_hangs(make_front: Callable[..., Front], page: str) -> None:
    front = make_front({"proxy_read_timeout 15s;  #": "proxy_read_timeout 1s;  #"})
    posted(front, page)
    assert count(front.proxy.ask("GET", thread(page))) == 1
    os.killpg(front.service.pid, signal.SIGSTOP)
    try:
        next_second()
        assert [count(answer) for answer in at_once(100, lambda _: front.proxy.ask("GET", thread(page)))] == [1] * 100
    finally:
        os.killpg(front.service.pid, signal.SIGCONT)


@pytest.mark.slow
def test_what_the_service_says_of_errors_goes_through_untouched(front: Front) -> None:
    for path in (thread("https://nobody.example/"), "/api/v1/thread", thread(f"{ORIGIN}/x", sort="none"), "/nothing"):
        through, straight = front.proxy.ask("GET", path), front.service.ask("GET", path)
        assert (through.status, through.content) == (straight.status, straight.content)
        assert through.status in (404, 422)
        for name in ("Content-Type", "Cache-Control", "Access-Control-Allow-Origin"):
            assert through.headers.get(name) == straight.headers.get(name)


def test_what_is_added_to_an_address_reaches_nobody(front: Front, page: str) -> None:
    asked = quote(page, safe="")
    for query in (
        f"page={asked}&sort=newest",
        f"sort=newest&page={asked}",
        f"utm_source=mail&page={asked}&fbclid=1&sort=newest",
        f"page={asked}&sort=newest&id=&after=&x",
        f"page={asked}&sort=newest&page=https%3A%2F%2Fevil.example",
    ):
        assert front.proxy.ask("GET", f"/api/v1/thread?{query}").status == 200
    assert set(front.relay.asked(f"/api/v1/thread?page={asked}")) == {f"/api/v1/thread?page={asked}&sort=newest"}
    assert not front.relay.asked("/api/v1/thread?utm") + front.relay.asked("/api/v1/thread?sort")


def test_every_known_parameter_gets_through(front: Front, page: str) -> None:
    posted(front, page)
    known = {"id": "an+id", "sort": "newest", "after": "a", "before": "b", "parent": "1", "at": "2", "number": "3",
             "since": "4"}  # fmt: skip
    front.proxy.ask("GET", thread(page, **known))
    assert front.relay.asked(thread(page))[-1] == thread(page, **known)
    for name, value in known.items():
        through, straight = (
            front.proxy.ask("GET", thread(page, **{name: value})),
            front.service.ask("GET", thread(page, **{name: value})),
        )
        assert (through.status, through.content) == (straight.status, straight.content), name


def test_a_header_that_is_no_part_of_the_key_reaches_nobody(front: Front, page: str) -> None:
    given = {"Cookie": "a=b", "X-Forwarded-Host": "evil.example", "X-Original-URL": "/admin", "Origin": ORIGIN,
             "User-Agent": "x", "Range": "bytes=0-9", "If-None-Match": '"x"', "Cache-Control": "no-cache"}  # fmt: skip
    assert front.proxy.ask("GET", thread(page), headers=given).status == 200
    head = next(head for head in front.relay.heads if thread(page) in head)
    names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:]}
    assert names == {"host", "accept-encoding"}
    assert header(head, "Host") == ["comments.example.org"]


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity", "gzip, deflate, br, zstd", "br;q=0, gzip;q=0.5", "*"])
def test_each_reader_gets_an_encoding_that_they_take(front: Front, page: str, accepted: str) -> None:
    posted(front, page)
    next_second()
    for _ in range(3):  # out of the service, and out of the cache
        answer, raw = front.proxy.exchange("GET", thread(page), headers={"Accept-Encoding": accepted})
        encoding = answer.headers.get("Content-Encoding")
        assert encoding == {"br": "br", "gzip": "gzip", "gzip, deflate, br, zstd": "br",
                            "br;q=0, gzip;q=0.5": "gzip"}.get(accepted)  # fmt: skip
        assert json.loads(DECODE[encoding](raw))["page"]["count"] == 1
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_what_is_somebodys_own_is_never_cached(front: Front, page: str) -> None:
    posted(front, page)
    key = {"Authorization": f"Bearer {'k' * 43}", "Origin": ORIGIN}
    for path in (thread(page), f"/api/v1/reader?page={page}", f"/api/v1/form?page={page}", f"/thread?page={page}"):
        first, second = (front.proxy.ask("GET", path, headers=key) for _ in range(2))
        assert first.status == second.status
        assert len(front.relay.asked(path)) == 2, path
    tokens = [front.proxy.ask("GET", f"/thread?page={page}&sort=newest").content for _ in range(2)]
    assert tokens[0] != tokens[1], "each form has a token of its own"


def test_nothing_is_kept_that_the_service_does_not_let_be_kept(front: Front, page: str) -> None:
    posted(front, page)
    for path in (f"/thread?page={page}", thread("https://nobody.example/"), thread(page, sort="none")):
        before = len(front.relay.heads)
        for _ in range(3):
            front.proxy.ask("GET", path)
        assert len(front.relay.heads) == before + 3, path


def test_no_cookie_is_set_by_what_is_cached(front: Front, page: str) -> None:
    for path in (thread(page), f"/api/v1/counts?page={page}", "/embed.js", f"/thread?page={page}"):
        for _ in range(2):
            assert "Set-Cookie" not in front.proxy.ask("GET", path).headers


def test_what_a_reader_has_is_not_sent_again(front: Front, page: str) -> None:
    posted(front, page)
    next_second()
    first = front.proxy.ask("GET", thread(page))
    again = front.proxy.ask("GET", thread(page), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin"):
        assert again.headers[name] == first.headers[name]


def test_head_and_ranges_are_answered_out_of_the_same_entry(front: Front, page: str) -> None:
    posted(front, page)
    next_second()
    _, raw = front.proxy.exchange("GET", thread(page))
    asked, empty = front.proxy.exchange("HEAD", thread(page))
    assert (asked.status, empty) == (200, b"")
    assert asked.headers["Content-Length"] == str(len(raw))
    part, all_of_it = front.proxy.exchange("GET", thread(page), headers={"Range": "bytes=0-9"})
    assert (part.status, all_of_it) == (200, raw)
    assert {head.split(" ")[0] for head in front.relay.heads if thread(page) in head} == {"GET"}


def test_scripts_are_kept_for_minutes_in_each_of_their_forms(front: Front) -> None:
    before = len(front.relay.asked("/count.js"))
    for path, accepted in (("/count.js", "br"), ("/count.js", "gzip"), ("/more.js?v=0123456789ab", "br")):
        for _ in range(3):
            answer, raw = front.proxy.exchange("GET", path, headers={"Accept-Encoding": accepted})
            assert answer.headers["Content-Encoding"] == accepted
            assert len(DECODE[accepted](raw)) > 100
        next_second()
    assert len(front.relay.asked("/count.js")) - before == 2
    assert front.relay.asked("/more.js") == ["/more.js?v=0123456789ab"]
    for junk in ("a", "b"):
        front.proxy.ask("GET", f"/more.js?v={junk}&x={junk}")
    assert front.relay.asked("/more.js") == ["/more.js?v=0123456789ab", "/more.js"]
