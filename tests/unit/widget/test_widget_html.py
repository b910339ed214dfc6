"""The builder of comments' HTML: everything it makes is on a short list, whatever it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]

# outerHTML is only read here, to see what was built
BUILD = "const box = document.createElement('div'); box.append(m.rebuild(a[0])); return box.innerHTML"
FACTS = """const box = document.createElement('div');
    box.append(m.rebuild(a[0]));
    const all = [...box.querySelectorAll('*')];
    return {
        tags: [...new Set(all.map((node) => node.tagName.toLowerCase()))],
        attributes: [...new Set(all.flatMap((node) => node.getAttributeNames()))],
        links: all.filter((node) => node.hasAttribute('href')).map((node) => node.protocol),
        text: box.textContent,
    }"""
TAGS = {"a", "blockquote", "br", "code", "del", "em", "li", "ol", "p", "pre", "s", "strong", "ul"}
ATTRIBUTES = {"class", "dir", "href", "rel", "start", "tabindex", "title"}


@pytest.mark.parametrize(
    ("html", "built"),
    [
        ("<p>One</p><p>Two</p>", '<p dir="auto">One</p><p dir="auto">Two</p>'),
        (
            "<p>a <em>b</em> <strong>c</strong><br>d</p>",
            '<p dir="auto">a <em>b</em> <strong>c</strong><br>d</p>',
        ),
        ("<p>&lt;b&gt; &amp;amp; &quot;&#39;&#x41;</p>", '<p dir="auto">&lt;b&gt; &amp;amp; "\'A</p>'),
        (
            "<blockquote><p>q</p></blockquote>",
            '<blockquote dir="auto"><p>q</p></blockquote>',
        ),
        (
            '<ol start="3"><li>x</li></ol>',
            '<ol start="3" dir="auto"><li>x</li></ol>',
        ),
        (
            '<pre><code class="language-c++">a &lt; b\n</code></pre>',
            '<pre dir="ltr" tabindex="0"><code class="language-c++">a &lt; b\n</code></pre>',
        ),
        (
            '<p><a href="https://example.org/?a=1&amp;b=2" title="T" rel="nofollow">x</a></p>',
            '<p dir="auto"><a href="https://example.org/?a=1&amp;b=2" rel="nofollow ugc noopener noreferrer" title="T">'
            "x</a></p>",
        ),
        (
            '<p><a href="mailto:a@example.org">m</a></p>',
            '<p dir="auto"><a href="mailto:a@example.org" rel="nofollow ugc noopener noreferrer">m</a></p>',
        ),
        ("", ""),
        ("plain", "plain"),
        ("2 < 3 <> 4 </ 5", "2 &lt; 3 &lt;&gt; 4 &lt;/ 5"),
        ("<p>unclosed <em>tags", '<p dir="auto">unclosed <em>tags</em></p>'),
        ("</p></div>closed", "closed"),
        ("<p>a</em>b</p>c", '<p dir="auto">ab</p>c'),
    ],
)
def test_well_formed_html_comes_out_as_it_is_and_other_html_as_text(module: Module, html: str, built: str) -> None:
    assert module("dom", BUILD, html) == built


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)">',
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href=" javascript:alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>',
    '<a href="javascript:123">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="blob:https://example.org/1">x</a>',
    '<a href="//example.org/x">x</a>',
    '<a href="/relative">x</a>',
    '<a href="https://example.org/" onclick="alert(1)" style="color:red" target="_top" id="x" name="y">x</a>',
    "<a href='https://example.org/' onclick='alert(1)'>x</a>",
    '<p style="background:url(javascript:alert(1))" class="evil" onmouseover="alert(1)">x</p>',
    '<code class="language-x evil">x</code>',
    '<ol start="1e9"><li value="3">x</li></ol>',
    "<form action=javascript:alert(1)><input name=createElement></form>",
    "<style>*{color:red}</style>",
    "<template><script>alert(1)</script></template>",
    "<!-- <script>alert(1)</script> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<p title='a>b'>x</p>",
    '<p title="<script>alert(1)</script>">x</p>',
    "<a <a <a href=",
    '<a href="https://example.org',
    "&#0;&#xD800;&#x110000;&#9999999;&unknown;&amp",
    "<p constructor='1' __proto__='2' hasOwnProperty=\"3\">x</p>",
    "<P><EM>upper</EM></P>",
    "\u202e<p>\u2066bidi</p>\x00",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_is_built_that_is_not_on_the_list(module: Module, html: str) -> None:
    facts = module("dom", FACTS, html)
    assert set(facts["tags"]) <= TAGS
    assert set(facts["attributes"]) <= ATTRIBUTES
    assert set(facts["links"]) <= {"http:", "https:", "mailto:"}


@pytest.mark.parametrize(
    ("html", "text"),
    [("<x-y>kept</x-y>", "<x-y>kept</x-y>"), ("<div>kept</div>", "kept"), ("<script>let x</script>", "let x")],
)
def test_unknown_tags_leave_their_text(module: Module, html: str, text: str) -> None:
    assert module("dom", FACTS, html)["text"] == text


@pytest.mark.parametrize(
    "piece",
    ["<p>", "<a ", '<a href="', "<blockquote>", "</p>", "<", "&", "&#", '<a x="<a y=" ', "<p  a b c", '"', "<em></p>"],
)
def test_more_than_the_service_can_send_is_built_within_a_second(module: Module, piece: str) -> None:
    script = """const html = a[0].repeat(200_000 / a[0].length);
        const from = performance.now();
        m.rebuild(html);
        return performance.now() - from"""
    assert module("dom", script, piece) < 1000


@pytest.mark.parametrize(
    ("website", "linked"), [("https://example.org/~ann", True), ("javascript:1", False), ("", False)]
)
def test_an_authors_website_is_linked_only_if_it_is_one(module: Module, website: str, linked: bool) -> None:
    script = "return m.link(m.h('a', '', {}, 'Ann'), a[0]).hasAttribute('href')"
    assert module("dom", script, website) is linked


def test_an_attribute_can_never_be_a_handler(module: Module) -> None:
    script = """let clicks = 0;
        const node = m.h('button', 'x', {click: () => clicks++, title: null, hidden: false, lang: ''});
        node.click();
        return [clicks, node.getAttributeNames()]"""
    assert module("dom", script) == [1, ["class", "part", "lang"]]
