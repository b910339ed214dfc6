"""Conditional requests and encodings: what is unchanged is not sent again, what is sent is sent small."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import brotli
import pytest
from flask import Flask
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from tests.conftest import ORIGIN, PAGE, Operator, Reader

DECODE = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
PATHS = ("/api/v1/thread", "/api/v1/counts", "/embed.js")


def ask(reader: Reader, path: str = "/api/v1/thread", **headers: str) -> TestResponse:
    """Ask for something that can be cached."""
    query = {"page": PAGE} if path.startswith("/api/") else None
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return reader.client.get(path, query_string=query, headers=given)


@pytest.mark.parametrize("path", PATHS)
def test_what_the_client_has_is_not_sent_again(reader: Reader, path: str) -> None:
    reader.posts()
    first = ask(reader, path)
    again = ask(reader, path, If_None_Match=first.headers["ETag"])
    assert (first.status_code, again.status_code) == (200, 304)
    assert again.data == b""
    for name in ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin", "Content-Security-Policy"):
        assert again.headers.get(name) == first.headers.get(name), name
    # a cache puts the headers of a 304 in the place of those it has (RFC 9111, 3.2)
    assert again.headers.get("Content-Type", first.headers["Content-Type"]) == first.headers["Content-Type"]
    assert "Content-Encoding" not in again.headers


@pytest.mark.parametrize("given", ['"a", {}', "{}, *", "{},{}"])
def test_one_of_several_tags_is_enough(reader: Reader, given: str) -> None:
    reader.posts()
    tag = ask(reader).headers["ETag"]
    assert ask(reader, If_None_Match=given.replace("{}", tag)).status_code == 304


@pytest.mark.parametrize("given", ['""', '"x"', "W/", 'W/"1-"', "x" * 4_000])
def test_a_foreign_tag_is_not_taken_for_ours(reader: Reader, given: str) -> None:
    reader.posts()
    assert ask(reader, If_None_Match=given).status_code == 200


def test_the_tag_changes_with_everything_that_readers_see(reader: Reader, operator: Operator) -> None:
    tags = [ask(reader).headers["ETag"]]

    def changed() -> bool:
        tags.append(ask(reader).headers["ETag"])
        return len(set(tags)) == len(tags)

    first = reader.posts("One.").json["comment"]["id"]
    assert changed()
    reader.posts("Two.", parent=first)
    assert changed()
    operator.deletes(first)
    assert changed()
    operator.closes(reason="A pause.")
    assert changed()
    operator.closes(reason="An end.")
    assert changed()
    operator.runs("site", "set", "blog", "--depth", "0")
    assert changed()
    operator.runs("site", "set", "blog", "--names", "optional")
    assert changed()


def test_the_tag_is_the_same_in_every_process(reader: Reader, make_app: Callable[..., Flask]) -> None:
    reader.posts()
    other = Reader(make_app().test_client())
    assert ask(other).headers["ETag"] == ask(reader).headers["ETag"]


def test_what_one_process_wrote_another_one_reads(reader: Reader, make_app: Callable[..., Flask]) -> None:
    other = Reader(make_app().test_client())
    assert other.sees()["page"]["count"] == 0
    reader.posts()
    assert other.sees()["page"]["count"] == 1
    other.posts("Two.")
    assert reader.sees()["page"]["count"] == 2


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("deflate", None),
        ("*", None),
        ("compress, *;q=0", None),
        (";;;,,q=x", None),
    ],
)
def test_an_answer_comes_in_an_encoding_that_the_client_takes(
    stranger: Reader, path: str, accepted: str | None, encoding: str | None
) -> None:
    plain = ask(stranger, path).data
    answer = ask(stranger, path, **({} if accepted is None else {"Accept_Encoding": accepted}))
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert DECODE[encoding](answer.data) == plain


def test_a_thread_is_utf_8_without_spare_space(reader: Reader) -> None:
    reader.posts("Grüße – 時計")
    answer = ask(reader)
    assert answer.content_type == "application/json"
    assert "Grüße – 時計" in answer.data.decode()
    assert answer.data == json.dumps(answer.json, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("path", PATHS)
def test_head_is_answered_like_get_without_the_content(reader: Reader, path: str) -> None:
    reader.posts()
    given = {"query_string": {"page": PAGE} if path.startswith("/api/") else None}
    got, asked = reader.client.get(path, **given), reader.client.head(path, **given)
    assert asked.status_code == 200
    assert asked.data == b""
    for each in (asked, got):
        del each.headers["X-Request-Id"], each.headers["Server-Timing"]  # of a request, not of what it is answered with
    assert asked.headers == got.headers


@pytest.mark.parametrize("megabytes", [0, 1, 64])
def test_the_size_of_the_cache_changes_no_answer(
    reader: Reader, make_app: Callable[..., Flask], megabytes: int
) -> None:
    somebody = Reader(make_app(cache_mb=megabytes).test_client())
    for place in range(3):
        somebody.posts(f"Comment {place}.")
        assert somebody.sees() == somebody.sees() == reader.sees()


def directives(field: str) -> dict[str, str]:
    """Return the directives of a Cache-Control, those without a value with an empty one."""
    return {name: value for name, _, value in (part.strip().partition("=") for part in field.split(","))}


@pytest.mark.parametrize("path", ["/api/v1/thread", "/api/v1/counts"])
def test_a_shared_cache_may_hold_a_thread_for_seconds_and_a_browser_always_asks(reader: Reader, path: str) -> None:
    answer = ask(reader, path)
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=2, stale-if-error=86400"
    assert answer.headers["Vary"] == "Accept-Encoding"
    again = ask(reader, path, If_None_Match=answer.headers["ETag"])
    for name in ("Cache-Control", "CDN-Cache-Control"):
        assert again.headers[name] == answer.headers[name]


def test_a_network_may_show_a_thread_while_it_asks_anew_and_browsers_are_not_told(reader: Reader) -> None:
    answer = ask(reader)
    said = directives(answer.headers["CDN-Cache-Control"])
    assert said == {"max-age": "2", "stale-while-revalidate": "8", "stale-if-error": "86400"}
    assert "stale-while-revalidate" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(("left", "shown"), [(3_600, 8), (10, 8), (9, 7), (3, 1), (2, 0), (1, None), (0.5, None)])
def test_no_network_shows_a_thread_across_a_change_of_state(
    reader: Reader, operator: Operator, clock: TimeMachineFixture, left: float, shown: int | None
) -> None:
    reader.posts()
    operator.closes(until="2026-05-14T20:20Z")
    clock.shift(7_200 - left)
    answer = ask(reader)
    assert answer.json["page"]["closed"]
    if shown is None:
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "CDN-Cache-Control" not in answer.headers
    else:
        said = directives(answer.headers["CDN-Cache-Control"])
        assert (said["max-age"], said["stale-while-revalidate"]) == ("2", str(shown))
        assert said["stale-if-error"] == "86400", "while we are down nobody can write, whatever is shown"


def test_a_script_is_kept_longer_by_everybody(reader: Reader) -> None:
    answer = ask(reader, "/embed.js")
    assert answer.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert "CDN-Cache-Control" not in answer.headers


def test_networks_are_told_to_keep_nothing_but_what_everybody_may_keep(reader: Reader, operator: Operator) -> None:
    reader.posts()
    asked = [rule.rule for rule in reader.client.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    told = set()
    for path in [path for path in asked if "<" not in path]:
        answer = reader.client.get(path, query_string={"page": PAGE})
        if "CDN-Cache-Control" in answer.headers:
            told.add(path)
            assert "s-maxage" in answer.headers["Cache-Control"], path
    assert told == {"/api/v1/thread", "/api/v1/counts"}
    operator.closes()
    plain = reader.client.get("/thread", query_string={"page": PAGE})
    assert "CDN-Cache-Control" in plain.headers, "without a form the plain page is for everybody, too"


@pytest.mark.parametrize("path", ["/api/v1/thread", "/api/v1/counts"])
@pytest.mark.parametrize("origin", [None, ORIGIN, "https://evil.example"])
def test_what_is_asked_for_with_a_key_is_kept_by_nobody(reader: Reader, path: str, origin: str | None) -> None:
    reader.posts()
    headers = {"Authorization": "Bearer x"} | ({"Origin": origin} if origin else {})
    answer = reader.client.get(path, query_string={"page": PAGE}, headers=headers)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "CDN-Cache-Control" not in answer.headers
