"""The two sanitisers: what passes, that they agree, that each does its work alone, and that threads do not mix."""

import sys
import threading
from collections.abc import Callable

import pytest

from service.text import clean as clean_module
from service.text import clean_body, safe_url, sanitize, self_test, to_html
from service.text import markdown as markdown_module
from service.text.clean import net, scrub

REL = 'rel="nofollow ugc noopener noreferrer"'


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain &amp; simple", "plain &amp; simple"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<p>a<br>b</p>", "<p>a<br>b</p>"),
        ("<del>a</del><s>b</s>", "<del>a</del><s>b</s>"),
        ("<b>a</b>", "&lt;b&gt;a&lt;/b&gt;"),
        ("<p>a<!-- b --></p>", "<p>a</p>"),
        ("a\u00a0b&nbsp;c&#160;d", "a&nbsp;b&nbsp;c&nbsp;d"),
        ("&copy; &notin; &#169; &#xA9;", "© ∉ © ©"),
        # attributes
        ('<p class="x" id="y" style="z" onclick="a()">b</p>', "<p>b</p>"),
        ('<a href="https://example.org/">a</a>', f'<a href="https://example.org/" {REL}>a</a>'),
        (
            '<a rel="x" title="t" href="https://example.org">a</a>',
            f'<a href="https://example.org/" title="t" {REL}>a</a>',
        ),
        ('<a href="https://example.org/?a=1&b=2">a</a>', f'<a href="https://example.org/?a=1&amp;b=2" {REL}>a</a>'),
        ('<a href="https://example.org/?a&amp;copy;">a</a>', f'<a href="https://example.org/?a&amp;copy;" {REL}>a</a>'),
        (
            """<a href='https://example.org/' title='"&amp;"'>a</a>""",
            f'<a href="https://example.org/" title="&quot;&amp;&quot;" {REL}>a</a>',
        ),
        ('<a href="javascript:123" title="t">a</a>', "<a>a</a>"),
        ('<a href="java&#10;script:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="/path">a</a>', "<a>a</a>"),
        (f'<a href="&#{"0" * 5000}106;avascript:1">a</a>', "<a>a</a>"),
        (
            f'<a href="https://example.org/" title="&#{"0" * 5000};">a</a>',
            f'<a href="https://example.org/" {REL}>a</a>',
        ),
        (
            f'<a href="https://example.org/" title="{"&quot;" * 3000}">a</a>',
            f'<a href="https://example.org/" {REL}>a</a>',
        ),
        ('<code class="language-c++">a</code>', '<code class="language-c++">a</code>'),
        ('<code class="language-x y">a</code>', "<code>a</code>"),
        ('<pre class="language-py">a</pre>', "<pre>a</pre>"),
        ('<ol start="07"><li>a</li></ol>', '<ol start="7"><li>a</li></ol>'),
        ('<ol start="-1" reversed type="a"><li>a</li></ol>', "<ol><li>a</li></ol>"),
        # repaired
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<em>a", "<em>a</em>"),
        ("a</em>", "a"),
        (
            '<a href="https://example.org/">a<a href="https://example.net/">b',
            f'<a href="https://example.org/" {REL}>a</a><a href="https://example.net/" {REL}>b</a>',
        ),
        # what an entity stands for is not written out where a parser would read something else
        ("<pre>\n\n&#10;\n&Tab;\na</pre>", "<pre>\t\na</pre>"),
        ("<pre>\n\n</pre>\n<pre>\n<code>\na</code></pre>", "<pre></pre>\n<pre><code>\na</code></pre>"),
        ("a&#13;&#12;&#1;&#x7f;b&#10;c&#x80;", "ab\nc€"),
        (f"a&#{'0' * 5000}13;b", "ab"),
        ("", ""),
    ],
)
def test_raw_html_becomes_what_is_allowed(raw: str, clean: str, faults_of: Callable[[str], list[str]]) -> None:
    assert sanitize(raw) == clean
    assert faults_of(clean) == []


BODY = """**bold** _and_ ~~gone~~ with `code & <tags>` "quoted" &copy; it's\u00a0so

> - [a link](https://example.org/?a=1&b=2 "it's \\"titled\\"") and https://bücher.example/x_(y)
>   ```c++
>   if (a < b && c > d) { }
>   ```
7. seven
8. <script>alert(1)</script> <ann@example.org>"""


def test_the_net_finds_nothing_to_do_after_bleach_but_spell_entities() -> None:
    def spelled(markup: str) -> str:
        for entity, char in {"&quot;": '"', "&#x27;": "'", "&copy;": "©", "&nbsp;": "\u00a0"}.items():
            markup = markup.replace(entity, char)
        return markup

    scrubbed = scrub(markdown_module.to_markup(markdown_module.parse(clean_body(BODY))))

    assert spelled(net(scrubbed)) == spelled(scrubbed)


@pytest.mark.parametrize("stage", [scrub, net])
@pytest.mark.parametrize(
    "raw",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:123" id=x name=y style=z onclick=a()>a</a>',
        '<a href="//example.org/">a</a>',
        '<code class="evil">a</code>',
        "<svg><a xlink:href=javascript:1><text>a",
        "<math><mi xlink:href=data:x,1>a",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<template><script>alert(1)</script></template>",
    ],
)
def test_each_sanitiser_holds_alone(
    stage: Callable[[str], str], raw: str, faults_of: Callable[[str], list[str]]
) -> None:
    assert [fault for fault in faults_of(stage(raw)) if "stable" not in fault and "rel" not in fault] == []


def test_the_self_test_passes() -> None:
    self_test()


def _break_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = markdown_module._build()
    parser.options["html"] = True
    parser.enable(["html_block", "html_inline"])
    monkeypatch.setattr(markdown_module._own, "parser", parser)


def _break_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown_module._own, "parser", markdown_module._build().enable("image"))


def _break_bleach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean_module._own.cleaner, "attributes", lambda tag, name, value: True)
    monkeypatch.setattr(clean_module._own.cleaner, "filters", [])


def _break_net(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean_module, "_NET", clean_module.nh3.Cleaner(tags={*clean_module.TAGS, "img"}))


def _skip_bleach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean_module, "scrub", lambda markup: markup)


def _lose_bold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown_module._own, "parser", markdown_module._build().disable("emphasis"))


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (_break_markdown, "stage markdown"),
        (_break_images, "stage markdown"),
        (_break_bleach, "stage bleach"),
        (_skip_bleach, "stage bleach"),
        (_break_net, "stage nh3"),
        (_lose_bold, "loses what it should keep"),
    ],
)
def test_the_self_test_refuses_when_a_single_stage_is_broken(
    fault: Callable[[pytest.MonkeyPatch], None], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)

    with pytest.raises(RuntimeError, match=named):
        self_test()


def _different_bodies() -> list[str]:
    """Bodies that differ in text, markup and length, so that every mix-up of two of them shows."""
    return [
        f"{BODY}\n\n" + f"**bold {n}** <i>{n}</i> `code {n}` https://example.org/{n} " * (1 + n % 4) for n in range(20)
    ]


def test_sixteen_threads_render_what_one_thread_renders() -> None:
    bodies = _different_bodies()
    expected = [to_html(body) for body in bodies]
    wrong: list[object] = []
    barrier = threading.Barrier(16)

    def work(offset: int) -> None:
        barrier.wait()
        for at in range(len(bodies)):
            place = (at * 7 + offset) % len(bodies)
            try:
                rendered = to_html(bodies[place])
            except Exception as error:
                wrong.append(error)
            else:
                if rendered != expected[place]:
                    wrong.append(rendered)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    try:
        threads = [threading.Thread(target=work, args=(offset,)) for offset in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)

    assert wrong == []


def test_every_thread_has_a_cleaner_and_a_parser_of_its_own() -> None:
    """The rule itself, whatever the scheduler does: two threads never meet in one object that keeps state."""
    seen: list[tuple[object, object]] = []

    def look() -> None:
        seen.append((clean_module._own.cleaner, markdown_module._own.parser))

    for _ in range(2):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    look()

    assert len({id(cleaner) for cleaner, _ in seen}) == len({id(parser) for _, parser in seen}) == 3


def test_the_address_judge_is_one_for_bodies_and_html() -> None:
    for url in ("https://example.org/ä?b=c&d", "http://[2001:db8::1]/"):
        written = safe_url(url)
        assert written is not None
        assert f'href="{written}"'.replace("&", "&amp;") in to_html(f"[a]({url})").html
