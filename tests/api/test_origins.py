"""CORS: everybody may read; only the site's own pages may write, and only they can read what they are answered (A6)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import ORIGIN, OTHER_ORIGIN, PAGE, Operator, Reader, stored

EXPOSED = "Retry-After, ETag, Idempotency-Replayed"
STRANGERS = [
    "https://evil.example",
    "https://blog.example.org.evil.example",
    "https://evilblog.example.org",
    "https://example.org",
    "https://www.blog.example.org",
    "https://sub.blog.example.org",
    "http://blog.example.org",
    "https://blog.example.org:8443",
    "https://blog.example.org:443",
    "https://BLOG.example.org",
    "https://blog.example.org.",
    "https://blog.example.org/",
    "https://blog.example.org@evil.example",
    "https://bl\u043eg.example.org",
    "https://xn--blg-5cd.example.org",
    "https://blog.example.org https://evil.example",
    "https://evil.example,https://blog.example.org",
    "null",
    "*",
    "",
    "file://",
    "chrome-extension://abcdefgh",
    "about:blank",
    "blog.example.org",
]


def cors(answer: TestResponse) -> dict[str, str]:
    """Return what an answer says of sharing it."""
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example", "null", "", None])
@pytest.mark.parametrize("path", ["/api/v1/thread", "/api/v1/counts"])
def test_everybody_may_read(stranger: Reader, path: str, origin: str | None) -> None:
    answer = stranger.client.get(
        path, query_string={"page": PAGE}, headers={"Origin": origin} if origin is not None else {}
    )
    assert answer.status_code == 200
    assert cors(answer) == {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
    assert answer.headers["Vary"] == "Accept-Encoding"  # one copy for all in a shared cache


def test_a_page_of_the_site_may_write_and_read_the_answer(reader: Reader) -> None:
    answer = reader.posts()
    assert answer.status_code == 201
    assert cors(answer) == {"Access-Control-Allow-Origin": ORIGIN, "Access-Control-Expose-Headers": EXPOSED}
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", STRANGERS)
def test_a_page_of_no_site_may_not_write(stranger: Reader, origin: str) -> None:
    answer = Reader(stranger.client, origin).posts(headers={"Origin": origin})
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/origin-not-allowed")
    assert cors(answer) == {}
    assert stored("comments") == stored("pages") == []


def test_a_request_without_an_origin_may_not_write(stranger: Reader) -> None:
    answer = Reader(stranger.client, None).posts()
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/origin-not-allowed")
    assert cors(answer) == {}
    assert stored("comments") == []


def test_a_page_of_another_site_may_not_write_but_is_told_why(stranger: Reader) -> None:
    answer = Reader(stranger.client, OTHER_ORIGIN).posts()
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/origin-not-allowed")
    assert cors(answer)["Access-Control-Allow-Origin"] == OTHER_ORIGIN
    assert stored("comments") == []


def test_each_origin_of_a_site_may_write_to_all_its_pages(client: FlaskClient, operator: Operator) -> None:
    operator.runs("site", "add", "other", OTHER_ORIGIN, "http://localhost:1313")
    for origin in (OTHER_ORIGIN, "http://localhost:1313"):
        answer = Reader(client, origin).posts(page="https://other.example/x")
        assert answer.status_code == 201
        assert cors(answer)["Access-Control-Allow-Origin"] == origin


def test_an_origin_that_was_taken_away_may_write_no_more(client: FlaskClient, operator: Operator) -> None:
    operator.runs("site", "add", "other", OTHER_ORIGIN)
    operator.runs("site", "set", "other", "--origin", "https://new.example")
    answer = Reader(client, OTHER_ORIGIN).posts(page="https://new.example/x")
    assert answer.status_code == 403
    assert cors(answer) == {}


def test_a_host_in_unicode_is_known_by_the_spelling_that_browsers_send(client: FlaskClient, operator: Operator) -> None:
    operator.runs("site", "add", "uhr", "https://größe.example")
    there = Reader(client, "https://xn--gre-6ka8i.example")
    assert there.posts(page="https://größe.example/x").status_code == 201


class TestPreflight:
    """A browser asks before it sends JSON to another origin."""

    def asked(self, client: FlaskClient, origin: str | None, path: str = "/api/v1/comments") -> TestResponse:
        """Ask as a browser does."""
        asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        return client.options(path, headers=asking | ({"Origin": origin} if origin is not None else {}))

    @pytest.mark.parametrize("origin", [ORIGIN, OTHER_ORIGIN])
    def test_a_page_of_a_site_is_let_in(self, stranger: Reader, origin: str) -> None:
        answer = self.asked(stranger.client, origin)
        assert answer.status_code in (200, 204)
        said = cors(answer)
        assert said["Access-Control-Allow-Origin"] == origin
        assert set(said["Access-Control-Allow-Methods"].split(", ")) >= {"GET", "POST", "PATCH", "DELETE"}
        assert set(said["Access-Control-Allow-Headers"].split(", ")) == {
            "Content-Type",
            "Authorization",
            "Idempotency-Key",
        }
        assert said["Access-Control-Max-Age"] == "7200"
        assert "Origin" in answer.headers["Vary"]

    @pytest.mark.parametrize("origin", [*STRANGERS, None])
    def test_all_others_are_told_nothing(self, stranger: Reader, origin: str | None) -> None:
        answer = self.asked(stranger.client, origin)
        assert cors(answer) == {}
        assert "Origin" in answer.headers["Vary"]

    def test_credentials_are_never_asked_for(self, client: FlaskClient, reader: Reader) -> None:
        for answer in (self.asked(client, ORIGIN), reader.posts(), client.get("/api/v1/thread")):
            assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {}}, 422),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "page=x"}, 415),
        ({"data": "x" * 70_000, "content_type": "application/json"}, 413),
        ({"json": {"page": "https://elsewhere.example/", "body": "x"}}, 404),
    ],
)
def test_a_page_of_the_site_can_read_its_errors(stranger: Reader, sent: dict[str, object], status: int) -> None:
    answer = stranger.client.post("/api/v1/comments", headers={"Origin": ORIGIN}, **sent)
    assert answer.status_code == status
    assert cors(answer) == {"Access-Control-Allow-Origin": ORIGIN, "Access-Control-Expose-Headers": EXPOSED}


@pytest.mark.parametrize("query", [{}, {"page": "null"}, {"page": "https://elsewhere.example/"}])
def test_everybody_can_read_the_errors_of_a_read(stranger: Reader, query: dict[str, str]) -> None:
    answer = stranger.client.get("/api/v1/thread", query_string=query, headers={"Origin": "https://evil.example"})
    assert answer.status_code in (404, 422)
    assert cors(answer)["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/openapi.json", "/problems/invalid"])
def test_what_is_not_for_other_pages_is_not_shared(stranger: Reader, path: str) -> None:
    assert cors(stranger.client.get(path, headers={"Origin": ORIGIN})) == {}


def test_the_script_is_shared_with_all(stranger: Reader) -> None:
    assert cors(stranger.client.get("/embed.js"))["Access-Control-Allow-Origin"] == "*"
