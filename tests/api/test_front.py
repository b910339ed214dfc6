"""The page at `/`: what an operator sees first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient


def test_it_shows_the_tag_to_paste(client: FlaskClient) -> None:
    answer = client.get("/", base_url="https://comments.example.org")
    assert answer.status_code == 200
    assert "&lt;script async src=&#34;https://comments.example.org/embed.js&#34;&gt;" in answer.text.replace(
        '"', "&#34;"
    )
    assert "afterword site add" in answer.text


def test_the_public_address_stands_in_the_tag(make_app: Callable[..., Flask]) -> None:
    client = make_app(public_url="https://comments.example.org").test_client()
    answer = client.get("/", headers={"Host": "evil.example"})
    assert "https://comments.example.org/embed.js" in answer.text
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("demo", ["", "http://127.0.0.1:8001"])
def test_the_demonstration_is_named_where_there_is_one(make_app: Callable[..., Flask], demo: str) -> None:
    shown = make_app(demo_url=demo).test_client().get("/").text
    assert ("demonstration" in shown) == bool(demo)
    assert (f'href="{demo}/closed.html"' in shown) == bool(demo)


def test_everything_it_needs_is_served_by_ourselves(client: FlaskClient) -> None:
    import html5lib

    page = html5lib.parse(client.get("/").text, namespaceHTMLElements=False)
    needed = [each.get("href") or each.get("src") for each in page.iter() if each.tag in ("link", "script", "img")]
    assert needed
    for address in needed:
        assert address.startswith("/")
        assert client.get(address, buffered=True).status_code == 200
