"""`afterword operator` and `afterword audit`."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from service import database
from service.people import invitations, operators, passwords, sessions, tokens
from tests.conftest import NOW, Operator, stored

PASSWORD = "a clock that is right twice"


def known(operator: Operator) -> list[dict[str, Any]]:
    """Return what the list says."""
    found: list[dict[str, Any]] = json.loads(operator.runs("operator", "list", "--json"))
    return found


def test_one_is_added_and_sets_a_password_by_a_link(
    operator: Operator, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_PUBLIC_URL", "https://comments.example.org/")
    said = operator.runs("operator", "add", "Ann", "--role", "owner")
    (token,) = re.findall(r"^https://comments\.example\.org/admin/password/(\S+)$", said, re.MULTILINE)
    assert invitations.look(token, datetime.now(UTC)).operator == "ann"
    (ann,) = known(operator)
    assert (ann["name"], ann["role"], ann["sites"], ann["has_password"]) == ("ann", "owner", None, False)


def test_without_a_public_address_the_link_is_a_path(operator: Operator, app: Flask) -> None:
    result = operator.tries("operator", "add", "ann")
    assert re.search(r"^/admin/password/\S{43}$", result.stdout, re.MULTILINE)
    assert "AFTERWORD_PUBLIC_URL is not set" in result.stderr


def test_one_is_added_with_sites_and_a_password(operator: Operator, app: Flask) -> None:
    result = operator.tries("operator", "add", "ann", "--site", "blog", "--password-stdin", typed=f"{PASSWORD}\n")
    assert result.exit_code == 0
    assert "/admin/password/" not in result.output
    assert (known(operator)[0]["role"], known(operator)[0]["sites"]) == ("moderator", ["blog"])
    assert passwords.matches(stored("operators")[0]["password_hash"], PASSWORD)
    assert stored("invitations") == []


@pytest.mark.parametrize("typed", ["short\n", "", "x" * 257 + "\n"])
def test_a_password_that_is_none_adds_nobody(operator: Operator, app: Flask, typed: str) -> None:
    result = operator.tries("operator", "add", "ann", "--password-stdin", typed=typed)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "12 to 256 characters" in result.stderr
    assert known(operator) == []


def test_a_password_is_set_and_ends_sessions(operator: Operator, app: Flask) -> None:
    operator.runs("operator", "add", "ann")
    with database.write() as connection:
        sessions.start(connection, 1, True, "A browser", "192.0.2.0/24", NOW + timedelta(days=36_500))
    assert operator.tries("operator", "password", "ann", "--password-stdin", typed=PASSWORD).exit_code == 0
    assert passwords.matches(stored("operators")[0]["password_hash"], PASSWORD)
    assert stored("sessions") == []
    assert "/admin/password/" in operator.runs("operator", "password", "ann")


def test_a_token_is_printed_alone_and_once(operator: Operator, app: Flask) -> None:
    operator.runs("operator", "add", "ann", "--role", "owner")
    printed = operator.runs(
        "operator", "token", "ann", "--name", "x", "--scope", "read", "--scope", "settings", "--days", 7
    )
    assert re.fullmatch(r"aft_[A-Za-z0-9_-]{43}\n", printed)
    with database.read() as connection:
        assert tokens.find(connection, printed.strip(), datetime.now(UTC)).scopes == {"read", "settings"}
    (made,) = json.loads(operator.runs("operator", "tokens", "ann", "--json"))
    assert printed.strip() not in str(made)
    operator.runs("operator", "remove-token", "ann", made["id"])
    assert operator.tries("operator", "remove-token", "ann", made["id"]).exit_code == 1


def test_role_and_sites_are_changed(operator: Operator, app: Flask) -> None:
    operator.runs("operator", "add", "boss", "--role", "owner")
    operator.runs("operator", "add", "ann")
    assert "owner of all sites" in operator.runs("operator", "set", "ann", "--role", "owner")
    assert "moderator of blog" in operator.runs("operator", "set", "ann", "--role", "moderator", "--site", "blog")
    assert "moderator of all sites" in operator.runs("operator", "set", "ann", "--all-sites")
    assert operator.tries("operator", "set", "ann", "--role", "owner", "--site", "blog").exit_code == 1
    assert [(each["role"], each["sites"]) for each in known(operator) if each["name"] == "ann"] == [("moderator", None)]
    assert operator.tries("operator", "set", "ann").exit_code == 2
    assert operator.tries("operator", "set", "ann", "--site", "blog", "--all-sites").exit_code == 2


def test_sessions_are_listed_and_ended(operator: Operator, app: Flask) -> None:
    operator.runs("operator", "add", "ann")
    assert json.loads(operator.runs("operator", "sessions", "ann", "--json")) == []
    assert operator.runs("operator", "end-sessions", "ann") == "0 sessions ended.\n"
    with database.write() as connection:
        for _ in range(3):
            sessions.start(connection, operators.get("ann").id, True, "Firefox", "192.0.2.0/24", datetime.now(UTC))
    last = json.loads(operator.runs("operator", "sessions", "ann", "--json"))[0]["id"]
    assert operator.runs("operator", "end-sessions", "ann", "--id", last) == "1 session ended.\n"
    assert operator.tries("operator", "end-sessions", "ann", "--id", last).exit_code == 1
    assert operator.runs("operator", "end-sessions", "ann") == "2 sessions ended.\n"


@pytest.mark.parametrize(
    "command",
    [
        ("password", "nobody"),
        ("token", "nobody", "--name", "x", "--scope", "read"),
        ("token", "boss", "--name", " ", "--scope", "read"),
        ("remove", "boss"),
        ("remove", "nobody"),
        ("sessions", "nobody"),
        ("end-sessions", "nobody"),
        ("reset-second-factor", "boss"),
        ("set", "boss", "--role", "moderator"),
        ("add", "boss"),
        ("add", "a b"),
        ("add", "ann", "--site", "nothing"),
    ],
    ids=" ".join,
)
def test_what_is_refused_ends_with_1_and_one_line(operator: Operator, app: Flask, command: tuple[str, ...]) -> None:
    operator.runs("operator", "add", "boss", "--role", "owner")
    result = operator.tries("operator", *command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert [each["name"] for each in known(operator)] == ["boss"]


def test_the_log_is_listed_and_exported(operator: Operator, app: Flask) -> None:
    operator.runs("operator", "add", "ann", "--role", "owner")
    operator.runs("operator", "token", "ann", "--name", "x", "--scope", "read")
    listed = json.loads(operator.runs("audit", "list", "--json"))
    assert [(entry["actor"], entry["via"], entry["verb"]) for entry in listed] == [
        ("command line", "cli", verb) for verb in ("token.add", "operator.invite", "operator.add", "site.add")
    ]
    assert [entry["verb"] for entry in json.loads(operator.runs("audit", "list", "--verb", "token", "--json"))] == [
        "token.add"
    ]
    assert (
        json.loads(operator.runs("audit", "list", "--before", listed[1]["id"], "--limit", 1, "--json"))[0] == listed[2]
    )
    lines = [json.loads(line) for line in operator.runs("audit", "export").splitlines()]
    assert [line["id"] for line in lines] == [entry["id"] for entry in listed]
    assert "operator.invite" in operator.runs("audit", "list")
    assert operator.runs("audit", "export", "--actor", "nobody") == ""
    assert operator.runs("audit", "export", "--comment", 1) == ""
