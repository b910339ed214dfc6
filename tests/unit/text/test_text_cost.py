"""The price of hostile text: at the limit of a comment's length no input costs noticeable time.

The rule is half a second of the processor on a small server: about 50 times the unit of `tests/cost.py`, and the
assertion leaves as much again. `pytest -rP` prints what it really was.
"""

from collections.abc import Callable

import pytest

from service.errors import Invalid
from service.text import clean_body, clean_line, markdown_from_html, to_html
from tests import cost

LENGTH = 10_000
BUDGET = 100  # units of cost


def fill(*pieces: str) -> str:
    """Return the pieces over and over, up to the length limit."""
    unit = "".join(pieces)
    return (unit * (LENGTH // len(unit) + 1))[:LENGTH]


REPEATED = [
    *["[", "![", "]", "](", "[](", "[a](", "[[a]", "[a][b]", "[a](b", "[a](<b", '[a](b "c', "[a](http://b.example)"],
    *["*a ", "**a ", "_a ", "*a*", "_a_ ", "a*", "a_", "a__b", "*a _b ", "**a*b", "*a**b", "*_", "**_", "*_~~", "***"],
    *["~", "~~a ", "~~a~~", "字**字**", '**"b"**a', "*a_b*c_ "],
    *["`", "`a ", "a`", "``a", "```\na\n", "~~~\n", "> ```\n", "\\", "\\[", "\\\\"],
    *[
        "<",
        "<a",
        "<a@",
        "<http://",
        "<b>",
        "</p>",
        "<!--",
        "<script>",
        "<ann@a.example>",
        "&",
        "&amp;",
        "&#0;",
        "&a ",
        "&copy;",
    ],
    *['"', "'", "&#x301;", "&#x202e;", "e\u0301", "क\u200d", "\u3000", "字", "é"],
    *[
        "http://",
        "http://a ",
        "://",
        "h://",
        "http:",
        "http://@",
        "http://a.example/(",
        "http://a.example/((((",
        "((((http://",
    ],
    *["(http://a.example/c)", "https://a.example/c]", "http://é.example/é ", "http://*", "mailto:a@b.example "],
    *[
        "> ",
        ">",
        ">a\n",
        "> a\n\n",
        "> > a\n- b\n",
        "> - ",
        ">\t",
        "- ",
        "- a\n",
        "-\n",
        "- - ",
        "* * *\n",
        "---\n",
        "___\n",
    ],
    *["1. a\n", "1) ", "1. a\n   - b\n", "- a\n\n  b\n", "- a\n\t", "\t- a\n", "# a\n", "a\n---\n", "|a|b|\n", "|-|\n"],
    *["a\n", "a\n\n", "a ", "word", "\t", "a-", "a- ", "a-a-a-"],
]
CASES = {piece: fill(piece) for piece in REPEATED} | {
    "nested emphasis": "*_" * 2_500 + "_*" * 2_500,
    "nested strong and emphasis": "**a _b " * 700 + "_ **" * 1_200,
    "nested quotations": fill(">" * 18 + "a\n\n"),
    "nested lists": fill("- " * 9 + "a\n\n"),
    "list deeper and deeper": "".join(" " * (2 * n) + "- a\n" for n in range(95)),
    "runs of backticks": "".join("`" * n + "a" for n in range(1, 138)),
    "reference blow-up": f"[a]: http://{'b' * 5_000}\n\n" + "[a]" * 1_650,
    "brackets after an address": "http://a.example/" + "(" * 9_900,
    "brackets in an address": "http://a.example/" + "()" * 4_900,
    "brackets in a target": "[a](" + "(" * 9_990,
    "a long address": "http://a.example/" + "x" * 9_900,
    "many names": "http://" + "a." * 4_900,
    "long foreign names": ("http://" + "ä." * 110 + "example ") * 42,
    "addresses full of ampersands": ("http://a.example/" + "&" * 180 + " ") * 50,
    "titles": ('[a](http://b.example "' + "&" * 170 + '")') * 50,
    "an entity without end": "&#" + "0" * 9_990,
    "spaces": "a" + " " * 9_990 + "b",
    "indented lines": (" " * 98 + "a\n") * 100,
    "lazy lines": "> " * 15 + "a\n" * 4_900,
    "just below the limit of tags: lists": "- a\n" * 1_990,
    "just below the limit of tags: lines": "a\n" * 1_990,
    "just below the limit of tags: deep lists": (("- " * 9) + "a\n\n") * 95,
    "just below the limit of tags: emphasis": "*a* " * 1_990,
    "just below the limit of tags: quotations": "> a\n\n" * 990,
    "code blocks": "```\na\n```\n" * 990,
}
IMPORTED = {
    "plain": fill("words and more words "),
    "tags": fill("<b>"),
    "nested": "<b>" * 20 + "a" * 5_000,
    "misnested": "".join(f"<b title={n}>..<i title={n}>..x</b>" for n in range(60)),
    "formatting over paragraphs": "<b><i><s><code>" * 4 + "<p>a" * 180,
    "tag openings": fill("<"),
    "tag openings with an end": "<" * 9_990 + ">",
    "half tags": fill("<a "),
    "half tags with an end": fill("<a ")[:9_000] + ">",
    "half scripts": fill("<script>"),
    "scripts in styles": fill("<style><script></style>"),
    "comments": fill("<!--"),
    "declarations": fill("<!"),
    "attributes": "<b" + " a" * 4_990 + ">x",
    "open quotes": "<b " + "a=\"b='c" * 1_400 + ">",
    "equal signs": "<b" + " a   =" * 1_600 + ">",
    "entities": fill("&amp;"),
    "an entity without end": "&#" + "0" * 9_990 + ";",
    "underscores": "_" * LENGTH,
    "underscored words": fill("_a"),
    "twice underscored words": fill("__a"),
    "asterisks": "*" * LENGTH,
    "backslashes": "\\" * LENGTH,
    "colons after an angle": "&lt;" + ":" * 9_990,
    "address beginnings": fill("http://"),
    "addresses": fill("http://a.example/( "),
    "spaces": "a" + " " * 9_990 + "b",
    "line ends": "\n" * 9_990 + "b",
    "emphasis without end": "<b>a</b>" * 95 + "<b>b",
    "broken emphasis": 'a<b>"b"</b>' * 99,
    "lists": "<ul><li>a</ul>" * 60,
    "joiners and accents": fill("क\u200d\u0301"),
}


def _size_of_html(body: str) -> int:
    try:
        return len(to_html(body).html.encode())
    except Invalid:
        return 0


@pytest.mark.parametrize("name", CASES)
def test_no_comment_at_the_limit_costs_much(name: str) -> None:
    body = clean_body(CASES[name][:LENGTH])
    sizes: list[int] = []
    to_html("warm")

    spent = cost.of(lambda: sizes.append(_size_of_html(body)), enough=BUDGET)

    print(f"{spent:6.1f} units {sizes[0]:7} bytes  {name!r}")
    assert spent <= BUDGET
    assert sizes[0] <= 200_000


@pytest.mark.parametrize("newlines", [False, True])
@pytest.mark.parametrize("name", IMPORTED)
def test_no_imported_comment_costs_much(name: str, newlines: bool) -> None:
    # five times a comment: imports bring longer ones, and what is quadratic shows there
    html = IMPORTED[name] * 5

    spent = cost.of(lambda: markdown_from_html(html, newlines=newlines), enough=BUDGET)

    print(f"{spent:6.1f} units  {name!r}")
    assert spent <= BUDGET


def test_the_gate_has_all_the_cases() -> None:
    assert len(CASES) >= 60
    assert all(len(body) >= 5_000 for name, body in CASES.items() if not name.startswith("just below"))


@pytest.mark.parametrize("marks", ["\u0301", "\u0301\u0323", "\u302e\u0323", "\u0301\u200d\u0323\u200d"])
@pytest.mark.parametrize("clean", [clean_body, clean_line])
def test_what_a_whole_request_can_hold_is_cleaned_at_once(clean: Callable[[str], str], marks: str) -> None:
    assert cost.of(lambda: clean("a" + marks * 48_000), enough=BUDGET) <= BUDGET
