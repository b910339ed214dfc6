"""What the operators' pages can do, the API and the command line can do too; or it is written here why not."""

from __future__ import annotations

import re

import click
from flask import Flask

from service import cli

API = "/api/v1/admin"
#: routes of the API, or commands, that do the same as a form of a page; or, in words, why there are none
Same = tuple[str, ...] | str

_COMES_IN = "a person comes in by it; a program has a token"
_AT_HOME = "whoever is at the machine is known by that"
_SHOWS_PASSWORD = "a person shows the password itself, for which no token stands"
#: every form of the pages, and every file that they give; one that is missing here fails the test
DOORS: dict[str, tuple[Same, Same]] = {
    "POST /admin/sign-in": (_COMES_IN, _AT_HOME),
    "POST /admin/code": (_COMES_IN, _AT_HOME),
    "POST /admin/sign-out": (("DELETE /account/sessions/{session_id}",), ("operator end-sessions",)),
    "POST /admin/setup/{token}": ("before the first owner there is no token", ("operator add",)),
    "POST /admin/password/{token}": ("the link stands for its operator, as a token would", ("operator password",)),
    "POST /admin/account/password": (_SHOWS_PASSWORD, ("operator password",)),
    "POST /admin/account/totp": (_SHOWS_PASSWORD, "the key is for the app of whoever is signed in"),
    "POST /admin/account/codes": (_SHOWS_PASSWORD, "the codes are for whoever is signed in"),
    "POST /admin/account/totp/off": (
        ("DELETE /operators/{operator}/second-factor",),
        ("operator reset-second-factor",),
    ),
    "POST /admin/account/sessions/{session_id}/end": (
        ("DELETE /account/sessions/{session_id}",),
        ("operator end-sessions",),
    ),
    "POST /admin/account/sessions/end-others": (("POST /account/end-sessions",), ("operator end-sessions",)),
    "POST /admin/account/tokens": (("POST /account/tokens",), ("operator token",)),
    "POST /admin/account/tokens/{token_id}/remove": (
        ("DELETE /account/tokens/{token_id}",),
        ("operator remove-token",),
    ),
    "POST /admin/operators": (("POST /operators",), ("operator add",)),
    "POST /admin/operators/{name}": (("PATCH /operators/{operator}",), ("operator set",)),
    "POST /admin/operators/{name}/link": (("POST /operators/{operator}/link",), ("operator password",)),
    "POST /admin/operators/{name}/end-sessions": (
        ("POST /operators/{operator}/end-sessions",),
        ("operator end-sessions",),
    ),
    "POST /admin/operators/{name}/totp-off": (
        ("DELETE /operators/{operator}/second-factor",),
        ("operator reset-second-factor",),
    ),
    "POST /admin/operators/{name}/remove": (("DELETE /operators/{operator}",), ("operator remove",)),
    "GET /admin/audit/export": (("GET /audit/export",), ("audit export",)),
    "POST /admin/queue/decide": (
        ("POST /decisions",),
        ("comment approve", "comment spam", "comment delete", "comment hold"),
    ),
    "POST /admin/queue/undo": (("POST /decisions/{batch}/undo",), ("comment undo",)),
    "POST /admin/comments/{comment_id}/answer": (("POST /comments/{comment_id}/answers",), ("comment answer",)),
    "POST /admin/comments/{comment_id}/edit": (("PATCH /comments/{comment_id}",), ("comment edit",)),
    "POST /admin/comments/{comment_id}/erase": (("DELETE /comments/{comment_id}",), ("comment erase",)),
    "POST /admin/pages": (("POST /pages",), ("page close", "page open", "page auto")),
    "POST /admin/pages/{page_id}/{act}": (("POST /pages",), ("page close", "page open", "page auto")),
    "POST /admin/pages/{page_id}/describe": (("PATCH /pages/{page_id}",), ("page set",)),
    "POST /admin/pages/by-url": (("POST /pages",), ("page close",)),
    "POST /admin/sites": (("POST /sites",), ("site add",)),
    "POST /admin/sites/{name}/remove": (("DELETE /sites/{name}",), ("site remove",)),
    "POST /admin/sites/{name}": (("PATCH /sites/{name}",), ("site set",)),
    "POST /admin/sites/{name}/closing": (
        ("PUT /sites/{name}/closing", "POST /sites/{name}/closing/preview"),
        ("site closing",),
    ),
    "POST /admin/sites/{name}/freeze": (("POST /sites/{name}/freeze",), ("site freeze",)),
    "POST /admin/sites/{name}/thaw": (("POST /sites/{name}/thaw",), ("site thaw",)),
    "POST /admin/rules/{name}": (
        ("PATCH /sites/{name}/rules", "POST /sites/{name}/rules/try"),
        ("rules set", "rules preset", "rules words", "rules try"),
    ),
    "POST /admin/bans": (("POST /bans",), ("ban add",)),
    "POST /admin/bans/{ban_id}/remove": (("DELETE /bans/{ban_id}",), ("ban remove",)),
    "GET /admin/spam/export": (("GET /spam/export",), ("spam export",)),
    "POST /admin/spam/import": (("POST /spam/import",), ("spam import",)),
    "POST /admin/spam/reset": (("POST /spam/reset",), ("spam reset",)),
}


def _routes(app: Flask, under: str) -> set[str]:
    # "METHOD /path/{variable}"
    return {
        re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", f"{method} {rule.rule}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{under}/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


#: asked for by letter a few times a year, and answered with a file: the command line and the API have it
WITHOUT_A_PAGE = {"POST /person/export", "POST /person/erase"}


def _commands(group: click.Group, before: str = "") -> set[str]:
    found = set()
    for name, command in group.commands.items():
        found |= _commands(command, f"{before}{name} ") if isinstance(command, click.Group) else {f"{before}{name}"}
    return found


def _named(column: int) -> set[str]:
    return {each for row in DOORS.values() if not isinstance(row[column], str) for each in row[column]}


def test_every_form_of_the_pages_has_its_row(app: Flask) -> None:
    shown = {route for route in _routes(app, "/admin") if not route.startswith("GET ") or route.endswith("/export")}
    assert shown == set(DOORS)
    assert all(same for row in DOORS.values() for same in row)


def test_the_api_has_what_the_rows_name(app: Flask) -> None:
    served = {route.replace(f" {API}", " ", 1) for route in _routes(app, API)}
    assert _named(0) - served == set()


def test_whatever_the_api_changes_the_pages_change_too(app: Flask) -> None:
    served = {route.replace(f" {API}", " ", 1) for route in _routes(app, API)}
    assert {route for route in served if not route.startswith("GET ")} - _named(0) == WITHOUT_A_PAGE


def test_the_command_line_has_what_the_rows_name() -> None:
    assert _named(1) - _commands(cli.main) == set()
