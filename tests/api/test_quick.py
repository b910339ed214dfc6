"""What is answered in front of Flask is what Flask answers, or is left to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import text
from time_machine import TimeMachineFixture

from service import database, pages
from service.people.audit import COMMAND_LINE
from service.web import state
from service.web.quick import Answer, Quick
from tests.conftest import NOW, ORIGIN, PAGE, Operator, Reader

THREAD = "/api/v1/thread"
COUNTS = "/api/v1/counts"
FILES = ("/embed.js", "/more.js", "/count.js", "/locales/de.json")
QUERY = f"page={quote(PAGE, safe='')}"
ENCODINGS = ("", "br", "gzip", "gzip, deflate, br, zstd", "br;q=0, gzip", "identity", "*", "nonsense;q=q")


@pytest.fixture
def quick(app: Flask) -> Iterator[Quick]:
    """The layer before the application."""
    made = Quick(app)
    yield made
    made.close()


def ask(quick: Quick, path: str, query: str = QUERY, **headers: str) -> Answer | None:
    """Return what the layer answers."""
    sent = [(name.lower().replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    if quick.may_read(path):
        now = state.now()
        ready = None if quick.is_private(sent) else quick.find(path, query.encode(), now)
        return quick.answer(path, ready, sent, now) if ready else None
    return quick.file(path, query.encode(), sent)


def seen(answer: Answer | None) -> dict[str, Any]:
    """Return the content of an answer of the layer."""
    assert answer is not None
    found: dict[str, Any] = json.loads(answer[2])
    return found


def same(quick: Quick, reader: Reader, path: str, query: str, **headers: str) -> Answer:
    """Ask both, Flask first, and return what they say; fails unless they say the same."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    by_flask = reader.client.get(f"{path}?{query}", headers=sent)
    answer = ask(quick, path, query, **headers)
    assert answer is not None
    status, said, content = answer
    assert status == by_flask.status_code
    assert content == by_flask.data
    # of a request itself; and an answer without content has no length to say, which Flask says all the same
    own = {"X-Request-Id", "Server-Timing", "Timing-Allow-Origin"} | ({"Content-Length"} if status != 200 else set())
    expected = [pair for pair in by_flask.headers if pair[0] not in own]
    assert sorted((name.decode(), value.decode()) for name, value in said) == sorted(expected)
    return answer


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("path", [THREAD, COUNTS, *FILES])
def test_both_say_the_same_in_every_encoding(quick: Quick, reader: Reader, path: str, encoding: str) -> None:
    reader.posts("Seen. " * 100)
    query = "" if path in FILES else QUERY
    whole = same(quick, reader, path, query, Accept_Encoding=encoding)
    etag = dict(whole[1])[b"ETag"].decode()
    known = same(quick, reader, path, query, Accept_Encoding=encoding, If_None_Match=etag)
    assert (whole[0], known[0], known[2]) == (200, 304, b"")
    assert same(quick, reader, path, query, If_None_Match=f'"other", {etag}')[0] == 304
    assert same(quick, reader, path, query, If_None_Match='"other"')[0] == 200


@pytest.mark.parametrize("path", ["/more.js", "/locales/de.json", "/embed.js"])
def test_a_part_that_is_asked_for_by_its_version_may_be_kept_for_good(quick: Quick, reader: Reader, path: str) -> None:
    version = quick.files.version
    same(quick, reader, path, f"v={version}")
    same(quick, reader, path, "v=0123456789ab")
    assert ask(quick, path, f"v={version}&other=1") is None, "any other query is Flask's"


@pytest.mark.parametrize("more", ["", "&sort=newest", "&sort=best", "&number=1", "&at=1", "&since=0", "&parent=1"])
def test_every_view_is_known_again(quick: Quick, reader: Reader, more: str) -> None:
    parent = reader.posts().json["comment"]["id"]
    assert parent == 1
    reader.posts("A reply.", parent=parent)
    same(quick, reader, THREAD, QUERY + more)


def test_what_was_never_asked_for_is_left_to_flask(quick: Quick, reader: Reader) -> None:
    reader.posts()
    assert ask(quick, THREAD) is None
    assert ask(quick, COUNTS) is None


@pytest.mark.parametrize(
    "query", ["", "page=", "page=nonsense", f"{QUERY}&{QUERY}", f"{QUERY}&x=1", "page=https://unknown.example/"]
)
def test_what_is_wrong_is_left_to_flask(quick: Quick, reader: Reader, query: str) -> None:
    reader.posts()
    assert reader.client.get(f"{THREAD}?{query}").status_code in (404, 422)
    assert ask(quick, THREAD, query) is None


def test_what_is_private_is_left_to_flask(quick: Quick, reader: Reader) -> None:
    reader.posts()
    same(quick, reader, THREAD, QUERY)
    assert ask(quick, THREAD, QUERY, Authorization="Bearer x") is None


def test_whether_the_process_lives_is_answered_like_everything_else(quick: Quick, reader: Reader) -> None:
    by_flask = reader.client.get("/healthz")
    answer = quick.health("/healthz")
    assert answer is not None
    status, said, content = answer
    assert (status, content) == (200, by_flask.data)
    own = {"X-Request-Id", "Server-Timing", "Timing-Allow-Origin"}
    expected = sorted(pair for pair in by_flask.headers if pair[0] not in own)
    assert sorted((name.decode(), value.decode()) for name, value in said) == expected
    assert quick.health("/readyz") is None


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/form", "/api/v1/thread/", "/admin/", "/locales/xx.json"])
def test_other_paths_are_left_to_flask(quick: Quick, path: str) -> None:
    assert ask(quick, path, "") is None


def test_a_page_that_nobody_wrote_on_is_left_to_flask(quick: Quick, reader: Reader) -> None:
    # its answer has the asker's address
    assert reader.sees()["page"]["version"] == 0
    assert ask(quick, THREAD) is None


def test_a_new_comment_is_there_at_once(quick: Quick, reader: Reader) -> None:
    reader.posts()
    same(quick, reader, THREAD, QUERY)
    same(quick, reader, COUNTS, QUERY)
    reader.posts("And another.")
    assert ask(quick, THREAD) is None, "Flask has to build it anew"
    assert seen(ask(quick, COUNTS)) == {"counts": {PAGE: 2}}
    assert seen(same(quick, reader, THREAD, QUERY))["page"]["count"] == 2


def test_a_comment_on_one_page_costs_no_other_page_its_answer(quick: Quick, reader: Reader) -> None:
    reader.posts()
    same(quick, reader, THREAD, QUERY)
    reader.posts("Elsewhere.", page=f"{ORIGIN}/elsewhere")
    assert ask(quick, THREAD) is not None


def test_a_page_is_closed_at_once(quick: Quick, reader: Reader, operator: Operator) -> None:
    reader.posts()
    same(quick, reader, THREAD, QUERY)
    operator.closes(reason="Enough.")
    assert ask(quick, THREAD) is None
    assert seen(same(quick, reader, THREAD, QUERY))["page"]["closed"] is True


def test_a_page_opens_again_when_its_time_comes(
    quick: Quick, reader: Reader, operator: Operator, clock: TimeMachineFixture
) -> None:
    reader.posts()
    operator.closes(until=(NOW + timedelta(minutes=10)).isoformat())
    assert seen(same(quick, reader, THREAD, QUERY))["page"]["closed"] is True
    clock.shift(600)
    assert ask(quick, THREAD) is None
    assert seen(same(quick, reader, THREAD, QUERY))["page"]["closed"] is False


def test_a_site_that_changed_is_looked_at_anew(quick: Quick, reader: Reader, operator: Operator) -> None:
    reader.posts()
    same(quick, reader, THREAD, QUERY)
    same(quick, reader, COUNTS, QUERY)
    operator.runs("site", "set", "blog", "--origin", "https://moved.example.org")
    assert ask(quick, THREAD) is None
    assert ask(quick, COUNTS) is None
    assert reader.client.get(f"{COUNTS}?{QUERY}").json == {"counts": {}}


def test_a_site_that_was_removed_is_gone_even_if_another_comes_in_its_place(
    quick: Quick, reader: Reader, operator: Operator
) -> None:
    reader.posts()
    same(quick, reader, THREAD, QUERY)
    same(quick, reader, COUNTS, QUERY)
    pages.remove("blog", NOW, COMMAND_LINE)
    assert ask(quick, THREAD) is None
    pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
    reader.posts("Anew.")
    assert ask(quick, THREAD) is None
    assert ask(quick, COUNTS) is None


def test_counts_with_an_address_of_no_site_are_left_to_flask(quick: Quick, reader: Reader) -> None:
    # it may be one of a site tomorrow
    query = f"{QUERY}&page={quote('https://unknown.example/', safe='')}"
    assert reader.client.get(f"{COUNTS}?{query}").json == {"counts": {PAGE: 0}}
    assert ask(quick, COUNTS, query) is None


def test_counts_of_many_pages_are_looked_up_in_one_go(quick: Quick, reader: Reader) -> None:
    for number in range(3):
        reader.posts(page=f"{ORIGIN}/{number}")
    query = "&".join(f"page={quote(f'{ORIGIN}/{number}', safe='')}" for number in (*range(5), 1))
    expected = {f"{ORIGIN}/{number}": int(number < 3) for number in range(5)}
    assert seen(same(quick, reader, COUNTS, query)) == {"counts": expected}
    reader.posts("More.", page=f"{ORIGIN}/4")
    assert seen(ask(quick, COUNTS, query)) == {"counts": expected | {f"{ORIGIN}/4": 1}}


def test_a_database_that_is_away_is_left_to_flask_and_found_again(quick: Quick, reader: Reader) -> None:
    reader.posts()
    same(quick, reader, THREAD, QUERY)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE pages RENAME TO hidden"))
    assert ask(quick, THREAD) is None
    with database.write() as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO pages"))
    assert ask(quick, THREAD) is not None


def test_made_up_headers_do_not_fill_the_memory(quick: Quick, reader: Reader) -> None:
    reader.posts()
    ready = same(quick, reader, THREAD, QUERY)
    for number in range(200):
        assert ask(quick, THREAD, QUERY, Accept_Encoding=f"x{number}") is not None
    kept = [entry for entry in state.cache()._entries.values() if entry.etag == dict(ready[1])[b"ETag"].decode()]
    assert len(kept) == 1
    assert len(kept[0].told) <= 33


def test_an_address_that_means_another_page_now_is_not_answered_with_the_old_one(quick: Quick, reader: Reader) -> None:
    moved = "https://moved.example.org"
    pages.change("blog", {}, [ORIGIN, moved], COMMAND_LINE, NOW)
    assert reader.posts("Canary.", page=f"{ORIGIN}/a", id="7").status_code == 201
    stays, goes = (f"page={quote(f'{origin}/a', safe='')}&id=7" for origin in (ORIGIN, moved))
    same(quick, reader, THREAD, goes)
    pages.change("blog", {}, [ORIGIN], COMMAND_LINE, NOW)
    pages.add("other", [moved], NOW, COMMAND_LINE)
    assert ask(quick, THREAD, goes) is None
    same(quick, reader, THREAD, stays)  # whoever asks for the page where it still is
    assert ask(quick, THREAD, goes) is None
    assert reader.client.get(f"{THREAD}?{goes}").json["comments"] == []
