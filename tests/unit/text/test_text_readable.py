"""The plain text of a stored comment is the text that its body had when it was rendered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import Invalid
from service.text import clean_body, to_html, to_text

BODIES = [
    "**a** _b_ `c` ~~d~~",
    "a\nb\n\nc &amp; <d> &lt;b&gt;",
    "> a\n> > b\n\nc",
    "- a\n  1. b\n  2. c\n- d",
    "- a\n\n  second\n\n- b\n  > c",
    "9. a\n10. b",
    "0. a\n1. b",
    "- a\n-\n- b",
    "```py\na\n  b\n\n  c\n```\nd",
    "[a *b*](https://example.org/) https://example.org/x_y?a=1&b=2",
    '[text](https://example.org/ "https://example.org/")',
    "[https://a.example](https://b.example/)",
    "<ann@example.org> and [mail](mailto:ann@example.org)",
    "[a]() [b](javascript:1)",
    "</script><script>alert(1)</script>",
    "a\\\nb  \nc",
]


@pytest.mark.parametrize("body", BODIES)
def test_it_is_what_the_renderer_said(body: str) -> None:
    rendered = to_html(body)
    assert to_text(rendered.html) == rendered.text


PIECES = st.sampled_from(
    [
        *"<>\"'`&;:/=()[]{}*_~-+!#.\\ \n\t|ab1@é字👩",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "```\n",
        "**",
        "https://example.org/x?y=1",
        "<me@example.org>",
        "[text](https://example.org)",
        "&amp;",
        "&lt;b&gt;",
        "&nbsp;",
        "<p>",
        "</li>",
        "    ",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_whatever_is_typed_not_a_word_is_lost_or_added(body: str) -> None:
    try:
        rendered = to_html(clean_body(body))
    except Invalid:
        return
    assert to_text(rendered.html).split() == rendered.text.split()
