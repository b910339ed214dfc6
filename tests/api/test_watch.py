"""Every answer has an id; public reads tell how long they took, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.web import watch
from tests.conftest import PAGE, Reader

GIVEN = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/thread", "/nothing", "/admin/", "/embed.js"])
def test_every_answer_has_an_id_of_its_own(client: FlaskClient, path: str) -> None:
    ids = [client.get(path, buffered=True).headers["X-Request-Id"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in ids)


def test_an_id_is_taken_over_from_a_trusted_proxy_alone(make_app: Callable[..., Flask], app: Flask) -> None:
    trusting = make_app(trusted_proxies=(ip_network("192.0.2.0/24"),)).test_client()
    said = {"X-Request-Id": GIVEN}
    for peer, taken in (("192.0.2.7", True), ("198.51.100.7", False)):
        answer = trusting.get("/healthz", headers=said, environ_base={"REMOTE_ADDR": peer})
        assert (answer.headers["X-Request-Id"] == GIVEN) == taken
    assert app.test_client().get("/healthz", headers=said).headers["X-Request-Id"] != GIVEN


@pytest.mark.parametrize("said", ["", "short", "a" * 65, "with space in it", 'quote"inside', "-begins-badly", "ümlaut"])
def test_what_looks_like_no_id_is_not_taken_over(said: str) -> None:
    assert watch.request_id(said) != said
    assert watch.request_id(GIVEN) == GIVEN


def test_a_public_read_tells_how_long_it_took(reader: Reader) -> None:
    reader.posts()
    answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE})
    told = dict(part.strip().split(";dur=") for part in answer.headers["Server-Timing"].split(","))
    assert list(told) == ["db", "app", "total"]
    assert float(told["total"]) >= float(told["db"]) >= 0
    assert answer.headers["Timing-Allow-Origin"] == "*"


def test_nothing_else_does(reader: Reader) -> None:
    answers = [
        reader.posts(),
        reader.client.get("/api/v1/reader", query_string={"page": PAGE}, headers=reader.headers()),
        reader.client.get("/api/v1/form", query_string={"page": PAGE}),
        reader.client.get("/api/v1/admin/queue"),
        reader.client.get("/admin/sign-in"),
        reader.client.get("/thread", query_string={"page": PAGE}),
        reader.client.get("/readyz"),
    ]
    for answer in answers:
        assert not {"Server-Timing", "Timing-Allow-Origin"} & set(answer.headers.keys()), answer


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("/api/v1/comments/<int(max=9007199254740991):comment_id>/vote", "/api/v1/comments/{comment_id}/vote"),
        ("/problems/<code>", "/problems/{code}"),
        ("/admin/sites/<name>/<any(a, b):act>", "/admin/sites/{name}/{act}"),
    ],
)
def test_a_route_is_told_as_its_template(rule: str, told: str) -> None:
    assert watch.template(rule) == told
