"""Hostile strings of our own: what would break out of each place where we write a value, or run where markup is read.

Made from small tables, because a place that is left out of a table is seen and one among 600 lines is not. CANARY is
what would run: it leaves a mark in the window, which a test in a browser looks for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

CANARY = "window.__x=1"
#: the public collections, where they are at hand: they are not ours to give on
FOLDER = Path(os.environ.get("AFTERWORD_HOSTILE") or Path(__file__).resolve().parents[2].parent / "shared/data/xss")
COLLECTIONS = ("html5sec", "owasp-filter-evasion", "naughty-strings", "payloads")

# What ends the place that a value stands in: each kind of attribute, an unquoted one, a comment, CDATA, and every
# element whose content is text (title, textarea, script with JSON, style), also as written in JSON and in scripts.
_ENDS = (
    '"', "'", "`", '">', "'>", ">", " ", "\t", "\n", "/", '\\"', "\\'", '\\u0022>', "&quot;", "&#34;&gt;", "&#x27;>",
    "</title>", "</textarea>", "</script>", "</style>", "</noscript>", "-->", "]]>", "*/", "}", "\u2028", "\u2029",
)  # fmt: skip
# What runs as an element, and what runs as one more attribute of the element that it stands in.
_ELEMENTS = (
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<iframe srcdoc='<script>top.{}</script>'>",
)
_ATTRIBUTES = (
    " autofocus tabindex=1 onfocus={} x=",
    " onmouseover={} style=position:fixed;inset:0 x=",
    "/onpointerenter={}/",
)

# Ways to write a scheme that runs, and addresses that lead elsewhere than they say.
_SCHEMES = (
    "javascript", "JaVaScRiPt", "vbscript", "data", "blob", "filesystem", "view-source", "feed", "livescript",
)  # fmt: skip
_SPELT = (
    "java\tscript:{}", "java\nscript:{}", "java\rscript:{}", "\x01javascript:{}", " javascript:{}",
    "\u00a0javascript:{}", "\ufeffjavascript:{}", "java\u200bscript:{}", "java&Tab;script:{}",
    "java&NewLine;script:{}", "javascript&colon;{}", "javascript&#58;{}", "javascript&#x3A;{}", "&#106;avascript:{}",
    "&#x6a;avascript:{}", "%6aavascript:{}", "javascript%3a{}", "javascript://example.org/%0a{}",
    "javascript:/*https://example.org/*/{}", "ｊavascript:{}", "javaſcript:{}", "javascript\uff1a{}", "\\javascript:{}",
    "//javascript:{}", "https:javascript:{}",
)  # fmt: skip
_ELSEWHERE = (
    "//evil.example/", "/\\evil.example/", "\\\\evil.example\\x", "https:/evil.example", "https:evil.example",
    "https:///evil.example", "https://example.org@evil.example/", "https://a:b@evil.example/",
    "https://@evil.example/", "https://example.org%40evil.example/", "https://example.org\\@evil.example/",
    "https://example.org\u202e/gro.live", "https://example.org/\u2066gpj.exe\u2069", "https://xn--80ak6aa92e.example/",
    "https://аррӏе.example/", "https://exаmple.org/", "https://example。org/", "https://example.org./",
    "https://EXAMPLE.org:0443/", "https://0x7f.1/", "https://[::1]/", "https://[::ffff:127.0.0.1%25x]/",
    "https://2130706433/", "https://0177.0.0.1/", "ftp://example.org/", "file:///etc/passwd",
    "mailto:a@example.org?bcc=b@example.org", "tel:+1", "https://example.org:99999/", "https://xn--/",
    "https://a..example/", "https://example.org/\x00", "https://example.org/%00", "https://",
)  # fmt: skip

# Text that means something to what shows it: other languages of templates, terminals, spreadsheets, readers' eyes.
TEXTS = (
    "{{7*7}}", "{{constructor.constructor('" + CANARY + "')()}}", "${" + CANARY + "}", "<%= 7*7 %>", "{% raw %}",
    "#{7*7}", "%s%n%x", "%(name)s", "{0.__class__}", "{body}", "$name", "\\0", "../../etc/passwd", "..%2f..%2f",
    "C:\\x", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b2J", "\x08\x08\x08", "\x7f", "a\rb", "a\x0bb\x0cc",
    "[bold red]x[/]", ":smile:", "=1+1", "+1+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "\t=1+1", "\u202etxt.exe",
    "\u2066\u2067\u2068x", "\u200ex\u200f", "Z" + "\u0301\u0323\u0489" * 30, "\u200b\u200c\u200d\u2060\ufeffx",
    "\ufffe\uffff", "\U000e0041\U000e0042x", "\ufdfd" * 20, "ﷺ\u0600", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "ı\u0307İ", "Å\u212b\u00c5", "ﬃ①Ⅳ", "NULL", "undefined", "true", "__proto__", "constructor", "' OR 1=1 --",
    "'; DROP TABLE comments; --", "1); DELETE FROM pages", "%", "_", "\\%", "\\", "'", '"', "`", "<", ">", "&", "&&",
    "&lt;script&gt;" + CANARY + "&lt;/script&gt;", "&amp;lt;b&amp;gt;", "&#0;&#x110000;&#xd800;", "&" * 60, "<" * 60,
    "<!--<script>", "<!-- --!><script>" + CANARY + "</script>", "<![CDATA[x]]>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>&a;", "\nSet-Cookie: x=1", "\r\nBcc: a@example.org",
    "a\r\n\r\n<script>" + CANARY + "</script>", "x" * 64, "字" * 64,
)  # fmt: skip

# What parsers read differently from each other, and Markdown that would become markup.
_MUTATING = (
    "<svg><style><img src=x onerror={0}></style></svg>", '<svg></p><style><a id="</style><img src=x onerror={0}>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror={0}&gt;">',
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=</style><img onerror={0} src>",
    '<noscript><p title="</noscript><img src=x onerror={0}>">', '<xmp><p title="</xmp><img src=x onerror={0}>">',
    '<select><template><style><!--</style><a rel="--></style></template></select><img id=x src onerror={0}>">',
    "<template shadowrootmode=open><script>{0}</script></template>", "<a id=x name=y href=https://example.org/>x",
    "<form id=attributes><input name=nodeName>", "<!--><img src=x onerror={0}>-->", "<p <img src=x onerror={0}>",
    "<scr<script>ipt>{0}</scr</script>ipt>", "<<script>{0}//<</script>", "< script>{0}</ script>",
    "<script/x>{0}</script/x>", "<details open ontoggle={0}>", "<body onload={0}>", "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/>", '<meta http-equiv=refresh content="0;url=javascript:{0}">',
    "<object data=javascript:{0}>", "<embed src=javascript:{0}>", "<table background=javascript:{0}><td>x",
    "<video><source onerror={0}></video>", "<a xlink:href=javascript:{0}>x</a>", "<math href=javascript:{0}>x</math>",
    '<a href="javascript:{0}" href="https://example.org/">x</a>', "<frameset onload={0}>", "![x](javascript:{0})",
    '![x](x"onerror="{0})', "[x][y]\n\n[y]: javascript:{0}", '[x](https://example.org/ "\\" onclick={0} x=")',
    "[<img src=x onerror={0}>](https://example.org/)", "[`</a><img src=x onerror={0}>`](https://example.org/)",
    '<https://example.org/"onclick="{0}>', '```"><img src=x onerror={0}>\nx\n```',
    "~~~\n</code></pre><script>{0}</script>\n~~~", "**</strong><script>{0}</script>**",
    "> </blockquote><script>{0}</script>", "1. </ol><script>{0}</script>", "`</code><script>{0}</script>`",
    "* * *<script>{0}</script>", "| <script>{0}</script> |\n|---|", "    <script>{0}</script>",
    'https://example.org/"onmouseover="{0}', "https://example.org/'><script>{0}</script>", "[x](<javascript:{0}>)",
    "<javascript:{0}>", "[\n](javascript:{0})", "[x](\\javascript:{0})", "[x](java\\script:{0})",
    "[x](https://example.org/)](javascript:{0})",
)  # fmt: skip


def addresses() -> list[str]:
    """Return what is sent where an address is expected."""
    running = [f"{scheme}:{CANARY}" for scheme in _SCHEMES]
    # bleach 6.4.0 lets a scheme through if nothing but digits follow it
    digits = [f"{scheme}:123" for scheme in _SCHEMES]
    broken = [f"https://example.org/{end}{running}" for end in _ENDS[:12] for running in (" onmouseover=" + CANARY,)]
    return [*running, *digits, *(each.replace("{}", CANARY) for each in _SPELT), *_ELSEWHERE, *broken]


def break_outs() -> list[str]:
    """Return what is sent where text is expected that will stand in an attribute, an element or a script."""
    running = [each.replace("{}", CANARY) for each in (*_ELEMENTS, *_ATTRIBUTES)]
    return [f"x{end}{each}" for end in _ENDS for each in running]


def bodies() -> list[str]:
    """Return what is sent as a comment, beside all the others: markup, and Markdown that could become such."""
    linked = [form.format(address) for address in addresses() for form in ("[x]({0})", "<{0}>", "[x](<{0}>)")]
    return [*(each.replace("{0}", CANARY) for each in _MUTATING), *linked]


def everything() -> list[str]:
    """Return all of them, each once."""
    return list(dict.fromkeys([*break_outs(), *addresses(), *TEXTS, *bodies()]))


def public() -> Iterator[str]:
    """Yield the strings of the public collections, what they would run made to leave our mark; skips without them."""
    for name in COLLECTIONS:
        yield from collection(name)


def collection(name: str) -> list[str]:
    """Return the strings of one public collection; skips without it."""
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the public collections are not at hand; AFTERWORD_HOSTILE names the folder with {path.name}")
    return list(json.loads(path.read_text(encoding="utf-8")))
