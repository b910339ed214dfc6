"""Addresses: what may be a link, how it is written, how it is shown, where it ends in running text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text import safe_url, short
from service.text.links import MAX_LENGTH, find_address


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("http://example.org", "http://example.org/"),
        ("https://example.org/", "https://example.org/"),
        ("HTTPS://EXAMPLE.ORG/Path", "https://example.org/Path"),
        ("  https://example.org/\n", "https://example.org/"),
        ("https://example.org?q", "https://example.org/?q"),
        ("https://example.org#part", "https://example.org/#part"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:080/", "http://example.org/"),
        ("http://example.org:8000/", "http://example.org:8000/"),
        ("https://example.org./", "https://example.org/"),
        ("https://my_site.example.org/", "https://my_site.example.org/"),
        ("http://localhost/", "http://localhost/"),
        ("http://192.0.2.1/", "http://192.0.2.1/"),
        ("http://[2001:DB8:0::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/Straße", "https://example.org/Stra%C3%9Fe"),
        (
            "https://example.org/می\u200cخواهم",
            "https://example.org/%D9%85%DB%8C%E2%80%8C%D8%AE%D9%88%D8%A7%D9%87%D9%85",
        ),
        ("https://example.org/\"'<>`{|}^", "https://example.org/%22%27%3C%3E%60%7B%7C%7D%5E"),
        ("https://example.org/@ann/1_(x)?a[]=1&b=;2#!/c", "https://example.org/@ann/1_(x)?a[]=1&b=;2#!/c"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://例え.jp/", "https://xn--r8jz45g.jp/"),
        ("https://аррӏе.example/", "https://xn--80ak6aa92e.example/"),
        ("https://example。org/", "https://example.org/"),
        ("https://ｅｘａｍｐｌｅ.org/", "https://example.org/"),
    ],
)
def test_an_address_has_one_normal_form(typed: str, written: str) -> None:
    assert safe_url(typed) == written
    assert safe_url(written) == written


REFUSED = [
    "",
    " ",
    # other schemes, among them those that bleach takes for a host and a port
    "javascript:alert(1)",
    "javascript:123",
    "javascript://example.org/%0aalert(1)",
    "JaVaScRiPt:1",
    "data:1",
    "data:text/html,x",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:1",
    "foo:1",
    "file:///etc/passwd",
    "ftp://example.org/",
    "blob:https://example.org/x",
    "view-source:https://example.org/",
    "intent://example.org/#Intent;end",
    "mailto:a@example.org",
    "tel:123",
    # a scheme that is hidden, split or spelled by entities
    " javascript:1",
    "\x01javascript:1",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\x00script:alert(1)",
    "javascript\u2028:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "http&colon;//example.org/",
    "ｊavascript:alert(1)",
    # no scheme, or not followed by two slashes
    "example.org",
    "www.example.org",
    "/path",
    "#part",
    "?query",
    "//example.org/",
    "///example.org/",
    "/\\example.org",
    "\\\\example.org",
    "/\t/example.org",
    "http:example.org",
    "http:/example.org",
    "http:\\\\example.org",
    "https:///example.org",
    "http://",
    "http:///",
    "http://?x",
    "http://#x",
    # somebody else's host
    "http://user@example.org/",
    "http://user:word@example.org/",
    "http://example.org@evil.example/",
    "http://example.org%40evil.example/",
    "https://example.org\\@evil.example/",
    "https://example.org\\.evil.example/",
    "https://example.org&@evil.example/",
    "http://@example.org/",
    # white space, controls and what cannot be seen
    "http://exa mple.org/",
    "http://exa\tmple.org/",
    "http://example.org/a b",
    "http://example.org/a\nb",
    "http://example.org/\x7f",
    "http://example.org/\x85",
    "http://example.org/\u00a0",
    "http://example.org/\u2028",
    "http://example.org/\u202egpj.exe",
    "http://example.org/\u202e",
    "http://example.org/\u2066x",
    "http://example.org/a\u200bb",
    "http://exam\u200bple.org/",
    "http://exam\u00adple.org/",
    "http://example.org/\ufeff",
    "http://example.org/\ue000",
    "http://example.org/\ud800",
    # no ports
    "http://example.org:/",
    "http://example.org:0/",
    "http://example.org:65536/",
    "http://example.org:99999999999999999999/",
    "http://example.org:80a/",
    "http://example.org:-1/",
    "http://example.org:+80/",
    "http://example.org:８０/",
    "http://example.org:80:80/",
    # no names
    "http://.example.org/",
    "http://example..org/",
    "http://example.org../",
    "http://-a.example/",
    "http://a-.example/",
    "http://%65xample.org/",
    "http://exa%00mple.org/",
    "http://exa<b>mple.org/",
    'http://example.org"/',
    "http://example.org'/",
    "http://exa!mple.org/",
    "http://exa,mple.org/",
    "http://(example.org)/",
    "http://exam℀ple.org/",
    "http://example.org℅/",
    "http://😀.example/",
    "http://xn--/",
    "http://xn--a-.example/",
    "http://xn--\u00e4.example/",
    f"http://{'a' * 64}.example/",
    f"http://{'a.' * 130}example/",
    f"http://{'ä' * 63}.example/",
    # no IP addresses, or not in their one spelling
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://256.1.1.1/",
    "http://1.2.3.4.5/",
    "http://١.2.3.4/",
    "http://[::1/",
    "http://[::1]x/",
    "http://[]/",
    "http://[::g]/",
    "http://[fe80::1%25eth0]/",
    "http://::1/",
    # too long, as typed or as written
    f"http://example.org/{'a' * MAX_LENGTH}",
    f"http://example.org/{'ä' * 400}",
]


@pytest.mark.parametrize("typed", REFUSED)
def test_what_browsers_read_differently_is_no_link(typed: str) -> None:
    assert safe_url(typed) is None


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("mailto:Ann@Example.org", "mailto:Ann@example.org"),
        ("MAILTO:ann+tag@example.org", "mailto:ann+tag@example.org"),
        ("mailto:ann@bücher.example", "mailto:ann@xn--bcher-kva.example"),
        ("mailto:ann@example.org?bcc=eve@example.net", None),
        ("mailto:ann@example.org,eve@example.net", None),
        ("mailto:ann@example.org%0abcc:eve@example.net", None),
        ("mailto:javascript:1", None),
        ("mailto:ann", None),
        ("mailto:@example.org", None),
        ("mailto:a@b@example.org", None),
        ('mailto:"a"@example.org', None),
        ("javascript:1", None),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_mail_is_a_plain_address_and_only_where_it_is_asked_for(typed: str, written: str | None) -> None:
    assert safe_url(typed, mail=True) == written


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/", "example.org"),
        ("https://www.example.org/", "example.org"),
        ("https://www.org/", "www.org"),
        ("https://www.example/a", "www.example/…"),
        ("https://example.org/a/very/long/path", "example.org/…"),
        ("https://example.org/?q=1", "example.org/…"),
        ("https://example.org/#part", "example.org/…"),
        ("http://example.org:8080/", "example.org:8080"),
        ("http://[2001:db8::1]/x", "[2001:db8::1]/…"),
        ("mailto:ann@example.org", "ann@example.org"),
        ("https://xn--bcher-kva.example/", "bücher.example"),
        ("https://xn--bcher-kva.example:8080/x", "bücher.example:8080/…"),
        ("https://xn--r8jz45g.jp/", "例え.jp"),
        ("https://xn--e1afmkfd.xn--p1ai/", "пример.рф"),
        ("mailto:ann@xn--bcher-kva.example", "ann@bücher.example"),
        # Latin and Cyrillic in one label; Cyrillic that reads as Latin; Greek that does; no valid name at all
        ("https://xn--pple-43d.example/", "xn--pple-43d.example"),
        ("https://xn--80ak6aa92e.example/", "xn--80ak6aa92e.example"),
        ("https://xn--mxaa1a.example/", "xn--mxaa1a.example"),
        ("https://xn--i-7iq.example/", "xn--i-7iq.example"),
    ],
)
def test_an_address_is_shown_short_and_in_its_own_script_only_where_that_is_honest(url: str, shown: str) -> None:
    assert safe_url(url, mail=True) == url
    assert short(url) == shown


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/a for more", "https://example.org/a"),
        ("https://example.org", "https://example.org"),
        ("HTTP://EXAMPLE.ORG/", "HTTP://EXAMPLE.ORG/"),
        *((f"https://example.org/a{end}", "https://example.org/a") for end in ".,;:!?)»”’'\"]}>*_~…،؟。」）"),
        ("https://example.org/a).", "https://example.org/a"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("https://example.org/a_(b)", "https://example.org/a_(b)"),
        ("https://example.org/a_(b).", "https://example.org/a_(b)"),
        ("https://example.org/?a[]=1&b=2", "https://example.org/?a[]=1&b=2"),
        ("[https://example.org/a](x)", "https://example.org/a"),
        ("https://example.org/((((", "https://example.org/"),
        ("«https://example.org/a»", "https://example.org/a"),
        ("“https://example.org/a”", "https://example.org/a"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("https://example.org/a\nb", "https://example.org/a"),
        ("見てhttps://example.org/a。次", "https://example.org/a"),
        ("https://example.org/L’Équipe", "https://example.org/L’Équipe"),
        ("https://example.org/web/http://example.net/", "https://example.org/web/http://example.net/"),
        ("xhttps://example.org", None),
        ("x-http://example.org", None),
        ("ftp://example.org", None),
        ("://example.org", None),
        ("http://", None),
        ("http:// example.org", None),
        ("http://).", None),
    ],
)
def test_a_bare_address_ends_where_the_sentence_goes_on(text: str, address: str | None) -> None:
    found = find_address(text, text.find("://"))

    assert (text[slice(*found)] if found else None) == address


@given(st.text())
def test_no_string_breaks_the_parser_and_its_answer_is_stable(text: str) -> None:
    for url in (safe_url(text, mail=True), safe_url(f"http://{text}"), safe_url(f"https://example.org/{text}")):
        if url is not None:
            assert safe_url(url, mail=True) == url
            assert url.isascii()
            assert short(url)


@given(st.text("htps:/.@[]%\\xn-0a1?#éа\u200d\u3002", max_size=40))
def test_nothing_made_of_the_parts_of_addresses_breaks_the_parser(text: str) -> None:
    url = safe_url(f"http://{text}")

    assert url is None or safe_url(url) == url
