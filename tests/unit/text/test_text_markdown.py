"""The Markdown subset: what each way of typing becomes, as HTML and as plain text, and what is refused."""

import pytest

from service.errors import Invalid
from service.text import PIPELINE, to_html
from service.text.markdown import MAX_EMPHASIS, MAX_NESTING
from service.text.render import MAX_LINKS, MAX_TAGS

REL = 'rel="nofollow ugc noopener noreferrer"'


def link(url: str, text: str, title: str | None = None) -> str:
    titled = f' title="{title}"' if title else ""
    return f'<a href="{url}"{titled} {REL}>{text}</a>'


def bare(url: str, text: str) -> str:
    return link(url, text, title=url)


@pytest.mark.parametrize(
    ("body", "html"),
    [
        # paragraphs and lines
        ("words", "<p>words</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one\\\ntwo", "<p>one<br>\ntwo</p>"),
        ("    pasted with\n    an indent", "<p>pasted with<br>\nan indent</p>"),
        ("\tpasted with a tab", "<p>pasted with a tab</p>"),
        # emphasis
        ("*a* _b_", "<p><em>a</em> <em>b</em></p>"),
        ("**a** __b__", "<p><strong>a</strong> <strong>b</strong></p>"),
        ("***a***", "<p><em><strong>a</strong></em></p>"),
        ("~~a~~", "<p><s>a</s></p>"),
        ("~a~ snake_case_name 2 * 3 * 4", "<p>~a~ snake_case_name 2 * 3 * 4</p>"),
        (r"\*a\* \_b\_", "<p>*a* _b_</p>"),
        # code
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("``a`b``", "<p><code>a`b</code></p>"),
        ("`*a* https://example.org/`", "<p><code>*a* https://example.org/</code></p>"),
        ("```\na <b>\n\n  c\n```", "<pre><code>a &lt;b&gt;\n\n  c\n</code></pre>"),
        ("~~~\na\n~~~", "<pre><code>a\n</code></pre>"),
        ("```Python extra\na\n```", '<pre><code class="language-python">a\n</code></pre>'),
        ("```c++\na\n```", '<pre><code class="language-c++">a\n</code></pre>'),
        ('```x"onclick="y\na\n```', "<pre><code>a\n</code></pre>"),
        (f"```{'x' * 21}\na\n```", "<pre><code>a\n</code></pre>"),
        ("```\nnever closed", "<pre><code>never closed</code></pre>"),
        # quotations and lists
        ("> a\n> b\n\nc", "<blockquote>\n<p>a<br>\nb</p>\n</blockquote>\n<p>c</p>"),
        ("> > a", "<blockquote>\n<blockquote>\n<p>a</p>\n</blockquote>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("* a\n  + b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("3) a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("- a\n\n- b", "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>"),
        # what is no part of the subset stays text
        ("# a\n## b", "<p># a<br>\n## b</p>"),
        ("a\n===", "<p>a<br>\n===</p>"),
        ("a\n---\nb", "<p>a</p>\n<p>---</p>\n<p>b</p>"),
        ("***", "<p>***</p>"),
        ("* * *", "<p>* * *</p>"),
        ("a\n- - -", "<p>a</p>\n<p>- - -</p>"),
        ("|a|b|\n|-|-|", "<p>|a|b|<br>\n|-|-|</p>"),
        ("[a]: https://example.org/\n\n[a]", f"<p>[a]: {bare('https://example.org/', 'example.org')}</p>\n<p>[a]</p>"),
        ("![a](https://example.org/)", f"<p>!{link('https://example.org/', 'a')}</p>"),
        ("<b>a</b> <!-- b -->", "<p>&lt;b&gt;a&lt;/b&gt; &lt;!-- b --&gt;</p>"),
        ("<div>\n\n*a*\n\n</div>", "<p>&lt;div&gt;</p>\n<p><em>a</em></p>\n<p>&lt;/div&gt;</p>"),
        # signs of all kinds pass as typed
        (':-) <3 it\'s "q" „q“ «q» – — … (c) -> 10°', '<p>:-) &lt;3 it\'s "q" „q“ «q» – — … (c) -&gt; 10°</p>'),
        ("AT&T &copy; &lt;", "<p>AT&amp;T © &lt;</p>"),
        ("a\u00a0b&nbsp;c", "<p>a&nbsp;b&nbsp;c</p>"),
        ("سلام دنیا 日本語 👩‍👩‍👧", "<p>سلام دنیا 日本語 👩‍👩‍👧</p>"),
        # an entity brings nothing back that was taken out of the body
        ("a&#x202e;b&#8203;c&#xfeff;&ZeroWidthSpace;", "<p>abc</p>"),
        (f"q{'&#x301;' * 40}", f"<p>q{chr(0x301) * 4}</p>"),
        ("a&#7;b", "<p>a\ufffdb</p>"),
    ],
)
def test_typed_text_becomes_html(body: str, html: str) -> None:
    assert to_html(body).html == html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("[a](https://example.org/)", link("https://example.org/", "a")),
        ("[a](https://example.org)", link("https://example.org/", "a")),
        ("[*a* `b`](https://example.org/)", link("https://example.org/", "<em>a</em> <code>b</code>")),
        ("[a](https://example.org/ \"say 'hi'\")", link("https://example.org/", "a", title="say 'hi'")),
        ("[a](<https://example.org/>)", link("https://example.org/", "a")),
        ("[a](https://example.org/x_(y))", link("https://example.org/x_(y)", "a")),
        ("[a](https://example.org/?b=1&c=2)", link("https://example.org/?b=1&amp;c=2", "a")),
        ("[a](mailto:ann@example.org)", link("mailto:ann@example.org", "a")),
        ("<https://example.org/x>", bare("https://example.org/x", "example.org/…")),
        ("<ann@example.org>", link("mailto:ann@example.org", "ann@example.org")),
        ("https://example.org/", bare("https://example.org/", "example.org")),
        ("https://www.example.org/a_b_c*d*", bare("https://www.example.org/a_b_c*d", "example.org/…") + "*"),
        ("https://example.org/?a=1&b=2&copy=3", bare("https://example.org/?a=1&amp;b=2&amp;copy=3", "example.org/…")),
        ("https://bücher.example/", bare("https://xn--bcher-kva.example/", "bücher.example")),
        ("https://аpple.example/", bare("https://xn--pple-43d.example/", "xn--pple-43d.example")),
        ("(https://example.org/a), b", f"({bare('https://example.org/a', 'example.org/…')}), b"),
        ("**https://example.org/a**", f"<strong>{bare('https://example.org/a', 'example.org/…')}</strong>"),
        ("_https://example.org/a_", f"<em>{bare('https://example.org/a', 'example.org/…')}</em>"),
        # not twice, and not inside of another link
        ("[https://example.org/a](https://example.org/a)", link("https://example.org/a", "https://example.org/a")),
        (
            "[a https://example.org/b_c_d](https://example.net/)",
            link("https://example.net/", "a https://example.org/b_c_d"),
        ),
        ("<https://example.org/", f"&lt;{bare('https://example.org/', 'example.org')}"),
        # a label that is the address of somebody else, or nothing at all, gives way to the truth
        ("[https://bank.example/](https://evil.example/x)", link("https://evil.example/x", "evil.example/…")),
        ("[](https://example.org/x)", link("https://example.org/x", "example.org/…")),
        ("[\u200d](https://example.org/)", link("https://example.org/", "example.org")),
        # these lead nowhere, or nowhere good: they stay text
        ("[a]()", "a"),
        ("[a](<>)", "[a](&lt;&gt;)"),
        ("[a](/path)", "[a](/path)"),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("[a](javascript&colon;1)", "[a](javascript:1)"),
        ("[a](https://user@example.org/)", "[a](https://user@example.org/)"),
        ("<javascript:1>", "&lt;javascript:1&gt;"),
        ("<xss:1>", "&lt;xss:1&gt;"),
        ("https://user@example.org/*a*", "https://user@example.org/*a*"),
        ("ftp://example.org/", "ftp://example.org/"),
        (r"http\://example.org", "http://example.org"),
        ("www.example.org ann@example.org", "www.example.org ann@example.org"),
    ],
)
def test_links(body: str, html: str) -> None:
    assert to_html(body).html == f"<p>{html}</p>"


@pytest.mark.parametrize(
    ("body", "text", "links"),
    [
        ("**a** _b_ `c` ~~d~~", "a b c d", 0),
        ("a\nb\n\nc &amp; <d>", "a\nb\n\nc & <d>", 0),
        ("> a\n> > b\n\nc", "> a\n>\n> > b\n\nc", 0),
        ("- a\n  1. b\n  2. c\n- d", "- a\n  1. b\n  2. c\n- d", 0),
        ("9. a\n10. b", "9. a\n10. b", 0),
        ("- a\n-\n- b", "- a\n-\n- b", 0),
        ("```py\na\n  b\n```", "a\n  b", 0),
        ("[a *b*](https://example.org/) https://example.org/x_y", "a b https://example.org/x_y", 2),
        ("<ann@example.org>", "ann@example.org", 1),
        ("[a]() [b](javascript:1)", "a [b](javascript:1)", 0),
    ],
)
def test_the_plain_text_says_the_same_without_markup(body: str, text: str, links: int) -> None:
    rendered = to_html(body)

    assert (rendered.text, rendered.links) == (text, links)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n ",
        "\u200d",
        "\u3164",
        "&#8203;",
        "&nbsp;",
        ">",
        "- ",
        "1.",
        "> -\n> -",
        "```\n```",
        "[]()",
        "&zwnj;&zwj;",
    ],
)
def test_nothing_visible_is_refused(body: str) -> None:
    with pytest.raises(Invalid, match="nothing of this would be seen"):
        to_html(body)


@pytest.mark.parametrize(
    ("fits", "too_much", "sentence"),
    [
        ("http://a.example " * MAX_LINKS, "http://a.example " * (MAX_LINKS + 1), "at most; this one has 51"),
        ("- a\n" * (MAX_TAGS - 1), "- a\n" * MAX_TAGS, "too much formatting"),
        ("a*" + '"' * 33_000, '"' * 34_000, "becomes too long"),
        ("> " * (MAX_NESTING - 1) + "a", "> " * MAX_NESTING + "a", "nested"),
        ("- " * (MAX_NESTING // 2 - 1) + "a", "- " * (MAX_NESTING // 2) + "a", "nested"),
    ],
)
def test_limits_refuse_with_a_sentence(fits: str, too_much: str, sentence: str) -> None:
    assert to_html(fits).html
    with pytest.raises(Invalid) as refused:
        to_html(too_much)

    assert list(refused.value.fields) == ["body"]
    assert sentence in refused.value.sentence()


def test_links_that_lead_nowhere_are_not_counted() -> None:
    assert to_html("[a]() " * 60).links == 0


@pytest.mark.parametrize("depth", [MAX_EMPHASIS + 1, 300])
def test_emphasis_is_only_so_deep_and_no_word_is_lost(depth: int) -> None:
    body = "*a **b " * depth + "end" + "***" * depth
    rendered = to_html(body)

    deepest = level = 0
    for piece in rendered.html.split("<"):
        opened, closed = piece.startswith(("em>", "strong>")), piece.startswith(("/em>", "/strong>"))
        level += opened - closed
        deepest = max(deepest, level)
    assert 1 < deepest <= MAX_EMPHASIS
    assert rendered.text.count("a ") == rendered.text.count("b ") == depth


def test_the_version_of_the_pipeline_is_a_number_to_compare() -> None:
    assert PIPELINE >= 1
