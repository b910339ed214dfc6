"""The style sheets of the operators' pages: all of them are linked and served, and none has grown out of hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service import web

SHEETS = sorted(Path(web.__file__).parent.glob("static/admin/*.css"))


def test_each_sheet_is_linked_and_served(client: FlaskClient) -> None:
    linked = re.findall(r'<link rel="stylesheet" href="(/static/admin/[^"]+)"', client.get("/admin/sign-in").text)
    assert sorted(linked) == [f"/static/admin/{sheet.name}" for sheet in SHEETS]
    for address in linked:
        with client.get(address) as answer:
            assert (answer.status_code, answer.mimetype) == (200, "text/css")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.name))
def test_a_sheet_is_about_one_thing(sheet: Path) -> None:
    assert len(sheet.read_text(encoding="utf-8").splitlines()) < 350
