"""Hostile text: whatever is typed or sent, a browser-like parser finds nothing active in what comes out."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import Invalid
from service.text import clean_body, markdown_from_html, sanitize, to_html

FOLDER = Path(
    os.environ.get("AFTERWORD_HOSTILE") or Path(__file__).resolve().parents[3].parent / "shared" / "data" / "xss"
)

# What is put where an address is expected.
ADDRESSES = [
    "javascript:alert(1)",
    "javascript:1",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script&colon;alert(1)",
    "&#106;&#97;vascript:alert(1)",
    "&#x6A&#x61vascript:alert(1)",
    "%6aavascript:alert(1)",
    "javascript%3Aalert(1)",
    "\x01javascript:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:1",
    "vbscript:1",
    "//evil.example/",
    "/\\evil.example/",
    "http:evil.example",
    "https://example.org@evil.example/",
    "https://example.org\\@evil.example/",
    "https://example.org/\u202egpj.exe",
    "https://xn--80ak6aa92e.example/",
    "https://example.org/` onmouseover=alert(1) x=`",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'onmouseover='alert(1)",
    "https://example.org/ onmouseover=alert(1)",
    "https://example.org/\nonmouseover=alert(1)",
    "https://example.org/><script>alert(1)</script>",
    "https://example.org/&quot;onmouseover=&quot;alert(1)",
    "https://example.org/&#34;&gt;&lt;img src=x onerror=alert(1)&gt;",
    'https://example.org/\\"onclick=alert(1)//',
    "https://example.org/)](javascript:alert(1)",
    "https://example.org/<img src=x onerror=alert(1)>",
    'https://[::1]"onclick=alert(1)/',
    'mailto:a@example.org?body="onclick=alert(1)',
    "feed:javascript:alert(1)",
    "jar:https://example.org/x!/",
]
# Where an address can be typed or stand in HTML.
PLACES = [
    "{}",
    "<{}>",
    "[x]({})",
    "[x](<{}>)",
    "[{0}]({0})",
    '[x](https://example.org/ "{}")',
    "[x](https://example.org/ '{}')",
    "`{}`",
    "```{}\nx\n```",
    "> - **{}**",
    '<a href="{}">x</a>',
    "<a href='{}'>x</a>",
    "<a href={}>x</a>",
    '<a href="https://example.org/" title="{}">x</a>',
    '<code class="language-{}">x</code>',
    '<ol start="{}"><li>x</ol>',
]
# Markup that browsers, bleach's parser and nh3's may read differently.
MARKUP = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<script/x>alert(1)</script/x>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1)//<</script>",
    "< script >alert(1)</ script >",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<img/src=x/onerror=alert(1)>",
    "<img src=`x` onerror=`alert(1)`>",
    '<img """><script>alert(1)</script>">',
    "<image href=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert&#40;1)</script>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<svg><animate attributeName=href values=javascript:alert(1) /><a><text>x",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math href=javascript:alert(1)>x</math>",
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=</style><img onerror=alert(1) src>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<noembed><img title="</noembed><img src=x onerror=alert(1)>">',
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
    '<title><p title="</title><img src=x onerror=alert(1)>">',
    '<textarea><p title="</textarea><img src=x onerror=alert(1)>">',
    '<style><p title="</style><img src=x onerror=alert(1)>">',
    "<plaintext><img src=x onerror=alert(1)>",
    "<template><img src=x onerror=alert(1)></template>",
    "<template shadowrootmode=open><script>alert(1)</script></template>",
    '<select><template><style><!--</style><a rel="--></style></template></select><img id=x src onerror=alert(1)>">',
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;">',
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example/>",
    '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    "<link rel=stylesheet href=//evil.example/>",
    "<form action=javascript:alert(1)><button>x",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>",
    "<body onload=alert(1)>",
    "<html><frameset><frame src=javascript:alert(1)>",
    "<table background=javascript:alert(1)><td>x",
    '<div style="background:url(javascript:alert(1))">x</div>',
    "<a id=location name=body>x</a>",
    '<a href="https://example.org/" id=x><a id=x name=y>',
    "<form id=attributes><input name=nodeName>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    '<?xml version="1.0"?><script>alert(1)</script>',
    "<!DOCTYPE html><script>alert(1)</script>",
    "</p><script>alert(1)</script>",
    "</br><img src=x onerror=alert(1)></br>",
    "</script><script>alert(1)</script>",
    "<p <img src=x onerror=alert(1)>",
    '<p title="><img src=x onerror=alert(1)>',
    '<a href="https://example.org/"onmouseover="alert(1)">x</a>',
    "<a href='https://example.org/'/onmouseover=alert(1)>x</a>",
    '<a/href="javascript&colon;alert(1)">x',
    '<a href="https://example.org/" title="`-alert(1)-`">x</a>',
    "<a xlink:href=javascript:alert(1)>x</a>",
    '<a href="javascript:alert(1)" href="https://example.org/">x</a>',
    '<A HREF="JAVASCRIPT:alert(1)">x</A>',
    '<code class="language-x onload">x</code>',
    "<li><ul><p></li></ul><a><p></a><em><p></em>",
    "<em><p><strong></em></p></strong>",
    "<b title=1><i title=1>x</b><b title=2>y</i>",
    "<p><table><tr><td><p>x</table>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&#x3C;img src=x onerror=alert(1)&#x3E;",
    "&#0060script&#0062alert(1)",
    "\\<script\\>alert(1)\\</script\\>",
    "\\x3cscript\\x3ealert(1)",
    "\u003cimg src=x onerror=alert(1)\u003e",
    "＜script＞alert(1)＜/script＞",
    "<\u200bscript>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<img\x0bsrc=x\x0conerror=alert(1)>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<%= alert(1) %>",
    '![x](x"onerror="alert(1))',
    '![x" onerror=alert(1) x](https://example.org/x)',
    "![x][y]\n\n[y]: javascript:alert(1)",
    "[x][y]\n\n[y]: javascript:alert(1)",
    '[a](https://example.org/\n"onclick=alert(1))',
    '[a](https://example.org/ ("onclick=alert(1)))',
    "[<img src=x onerror=alert(1)>](https://example.org/)",
    "[`</a><img src=x onerror=alert(1)>`](https://example.org/)",
    '[a](https://example.org/ "&quot; onclick=&quot;alert(1)")',
    "[![x](javascript:1)](javascript:1)",
    '<https://example.org/"onclick="alert(1)>',
    "<https://example.org/'><img src=x onerror=alert(1)>",
    '```"><img src=x onerror=alert(1)>\nx\n```',
    "~~~html\n<script>alert(1)</script>\n~~~",
    "``<img src=x onerror=alert(1)>``",
    "    <img src=x onerror=alert(1)>",
    "* <img src=x onerror=alert(1)>\n\n  > </ul></blockquote><script>alert(1)</script>",
    "**</strong><script>alert(1)</script>**",
    "| <script> |\n|---|\n| alert(1) |",
    '<ann@example.org"onclick=alert(1)>',
    'https://example.org/"><script>alert(1)</script>',
    "https://example.org/'-alert(1)-'",
    "a\u2028<script>alert(1)</script>",
    "\u202e<tpircs>",
]


def _vectors() -> Iterator[str]:
    yield from MARKUP
    for place in PLACES:
        for address in ADDRESSES:
            yield place.replace("{0}", address).replace("{}", address)


def _outputs(vector: str) -> Iterator[str]:
    """Yield every HTML that the room makes of a vector: typed, imported, and as raw HTML."""
    for body in (vector, markdown_from_html(vector, newlines=False), markdown_from_html(vector, newlines=True)):
        with suppress(Invalid, ValueError):
            yield to_html(clean_body(body)).html
    yield sanitize(vector.encode("utf-8", "replace").decode())


def _judge(vectors: list[str], faults_of: Callable[..., list[str]]) -> tuple[int, list[object]]:
    """Return how many different outputs there are, and the vectors of those with faults."""
    outputs = {output: vector for vector in vectors for output in _outputs(vector)}
    # what holds neither markup nor an entity needs no parser to be judged
    marked = [output for output in outputs if "<" in output or "&" in output]
    faulty: list[object] = [(outputs[m], faults) for m in marked if (faults := faults_of(m, contexts=("div",)))]
    # each alone is closed and clean: the other contexts, four parsings a piece, can judge them in heaps
    for at in range(0, len(marked), 50):
        heap = "\n".join(marked[at : at + 50])
        faulty += [("one of", [outputs[m] for m in marked[at : at + 50]], faults) for faults in faults_of(heap)]
    return len(outputs), faulty


@pytest.mark.slow
def test_our_own_vectors_leave_nothing_active(faults_of: Callable[..., list[str]]) -> None:
    vectors = list(_vectors())
    judged, faulty = _judge(vectors, faults_of)

    assert len(vectors) > 600
    assert judged > 600
    assert faulty == []


@pytest.mark.parametrize(
    "name", ["html5sec", "owasp-filter-evasion", "naughty-strings", pytest.param("payloads", marks=pytest.mark.slow)]
)
def test_public_collections_leave_nothing_active(name: str, faults_of: Callable[..., list[str]]) -> None:
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the collection {name}.json is not at hand; AFTERWORD_HOSTILE names the folder that holds it")
    vectors = json.loads(path.read_text(encoding="utf-8"))
    judged, faulty = _judge(vectors, faults_of)

    assert judged > len(vectors) / 2
    assert faulty == []


@pytest.mark.parametrize(
    "markup",
    [
        "<img src=x>",
        "<p onclick=x>a</p>",
        "<p style=x>a</p>",
        "<p id=x>a</p>",
        '<a href="javascript:1" rel="nofollow ugc noopener noreferrer">a</a>',
        '<a href=" java\nscript:1" rel="nofollow ugc noopener noreferrer">a</a>',
        '<a href="/x" rel="nofollow ugc noopener noreferrer">a</a>',
        '<a href="https://example.org/">a</a>',
        "<table><tr><td>a",
        "<svg>",
        "<p>a<p>b",
    ],
)
def test_the_oracle_itself_sees_faults(markup: str, faults_of: Callable[..., list[str]]) -> None:
    assert faults_of(markup)


# Text out of the pieces that parsers act on: far more of it is live than of random characters.
PIECES = st.sampled_from(
    [
        *"<>\"'`&;:/=()[]{}*_~-+!#.\\ \n\t|ab1@%?é字👩\u200d\u202e\u0301",
        *["\n\n", "> ", "- ", "1. ", "```", "**", "~~", "](", "http://", "https://example.org/", "javascript:"],
        *["&#x3c;", "&lt;", "&amp;", "&colon;", "<!--", "-->", "<script>", "<svg>", "<b title=", "<a href="],
        *["<p>", "</p>", "<em>", "</em>", "<pre>\n", "<li>"],
    ]
)
TEXT = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200)


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_whatever_is_typed_only_safe_html_or_a_refusal_comes_out(faults_of, text: str) -> None:
    try:
        rendered = to_html(clean_body(text.replace("\x00", "")))
    except Invalid:
        return

    assert faults_of(rendered.html) == []


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_whatever_html_is_sanitised_only_safe_html_comes_out(faults_of, text: str) -> None:
    assert faults_of(sanitize(text)) == []


@settings(max_examples=150, deadline=None)
@given(TEXT, st.booleans())
def test_whatever_is_imported_becomes_a_body_that_can_be_rendered(text: str, newlines: bool) -> None:
    body = markdown_from_html(text, newlines=newlines)

    assert clean_body(body) == body
    assert _refusal(body) in (None, "Please write something: nothing of this would be seen.")


def _refusal(body: str) -> str | None:
    try:
        to_html(body)
    except Invalid as refused:
        return refused.sentence()
    return None
