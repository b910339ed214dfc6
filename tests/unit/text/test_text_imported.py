"""Imported HTML: it becomes our Markdown, reads the same once rendered, and is not littered with backslashes."""

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text import clean_body, markdown_from_html, to_html
from service.text.imported import MAX_ATTRIBUTES, MAX_DEPTH, MAX_TAGS

DISQUS, WORDPRESS = {"newlines": False}, {"newlines": True}


@pytest.mark.parametrize(
    "text",
    [
        "It's a plain sentence (1), with a dash – and a smiley :-) ;-) <3",
        "snake_case and file_name.txt, 2 * 3 * 4, [1] and a_b_c",
        "C:\\dir \\o/ #1 ~5 50% $x +1 -1 1.5 a|b {c} ^d = e!",
        "(1) one 2.a 1.) # not a heading",
        "AT&T, R&D; <b a > b",
        "see https://example.org/a_b_(c)?d=*e*&f=__g__ and more",
        "„q“ «q» “q” ‚q‘ – — …",
        "日本語、です。 سلام",
        "-- dashes -- and --- more",
        "f(x)[0] and a[i](",
    ],
)
def test_a_plain_sentence_has_no_backslashes_added(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert markdown_from_html(f"<p>{escaped}</p>", newlines=False).replace("[i\\](", "[i](") == text


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        # what Markdown would take for markup
        ("*a* **b**", r"\*a\* \*\*b\*\*"),
        ("_a_ __init__ _x", r"\_a_ \_\_init__ \_x"),
        ("`a`", r"\`a\`"),
        ("~~a~~", r"\~\~a\~\~"),
        ("[a](b)", r"[a\](b)"),
        ("&lt;https://example.org/&gt;", "\\<https://example.org/>"),
        ("&lt;ann@example.org&gt;", r"\<ann@example.org>"),
        ("&amp;copy; &amp;#169;", r"\&copy; \&#169;"),
        (r"\* \\ \a", r"\\\* \\\ \a"),
        ("&gt; a<br>- b<br>* c<br>+ d<br>1. e<br>12) f", "\\> a\n\\- b\n\\* c\n\\+ d\n1\\. e\n12\\) f"),
        ("```<br>a<br>```", "\\`\\`\\`\na\n\\`\\`\\`"),
        ("https://ann@example.org/*a*", r"https\://ann@example.org/\*a\*"),
        # inline markup
        ("<em>a</em> <i>b</i> <strong>c</strong> <b>d</b>", "*a* *b* **c** **d**"),
        ("<del>a</del> <s>b</s> <strike>c</strike>", "~~a~~ ~~b~~ ~~c~~"),
        ("<b><i>a</i></b>", "***a***"),
        ("<b><b>a</b></b>", "**a**"),
        ("a<b> b </b>c", "a **b** c"),
        ("un<em>believ</em>able", "un*believ*able"),
        ("<b></b><i> </i>a", "a"),
        ("<b>a</b><i>b</i>", "**a**b"),
        ('a<b>"b"</b>c', 'a"b"c'),
        ("<code>a*b</code>", "`a*b`"),
        ("<code>a</code><code>b</code>", "`ab`"),
        ("<code>a`b``c</code> <code>`</code>", "```a`b``c``` `` ` ``"),
        ("<b>a<br>b</b>", "**a\nb**"),
        ("<b>a<br><br>b</b>", "**a\nb**"),
        # links
        ('<a href="https://example.org/">a</a>', "[a](https://example.org/)"),
        ('<a href="https://example.org/"><b>a</b> [b]</a>', r"[**a** \[b\]](https://example.org/)"),
        ('<a href="https://example.org/a_(b)">a</a>', "[a](<https://example.org/a_(b)>)"),
        ('<a href="https://example.org/?a&amp;copy;">a</a>', r"[a](https://example.org/?a\&copy;)"),
        ('<a href="https://example.org/">https://example.org/</a>.', "https://example.org/."),
        ('<a href="https://example.org/">https://example.org</a>', "https://example.org/"),
        ('(<a href="https://example.org/a">https://example.org/a</a>)', "(https://example.org/a)"),
        ('<a href="https://example.org/a">https://example.org/a</a>b', "<https://example.org/a>b"),
        ('<a href="https://example.org/a.">https://example.org/a.</a>', "<https://example.org/a.>"),
        ('<b><a href="https://example.org/">https://example.org/</a></b>', "**<https://example.org/>**"),
        ('<a href="https://example.org/long/path">https://example.org/lo...</a>', "https://example.org/long/path"),
        ('<a href="https://example.org/long/path">example.org/lo…</a>', "https://example.org/long/path"),
        (
            '<a href="https://evil.example/">https://example.org/...</a>',
            r"[https\://example.org/...](https://evil.example/)",
        ),
        ('<a href="mailto:ann@example.org">ann@example.org</a>', "<ann@example.org>"),
        ('<a href="javascript:1">a</a> <a href="/b">b</a> <a>c</a>', "a b c"),
        ('<a href="https://example.org/"></a>a', "a"),
        ("https://example.org/a<b>b</b>", "<https://example.org/a>**b**"),
        # blocks
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<p>a<br>b<br />\nc</p>", "a\nb\nc"),
        ("a<br><br>b", "a\n\nb"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc"),
        ("<p> a \n b </p>", "a b"),
        ("<p>&nbsp;</p><p>a</p>", "a"),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ('<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n- - b"),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n\n- c"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul><ul><li>c</li></ul>", "- a\n\n* b\n\n- c"),
        ("<ol><li>a</li></ol><ol><li>b</li></ol>", "1. a\n\n1) b"),
        ("<ul><li></li><li>a</li></ul>", "- a"),
        ("<pre>a\n\n  b *c*</pre>", "```\na\n\n  b *c*\n```"),
        ('<pre><code class="language-py">a</code></pre>', "```py\na\n```"),
        ('<pre class="language-x`y"><code>a</code></pre>', "```\na\n```"),
        ("<pre>```\na</pre>", "````\n```\na\n````"),
        ("<pre>a<br>b</pre>", "```\na\nb\n```"),
        ("<h2>a</h2>b<hr>c", "a\n\nb\n\nc"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("<b><p>a</p></b>", "a"),
        # everything else is its text, scripts not even that
        ("<span style='x'>a</span><font>b</font><u>c</u>", "abc"),
        ("a<script>b</script><style>c</style><iframe>d</iframe><!-- e -->f", "af"),
        ("<img src=x onerror=y alt=':-)'> a", ":-) a"),
        ("a<x-unknown>b", "ab"),
        ("", ""),
        (" \n ", ""),
        ("a\x00b\ud800c\r\nd", "abc d"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert markdown_from_html(html, newlines=False) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("a\nb\n\nc", "a\nb\n\nc"),
        ("a\r\n\r\n\r\nb", "a\n\nb"),
        ("a  \n   b", "a\nb"),
        ("a<br />\nb", "a\nb"),
        ("<b>a\n\nb</b>", "**a\nb**"),
        ("<blockquote>a\nb\n\nc</blockquote>\nd", "> a\n> b\n>\n> c\n\nd"),
        ("<pre>\na\n\nb</pre>", "```\na\n\nb\n```"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "- a\n- b"),
        ('<a href="https://example.org/">a\nb</a>', "[a b](https://example.org/)"),
        ("1. a\n2. b\n> c", "1\\. a\n2\\. b\n\\> c"),
    ],
)
def test_line_ends_count_where_the_source_says_so(html: str, markdown: str) -> None:
    assert markdown_from_html(html, newlines=True) == markdown


FEW = " <b>bold</b>"


@pytest.mark.parametrize(
    ("html", "is_markup"),
    [
        ("<i>a</i>" * (MAX_TAGS // 2 - 1) + FEW, True),
        ("<i>a</i>" * (MAX_TAGS // 2) + FEW, False),
        ("<blockquote>" * (MAX_DEPTH - 1) + FEW, True),
        ("<blockquote>" * MAX_DEPTH + FEW, False),
        (f"<i{''.join(f' a{n}' for n in range(MAX_ATTRIBUTES))}>a</i>" + FEW, True),
        (f"<i{''.join(f' a{n}=1' for n in range(MAX_ATTRIBUTES + 1))}>a</i>" + FEW, False),
        ("<p>a" * 40 + FEW, True),
        ("<br>a" * 100 + FEW, True),
    ],
)
def test_beyond_the_limits_only_the_text_is_taken(html: str, is_markup: bool) -> None:
    markdown = markdown_from_html(html, newlines=False)

    assert ("**bold**" in markdown, "bold" in markdown) == (is_markup, True)


def test_the_text_alone_keeps_lines_and_drops_scripts() -> None:
    html = (
        "<i>" * 30 + "a &lt; *b*<br>c < 3<p>d<SCRIPT>evil<b>x</b></SCRIPT> &amp;copy;<!-- e --></p><ul><li>f<li>g</ul>İ"
    )

    assert markdown_from_html(html, newlines=False) == "a < \\*b\\*\nc < 3\n\nd \\&copy;\n\nf\n\ng\n\nİ"
    assert markdown_from_html("<i>" * 30 + "a\nb\n\nc<script>never closed", newlines=True) == "a\nb\n\nc"
    assert markdown_from_html("<i>" * 30 + f"&#{'0' * 5000};a", newlines=True).endswith("a")


# Text with everything that Markdown could stumble over, in a tree of everything that we turn into Markdown.
ACTIVE = st.text("ab1 *_`~[]()<>&;#+-.!\\\"'|=:/@\u00e9\u5b57,", min_size=1, max_size=12).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
)
INLINE = st.recursive(
    ACTIVE | st.just("<br>"),
    lambda inner: st.tuples(
        st.sampled_from(["em", "strong", "s", "code", "span", 'a href="https://example.org/a_(b)"']),
        st.lists(inner, max_size=4).map("".join),
    ).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0].split()[0]}>"),
    max_leaves=8,
)
BLOCKS = st.recursive(
    st.lists(INLINE, max_size=5).map("".join),
    lambda inner: st.tuples(
        st.sampled_from(["p", "div", "blockquote", "ul", "ol", "li", "pre", "h2"]),
        st.lists(inner, max_size=3).map("".join),
    ).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"),
    max_leaves=8,
)


def _words(html: str) -> str:
    tree = html5lib.parseFragment(html, container="div", namespaceHTMLElements=False)
    return "".join("".join(tree.itertext()).split())


@settings(max_examples=100, deadline=None)
@given(BLOCKS, st.booleans())
def test_imported_text_reads_the_same_once_rendered(html: str, newlines: bool) -> None:
    markdown = markdown_from_html(html, newlines=newlines)

    if clean_body(markdown):
        assert _words(to_html(markdown).html) == _words(html)


@pytest.mark.parametrize("newlines", [False, True])
@pytest.mark.parametrize(
    "html",
    [
        "<p>one <em>two</em> <strong>three</strong> <s>four</s> <code>five</code></p>",
        "<p>one<br>two</p><p>three</p>",
        "<blockquote><p>one</p><blockquote><p>two</p></blockquote></blockquote>",
        "<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>",
        '<ol start="4"><li>one</li><li>two</li></ol>',
        '<pre><code class="language-py">if a &lt; b:<br>    c</code></pre>',
        '<p><a href="https://example.org/x">one</a></p>',
        "<ul><li><blockquote><p>one</p></blockquote></li></ul>",
        "<p>1. one<br>- two<br>&gt; three *four* _five_ [six](seven)</p>",
    ],
)
def test_what_we_render_can_be_imported_and_rendered_to_the_same(html: str, newlines: bool) -> None:
    once = to_html(markdown_from_html(html, newlines=newlines)).html
    # our own HTML has line ends between its blocks, and after its breaks: white space, as in every export
    again = to_html(markdown_from_html(once, newlines=newlines)).html

    assert again == once
    assert _words(once) == _words(html)
