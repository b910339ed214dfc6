"""/metrics counts what happens, for whom the setting admits, and names nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from service import database
from service.errors import TooMany, Unavailable
from service.settings import Limit
from service.web import metrics
from tests.api.desk import Desk
from tests.conftest import PAGE, Operator, Reader

TOKEN = "a-token-of-a-machine"


def scraped(client: FlaskClient) -> dict[str, float]:
    """Return what is counted, by `name{label=value,…}`."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        f"{sample.name}{{{','.join(f'{name}={value}' for name, value in sorted(sample.labels.items()))}}}": sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def grown(client: FlaskClient) -> Callable[[], dict[str, float]]:
    """Return a function that says by how much the counts have grown since the test began."""
    before = scraped(client)

    def look() -> dict[str, float]:
        now = scraped(client)
        return {name: value - before.get(name, 0) for name, value in now.items() if value != before.get(name, 0)}

    return look


Grown = Callable[[], dict[str, float]]


def test_requests_are_counted_by_route_and_never_by_what_was_asked_for(reader: Reader, grown: Grown) -> None:
    comment = reader.posts().json["comment"]["id"]
    reader.client.get(f"/api/v1/comments/{comment}/nothing")
    reader.client.open("/api/v1/thread", method="BREW")
    reader.client.patch(f"/api/v1/comments/{comment}", json={"body": "Else."}, headers=reader.headers())
    reader.sees()
    found = grown()
    assert found["afterword_requests_total{method=POST,route=/api/v1/comments,status=2xx}"] == 1
    assert found["afterword_requests_total{method=PATCH,route=/api/v1/comments/{comment_id},status=2xx}"] == 1
    assert found["afterword_requests_total{method=GET,route=(none),status=4xx}"] == 1
    assert found["afterword_requests_total{method=other,route=(none),status=4xx}"] == 1
    assert found["afterword_request_seconds_count{route=/api/v1/thread}"] == 1
    assert found["afterword_request_seconds_bucket{le=+Inf,route=/api/v1/comments}"] == 1


def test_reads_of_the_cache_are_counted(reader: Reader, grown: Grown) -> None:
    reader.posts()
    for _ in range(3):
        reader.sees()
    found = grown()
    assert (found["afterword_cache_total{result=miss}"], found["afterword_cache_total{result=hit}"]) == (1, 2)


def test_comments_are_counted_by_what_the_rules_said(reader: Reader, operator: Operator, grown: Grown) -> None:
    headers = {"Idempotency-Key": "a-key-of-twenty-letters"}
    reader.posts("First.")
    reader.posts("Twice sent.", headers=headers)
    reader.posts("Twice sent.", headers=headers)
    reader.posts(" ".join(f"https://{number}.example.org/" for number in range(9)))
    operator.runs("ban", "add", "name", "Bob")
    reader.posts("From Bob.", author={"name": "Bob"})
    operator.closes()
    reader.posts("Too late.")
    found = grown()
    assert found["afterword_comments_total{rule=none,verdict=published}"] == 2
    assert found["afterword_comments_total{rule=many-links,verdict=held}"] == 1
    assert found["afterword_comments_total{rule=banned,verdict=refused}"] == 1
    assert found["afterword_closed_refusals_total{}"] == 1
    assert found["afterword_queue{state=pending}"] == 1


def test_limits_that_were_hit_are_counted(make_app: Callable[..., Flask], app: Flask, grown: Grown) -> None:
    limited = Reader(make_app(limit_posts=(Limit(1, 3600),)).test_client())
    assert [limited.posts(f"Number {number}.").status_code for number in range(3)] == [201, 429, 429]
    assert grown()["afterword_limited_total{limit=comments}"] == 2


def test_sign_ins_that_fail_are_counted(visitor: Desk, grown: Grown) -> None:
    visitor.signs_in(password="not the right password")
    assert grown()["afterword_signin_failures_total{}"] == 1


@pytest.mark.sqlite(reason="one lock for all writers, which can be waited for in vain")
def test_errors_of_the_database_are_counted(grown: Grown) -> None:
    with database.write(), database.db.engine.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout=1")
        other.rollback()
        with pytest.raises(OperationalError, match="locked"):
            other.execution_options(begin="IMMEDIATE").begin()
        other.detach()  # nobody else is to have so little patience
    assert grown()["afterword_database_errors_total{kind=busy}"] == 1


def test_what_is_no_refusal_is_not_counted_as_one(grown: Grown) -> None:
    metrics.refused(Unavailable("busy"))
    assert not [name for name in grown() if "limited" in name or "comments" in name or "closed" in name]
    metrics.refused(TooMany(5, "requests"))
    assert grown()["afterword_limited_total{limit=requests}"] == 1


def test_nothing_that_is_counted_names_anybody(reader: Reader) -> None:
    reader.posts("The canary sings.", author={"name": "Canary", "email": "canary@example.org"}, page=f"{PAGE}/canary")
    reader.sees(f"{PAGE}/canary")
    assert "canary" not in reader.client.get("/metrics").text.lower()


def test_when_the_database_is_away_the_counts_are_still_there(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr("service.comments.waiting", away)
    found = scraped(client)
    assert not [name for name in found if name.startswith("afterword_queue")]
    assert [name for name in found if name.startswith("afterword_requests_total")]


@pytest.mark.parametrize(
    ("setting", "asked", "status"),
    [
        ("local", {}, 200),
        ("local", {"headers": {"X-Forwarded-For": "192.0.2.7"}}, 404),
        ("local", {"headers": {"Forwarded": "for=192.0.2.7"}}, 404),
        ("local", {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}, 404),
        ("local", {"environ_base": {"REMOTE_ADDR": "::1"}}, 200),
        ("local", {"environ_base": {"REMOTE_ADDR": ""}}, 404),
        ("off", {}, 404),
        ("off", {"headers": {"Authorization": "Bearer off"}}, 404),
        (TOKEN, {}, 401),
        (TOKEN, {"headers": {"Authorization": "Bearer local"}}, 401),
        (TOKEN, {"headers": {"Authorization": "Bearer ä"}}, 401),
        (TOKEN, {"headers": {"Authorization": f"Bearer {TOKEN}"}, "environ_base": {"REMOTE_ADDR": "192.0.2.7"}}, 200),
    ],
)
def test_only_whom_the_setting_admits_is_answered(
    make_app: Callable[..., Flask], app: Flask, setting: str, asked: dict[str, Any], status: int
) -> None:
    client = make_app(metrics=setting).test_client()
    assert client.get("/metrics", **asked).status_code == status
