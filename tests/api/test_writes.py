"""What holds for every route that takes something: form, types, ids, headers, whatever the route does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import ORIGIN, PAGE, Reader, fill

#: method, path, a body that would do, and its fields
ROUTES = [
    ("POST", "/api/v1/comments", {"page": PAGE, "body": "x", "author": {"name": "Ann"}}, ["page", "body"]),
    ("PATCH", "/api/v1/comments/1", {"body": "x"}, ["body"]),
    ("PUT", "/api/v1/comments/1/vote", {"value": 1}, ["value"]),
    ("POST", "/api/v1/comments/1/report", {"reason": "x"}, ["reason"]),
    ("POST", "/api/v1/preview", {"body": "x"}, ["body"]),
]
WITH_BODY = pytest.mark.parametrize(("method", "path", "body", "fields"), ROUTES, ids=[route[1] for route in ROUTES])
TOKENS = ("null", "1.5", "1e400", "NaN", "1" + "0" * 30, "true", "[]", '["x"]', "{}", '{"$ne": null}', '"\\ud800"',
          '"a\\u0000b"')  # fmt: skip
KEY = "A" * 43


def send(stranger: Reader, method: str, path: str, **sent: Any) -> TestResponse:
    """Send a request as the widget would."""
    headers = {"Origin": ORIGIN, "Authorization": f"Bearer {KEY}"}
    return stranger.client.open(path, method=method, headers=headers, **sent)


def test_every_route_with_a_body_is_looked_at_here(app: Flask) -> None:
    described = app.test_client().get("/openapi.json").json["paths"]
    taking = {
        (method.upper(), path.replace("{comment_id}", "1"))
        for path, operations in described.items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and "requestBody" in operation and not path.startswith("/api/v1/admin/")
    }  # operators' routes have a file of their own
    assert taking == {(method, path) for method, path, *_ in ROUTES}


@WITH_BODY
def test_no_field_takes_a_value_of_another_type(
    stranger: Reader, method: str, path: str, body: dict[str, Any], fields: list[str]
) -> None:

    wrong = {}
    for field in fields:
        for token in TOKENS:
            raw = json.dumps(body | {field: "@@"}).replace('"@@"', token)
            answer = send(stranger, method, path, data=raw, content_type="application/json")
            if answer.status_code not in (400, 422):
                wrong[field, token] = answer.status_code
    assert wrong == {}


@WITH_BODY
def test_unknown_fields_are_refused(
    stranger: Reader, method: str, path: str, body: dict[str, Any], fields: list[str]
) -> None:
    answer = send(stranger, method, path, json=body | {"state": "published"})
    assert (answer.status_code, answer.json["errors"]) == (422, {"state": ["Unknown field."]})


@WITH_BODY
def test_the_form_is_json_of_a_bounded_size(
    stranger: Reader, method: str, path: str, body: dict[str, Any], fields: list[str]
) -> None:
    assert send(stranger, method, path, data="body=x").status_code == 415
    assert send(stranger, method, path, data="{", content_type="application/json").status_code == 400
    assert send(stranger, method, path, data=b"[" * 65_000, content_type="application/json").status_code == 400
    assert send(stranger, method, path, data=b" " * 65_537, content_type="application/json").status_code == 413


@pytest.mark.parametrize(
    "comment_id", ["0", "-1", "x", "1.5", "%00", "9" * 16, "9" * 20, "9" * 4_000, "٣", "1/../1", ""]
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"body": "x"}),
        ("DELETE", "", None),
        ("POST", "/restore", None),
        ("PUT", "/vote", {"value": 1}),
        ("POST", "/report", {"reason": "x"}),
    ],
    ids=["edit", "delete", "restore", "vote", "report"],
)
def test_what_is_no_id_of_a_comment_is_not_found(
    stranger: Reader, comment_id: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = send(stranger, method, f"/api/v1/comments/{comment_id}{path}", json=body)
    assert answer.status_code in (404, 405)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [{}, {"page": "null"}, {"page": PAGE, "before": "0"}, {"page": PAGE, "before": "9" * 30},
     {"page": PAGE, "all": "perhaps"}, {"page": PAGE, "reader": "1"}],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_question_after_a_readers_own_is_judged_too(stranger: Reader, method: str, query: dict[str, str]) -> None:
    answer = send(stranger, method, "/api/v1/reader", query_string=query)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")


def test_what_a_write_answers_is_kept_by_nobody(reader: Reader) -> None:
    (comment,) = fill(1)
    own = reader.posts().json["comment"]["id"]
    path = "/api/v1/comments"
    answers = [
        reader.client.open(where, method=method, json=body, headers=reader.headers())
        for method, where, body in (
            ("POST", "/api/v1/preview", {"body": "x"}),
            ("PATCH", f"{path}/{own}", {"body": "Another text."}),
            ("DELETE", f"{path}/{own}", None),
            ("POST", f"{path}/{own}/restore", None),
            ("PUT", f"{path}/{comment}/vote", {"value": 1}),
            ("POST", f"{path}/{comment}/report", {"reason": "Rude."}),
            ("GET", f"/api/v1/reader?page={PAGE}", None),
            ("DELETE", f"/api/v1/reader?page={PAGE}", None),
        )
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 204, 200, 200]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Access-Control-Allow-Origin"] in (ORIGIN, "*")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
