"""/openapi.json describes the API that there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.conftest import PAGE, Operator, Reader


@pytest.fixture
def description(stranger: Reader) -> dict[str, Any]:
    """The description as served."""
    answer = stranger.client.get("/openapi.json")
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json
    return described


def check(description: dict[str, Any], name: str, value: object) -> None:
    """Hold a value against a schema of the description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
    assert [error.message for error in Draft202012Validator(schema).iter_errors(value)] == []


def test_it_is_valid(description: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(description).iter_errors()) == []


def test_it_describes_every_route_of_the_api(app: Flask, description: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (path, method)
        for path, operations in description["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert served == described


def _operations(app: Flask, description: dict[str, Any]) -> Iterator[tuple[Any, str, dict[str, Any]]]:
    # (view, "method path", operation) of every route of the API
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                operation = description["paths"][path][method.lower()]
                yield app.view_functions[rule.endpoint], f"{method} {path}", operation


def test_it_describes_every_parameter_that_a_route_reads(app: Flask, description: dict[str, Any]) -> None:
    for view, name, operation in _operations(app, description):
        said = view._apidoc
        read = [*said.get("arguments", {}).get("parameters", []), *said.get("manual_doc", {}).get("parameters", [])]
        schemas = {each["in"]: each["schema"] for each in read if each["in"] in ("query", "json")}
        fields = schemas["query"]().fields if "query" in schemas else {}
        told = {each["name"]: each for each in operation.get("parameters", []) if each["in"] == "query"}
        assert set(told) == set(fields), name
        assert {each for each in told if told[each]["required"]} == {each for each in fields if fields[each].required}
        by_hand = "requestBody" in said.get("manual_doc", {})  # a file is no schema's
        assert ("requestBody" in operation) == ("json" in schemas or by_hand), name
        if "json" in schemas:
            assert {"400", "413", "415", "422"} <= set(operation["responses"]), name


def test_it_says_which_routes_need_a_reader_key(app: Flask, description: dict[str, Any]) -> None:
    scheme = description["components"]["securitySchemes"]["readerKey"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    wanted = {name: operation.get("security") for _, name, operation in _operations(app, description)}
    needed = {name for name, security in wanted.items() if security == [{"readerKey": []}]}
    operators = {name for name, security in wanted.items() if security == [{"operatorToken": []}]}
    assert operators == {name for name in wanted if "/api/v1/admin/" in name}
    asking = {name for _, name, operation in _operations(app, description) if "401" in operation["responses"]}
    assert needed | operators == asking
    others = {name for name in wanted if name not in asking and wanted[name]}
    assert others == {"POST /api/v1/comments"}
    assert wanted["POST /api/v1/comments"] == [{"readerKey": []}, {}]


def test_it_says_what_may_be_sent(description: dict[str, Any]) -> None:
    draft = description["components"]["schemas"]["Draft"]
    assert set(draft["properties"]) == {"page", "id", "title", "parent", "body", "author", "form"}
    assert set(draft["required"]) == {"page", "body"}
    assert draft["properties"]["body"]["maxLength"] == 10_000
    assert draft.get("additionalProperties") is False
    (query,) = (operation["parameters"] for operation in [description["paths"]["/api/v1/thread"]["get"]])
    assert {parameter["name"] for parameter in query} == {
        "page",
        "id",
        "sort",
        "after",
        "before",
        "parent",
        "at",
        "number",
        "since",
    }


def test_it_describes_the_problems(description: dict[str, Any]) -> None:
    answers = description["paths"]["/api/v1/comments"]["post"]["responses"]
    assert {"201", "202", "400", "403", "404", "409", "413", "415", "422", "429", "503", "507"} <= set(answers)
    for operations in description["paths"].values():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert errors
            for answer in errors.values():
                (said,) = answer["content"].items()
                assert said == ("application/problem+json", {"schema": {"$ref": "#/components/schemas/Problem"}})


def test_what_is_answered_is_what_is_described(reader: Reader, operator: Operator, description: dict[str, Any]) -> None:
    held = " ".join(f"https://example.org/{place}" for place in range(6))
    check(description, "Posted", reader.posts(author={"name": "Ann", "website": "ann.example"}).json)
    check(description, "Posted", reader.posts(held).json)
    check(description, "Problem", reader.posts("").json)
    first = reader.posts().json["comment"]["id"]
    for _ in range(22):
        reader.posts(parent=first)
    operator.deletes(first)
    operator.closes(until="2099-01-01")
    thread = reader.sees()
    check(description, "Thread", thread)
    assert any("more" in comment for comment in thread["comments"])
    check(description, "Problem", reader.posts().json)
    counts = reader.client.get("/api/v1/counts", query_string={"page": PAGE}).json
    check(description, "Counts", counts)


def test_it_describes_nothing_that_no_route_has(description: dict[str, Any]) -> None:
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(description)))
    assert set(description["components"]["schemas"]) == used


def test_it_names_no_machine_and_no_path_of_ours(description: dict[str, Any]) -> None:
    assert not any(word in json.dumps(description) for word in ("localhost", "/home", "service/", "Traceback"))
