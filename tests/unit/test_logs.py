"""What is logged: one line each, in two forms, and nothing of anybody who reads or writes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service import logs
from service.logs import _Access

Lines = Callable[[], list[Any]]


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Lines]:
    """Log to a file as JSON, and return a function that reads what was told."""
    path = tmp_path / "log"
    kept = {name: (logging.getLogger(name).handlers, logging.getLogger(name).level) for name in ("", "gunicorn.error")}
    with path.open("w") as stream:
        logs.set_up(stream=stream)
        yield lambda: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    logging.captureWarnings(False)
    _Access.out = None
    for name, (handlers, level) in kept.items():
        logging.getLogger(name).handlers = handlers
        logging.getLogger(name).setLevel(level)
    logging.getLogger("gunicorn.error").propagate = True


def access(**fields: Any) -> None:
    """Tell of a request."""
    told = {"request_id": "0123456789abcdef", "method": "GET", "route": "/api/v1/thread", "status": 200}
    logs.access(**told | {"seconds": 0.00123, "size": 87, "address": "192.0.2.0/24"} | fields)


def test_a_request_is_one_line(lines: Lines) -> None:
    access()
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info", "logger": "request", "request_id": "0123456789abcdef", "method": "GET",
        "route": "/api/v1/thread", "status": 200, "ms": 1.23, "bytes": 87, "address": "192.0.2.0/24",
    }  # fmt: skip


def test_whatever_stands_in_a_line_it_stays_one(lines: Lines) -> None:
    access(route='/"\n{', request_id='"\\\n', size=None)
    logging.getLogger("service.x").warning("two\nlines \x1b[31m %s", '"')
    one, other = lines()
    assert (one["route"], one["request_id"], one["bytes"]) == ('/"\n{', '"\\\n', None)
    assert other["event"] == 'two lines  [31m "'


@pytest.mark.parametrize("quiet", [{"access_lines": False}, {"level": "warning"}])
def test_lines_of_requests_can_be_left_out(lines: Lines, tmp_path: Path, quiet: dict[str, Any]) -> None:
    with (tmp_path / "log").open("a") as stream:
        logs.set_up(stream=stream, **quiet)
        access()
        assert not logs.tells_access()
        logging.getLogger("service").warning("Heard.")
        assert [line["event"] for line in lines()] == ["Heard."]


def test_plain_lines_are_for_people(lines: Lines, tmp_path: Path) -> None:
    with (tmp_path / "plain").open("w") as stream:
        logs.set_up("plain", stream=stream)
        access(size=None)
        logging.getLogger("service.x").warning("Something is odd.")
    one, other = (tmp_path / "plain").read_text(encoding="utf-8").splitlines()
    assert one.split(" ", 1)[1] == "GET /api/v1/thread 200 1.23 ms - B 192.0.2.0/24 0123456789abcdef"
    assert "Something is odd." in other
    assert lines() == []


def fail() -> None:
    """Fail with what a reader typed in the sentence, caused by what a reader typed."""
    canary = "canary@example.org"
    try:
        int(canary)
    except ValueError as error:
        raise KeyError(canary) from error


def test_an_error_is_told_by_its_places_and_not_by_what_it_holds(lines: Lines) -> None:
    try:
        fail()
    except KeyError:
        logging.getLogger("service.web.errors").exception("unforeseen error")
    (line,) = lines()
    assert (line["event"], line["level"], line["error"]) == ("unforeseen error", "error", "KeyError")
    assert [place.rpartition(" ")[2] for place in line["trace"]][:2] == ["fail", "ValueError"]
    assert line["trace"][-1] == "KeyError"
    assert "canary" not in json.dumps(line)


def test_a_sentence_about_our_code_is_told(lines: Lines) -> None:
    try:
        None.name  # type: ignore[attr-defined]  # noqa: B018
    except AttributeError as error:
        logging.getLogger("service").error("unforeseen error", exc_info=error)
    assert lines()[0]["error"] == "AttributeError: 'NoneType' object has no attribute 'name'"


@pytest.mark.parametrize(
    ("logger", "said", "told"),
    [
        (
            "gunicorn.error",
            "Invalid request from ip=192.0.2.77: Invalid Request Line: 'GET /thread?page=secret HTTP/9'",
            "Invalid request from ip=192.0.0.0: Invalid Request Line: 'GET /thread?… HTTP/9'",
        ),
        ("gunicorn.error", "Invalid request from ip=2001:db8:1:2::77: x", "Invalid request from ip=(address): x"),
        ("gunicorn.error", "Connection in use: ('127.0.0.1', 8311)", "Connection in use: ('127.0.0.1', 8311)"),
        ("gunicorn.error", "Connection in use: ('::1', 8311)", "Connection in use: ('::1', 8311)"),
        ("gunicorn.error", "ip=::12 ip=::1:2 ip=10.127.0.1", "ip=(address) ip=(address) ip=10.127.0.0"),
        ("gunicorn.error", "Error handling request GET /thread?page=https://x", "Error handling request GET /thread?…"),
        (
            "service.database",
            'database: duplicate key violates "uq"\nDETAIL:  Key (name)=(Ann) already exists.',
            'database: duplicate key violates "uq"',
        ),
    ],
)
def test_what_others_say_is_told_without_who_it_was(lines: Lines, logger: str, said: str, told: str) -> None:
    logging.getLogger(logger).warning(said)
    (line,) = lines()
    assert line["event"] == told
    assert line["logger"] == ("server" if logger == "gunicorn.error" else logger)
