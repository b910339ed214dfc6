"""The limits, in numbers: whoever moves one of them has to say so here (R-LIM)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.errors import Invalid, NotAPage
from service.pages import key
from service.people import operators, tokens
from service.people.audit import COMMAND_LINE
from service.text import clean_body, markdown_from_html, to_html
from service.transfer import xml
from tests.api.desk import SAME, seated
from tests.conftest import NOW, ORIGIN, Reader, fill

HOST = "blog.example.org"
KIB, MIB = 1024, 1024 * 1024


def _key(length: int) -> str:
    return f"{ORIGIN}/".ljust(len("https://") + length, "k")


def test_a_page_is_known_by_512_characters(reader: Reader) -> None:
    assert len(key.parse(_key(512)).key) == 512
    with pytest.raises(NotAPage):
        key.parse(_key(513))
    assert reader.posts(page=_key(512)).status_code == 201
    assert reader.posts(page=_key(513)).status_code == 422


#: of a body: what may be there so often, how often
OFTEN = [
    ("https://a.example ", 50),
    ("- a\n", 1_998),  # each an element; with the list and the end of a line 2,000
    ("> ", 19),  # 20 levels with the words inside
    ("- ", 9),  # two levels each
]


@pytest.mark.parametrize(("unit", "most"), OFTEN)
def test_a_body_may_hold_so_many_and_not_one_more(unit: str, most: int) -> None:
    assert to_html(f"{unit * most}a").html
    with pytest.raises(Invalid):
        to_html(f"{unit * (most + 1)}a")


def test_four_accents_stay_on_a_letter() -> None:
    assert len(clean_body("a" + "\u0338" * 9)) == 1 + 4


@pytest.mark.parametrize(
    ("html", "one_more"),
    [
        ("<i>a</i>" * 99 + " <b>bold</b>", "<i>a</i>" * 100 + " <b>bold</b>"),
        ("<blockquote>" * 19 + "<b>bold</b>", "<blockquote>" * 20 + "<b>bold</b>"),
        (
            f"<i{''.join(f' a{n}=1' for n in range(20))}>a</i> <b>bold</b>",
            f"<i{''.join(f' a{n}=1' for n in range(21))}>a</i> <b>bold</b>",
        ),
    ],
    ids=["200 tags", "20 deep", "20 attributes"],
)
def test_imported_markup_is_read_up_to_there(html: str, one_more: str) -> None:
    assert "**bold**" in markdown_from_html(html, newlines=False)
    assert "**bold**" not in markdown_from_html(one_more, newlines=False)


def test_an_export_has_512_mib_at_most() -> None:
    assert xml._TOTAL == 512 * MIB  # to read as much would take minutes; that it is heeded: unit/transfer/test_xml.py


def test_a_hundred_pages_are_counted_at_once(client: FlaskClient) -> None:
    asked = [("page", f"{ORIGIN}/{number}") for number in range(101)]
    assert client.get("/api/v1/counts", query_string=asked[:100]).status_code == 200
    assert client.get("/api/v1/counts", query_string=asked).status_code == 422


#: a form of the operators' pages: the bytes that it may have; ONE stands for a comment
FORMS = [
    ("/admin/comments/{}/edit", 256 * KIB),
    ("/admin/comments/{}/answer", 256 * KIB),
    ("/admin/comments/{}/erase", 64 * KIB),
    ("/admin/rules/blog", 4 * MIB),
    ("/admin/spam/import", 32 * MIB),
    ("/admin/bans", 64 * KIB),
]


@pytest.mark.parametrize(("path", "most"), FORMS, ids=[path for path, _ in FORMS])
def test_a_form_of_an_operator_has_so_many_bytes_and_not_one_more(app: Flask, path: str, most: int) -> None:
    (comment,) = fill(1)
    desk = seated(app, "ann", "owner")
    csrf = desk.token("/admin/account")

    def sends(length: int) -> int:
        raw = f"csrf={csrf}&x=".encode().ljust(length, b"x")
        kind = "application/x-www-form-urlencoded"
        return desk.client.post(path.format(comment), data=raw, content_type=kind, headers=SAME).status_code

    assert sends(most) not in (401, 413)
    assert sends(most + 1) == 413


#: of the operators' API: method, path, the bytes that a body may have
BODIES = [
    ("PATCH", "/comments/1", 64 * KIB),
    ("POST", "/comments/1/answers", 64 * KIB),
    ("POST", "/decisions", 64 * KIB),
    ("PATCH", "/sites/blog/rules", 4 * MIB),
    ("POST", "/spam/import", 32 * MIB),
]


@pytest.mark.parametrize(("method", "path", "most"), BODIES, ids=[f"{method} {path}" for method, path, _ in BODIES])
def test_a_body_of_an_operator_has_so_many_bytes_and_not_one_more(
    app: Flask, client: FlaskClient, method: str, path: str, most: int
) -> None:
    fill(1)
    operators.add("olga", "owner", None, COMMAND_LINE, NOW)
    key_ = tokens.make("olga", "test", operators.SCOPES, None, COMMAND_LINE, NOW)[1]

    def sends(length: int) -> int:
        headers: dict[str, Any] = {"Authorization": f"Bearer {key_}", "Content-Type": "application/json"}
        return client.open(f"/api/v1/admin{path}", method=method, data=b"{}".ljust(length), headers=headers).status_code

    assert sends(most) not in (401, 404, 405, 413)
    assert sends(most + 1) == 413
