"""The specification of page identity: which addresses are one page, which are two, which are none."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.errors import NotAPage
from service.pages.key import MAX_ID, MAX_KEY, MAX_URL, Address, origin, origin_header, owner_key, parse
from tests import cost

E = "https://example.org"

_CONTENT = """
    id p page page_id post s q ref source from via campaign medium share si v t lang sort tag cat amp m replytocom
    session PHPSESSID utm utmx xutm_source gclid2 my_fbclid epics pk pk_id hsa"""
_TRACKING = """
    utm_source utm_medium utm_campaign utm_term utm_content utm_id utm_source_platform utm_creative_format
    gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid fbclid msclkid yclid ysclid ymclid twclid
    ttclid li_fat_id epik rdt_cid sccid ScCid s_kwcid ef_id s_cid _openstat dicbo tblci irclickid cjevent rb_clickid
    igshid igsh mibextid fb_action_ids fb_action_types fb_source fb_ref ref_src __twitter_impression _ga _gl
    mtm_campaign pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid piwik_campaign piwik_kwd xtor
    hsa_acc _branch_match_id mc_cid mc_eid mkt_tok _hsenc _hsmi __hstc __hssc __hsfp hsCtaTracking vero_id vero_conv
    oly_anon_id oly_enc_id _kx __s ml_subscriber ml_subscriber_hash ck_subscriber_id _bhlid wickedid __cf_chl_tk"""

KEYS = {
    "scheme: dropped, in any case": [
        ("https://example.org/a", "example.org/a"),
        ("http://example.org/a", "example.org/a"),
        ("HTTPS://example.org/a", "example.org/a"),
    ],
    "host: lower case, `www.` kept, one dot at its end dropped": [
        ("https://Example.ORG/a", "example.org/a"),
        ("https://www.example.org/a", "www.example.org/a"),
        ("https://example.org./a", "example.org/a"),
        ("https://example.org.:8443/a", "example.org:8443/a"),
        ("http://localhost/a", "localhost/a"),
    ],
    "host: what RFC 1123 forbids and browsers open": [
        ("https://my_blog.example.org/", "my_blog.example.org/"),
        ("https://-a.example.org/", "-a.example.org/"),
        ("https://a-.example.org/", "a-.example.org/"),
        ("https://r3---b.example.org/", "r3---b.example.org/"),
    ],
    "host: international names by UTS 46 without transitional rules, as browsers send them": [
        ("https://bücher.example/", "xn--bcher-kva.example/"),
        ("https://BÜCHER.example/", "xn--bcher-kva.example/"),
        ("https://bu\u0308cher.example/", "xn--bcher-kva.example/"),
        ("https://b%C3%BCcher.example/", "xn--bcher-kva.example/"),
        ("https://XN--BCHER-KVA.example/", "xn--bcher-kva.example/"),
        ("https://straße.example/", "xn--strae-oqa.example/"),
        ("https://ｅｘａｍｐｌｅ．ｏｒｇ/", "example.org/"),
        ("https://example。org/", "example.org/"),
        ("https://exa\u00admple.org/", "example.org/"),
        ("https://ex%61mple.org/", "example.org/"),
        # there are hosts that IDNA 2008 forbids and browsers open
        ("https://☃.example/", "xn--n3h.example/"),
        ("https://xn--n3h.example/", "xn--n3h.example/"),
        ("https://xn--bcher-kva.пример.example/", "xn--bcher-kva.xn--e1afmkfd.example/"),
    ],
    "host: literal addresses in their one spelling": [
        ("http://127.0.0.1/a", "127.0.0.1/a"),
        ("http://127.0.0.1.:8000/a", "127.0.0.1:8000/a"),
        ("http://１２７.0.0.1/a", "127.0.0.1/a"),
        ("http://[::1]/a", "[::1]/a"),
        ("http://[::1]:8000/a", "[::1]:8000/a"),
        ("http://[2001:DB8:0:0:0:0:0:1]/a", "[2001:db8::1]/a"),
        ("http://[2001:db8:0:1:0:0:0:1]/a", "[2001:db8:0:1::1]/a"),
        ("http://[::FFFF:192.0.2.1]/a", "[::ffff:c000:201]/a"),
    ],
    "port: dropped when it is the scheme's own": [
        ("https://example.org:443/a", "example.org/a"),
        ("http://example.org:80/a", "example.org/a"),
        ("https://example.org:/a", "example.org/a"),
        ("https://example.org:000443/a", "example.org/a"),
        ("https://example.org:08443/a", "example.org:8443/a"),
        ("http://example.org:443/a", "example.org:443/a"),
        ("https://example.org:80/a", "example.org:80/a"),
        ("https://example.org:0/a", "example.org:0/a"),
        ("https://example.org:65535/a", "example.org:65535/a"),
    ],
    "path: the root is a slash": [
        (E, "example.org/"),
        (f"{E}/", "example.org/"),
        (f"{E}///", "example.org/"),
        (f"{E}?a=1", "example.org/?a=1"),
        (f"{E}#a", "example.org/"),
    ],
    "path: dot segments are walked, escaped or not, above the root too": [
        (f"{E}/a/./b", "example.org/a/b"),
        (f"{E}/a/../b", "example.org/b"),
        (f"{E}/a/%2e%2E/b", "example.org/b"),
        (f"{E}/a/.%2e/b", "example.org/b"),
        (f"{E}/a/%2e/b", "example.org/a/b"),
        (f"{E}/../../a", "example.org/a"),
        (f"{E}/a/b/..", "example.org/a"),
        (f"{E}/a/b/.", "example.org/a/b"),
        (f"{E}/..", "example.org/"),
        (f"{E}/a/...", "example.org/a/..."),
        (f"{E}/.well-known/a", "example.org/.well-known/a"),
        # an escaped slash ends no segment
        (f"{E}/a/..%2Fb", "example.org/a/..%2Fb"),
    ],
    "path: several slashes are one, after dots are walked, as browsers do it": [
        (f"{E}//a///b", "example.org/a/b"),
        (f"{E}/a//../b", "example.org/a/b"),
        (f"{E}/a//", "example.org/a"),
    ],
    "path: no slash at the end": [
        (f"{E}/a/", "example.org/a"),
        (f"{E}/a/?b=1", "example.org/a?b=1"),
        (f"{E}/a/#b", "example.org/a"),
    ],
    "path: no directory index": [
        (f"{E}/index.html", "example.org/"),
        (f"{E}/a/index.html", "example.org/a"),
        (f"{E}/a/index.htm", "example.org/a"),
        (f"{E}/a/index.php", "example.org/a"),
        (f"{E}/a/index.php?p=1", "example.org/a?p=1"),
        (f"{E}/a/default.htm", "example.org/a"),
        (f"{E}/a/default.asp", "example.org/a"),
        (f"{E}/a/Default.aspx", "example.org/a"),
        (f"{E}/a/index%2Ehtml", "example.org/a"),
        (f"{E}/a/index.html/", "example.org/a"),
        (f"{E}/a/index.php/index.html", "example.org/a"),
    ],
    "path: no other file is an index": [
        (f"{E}/a/Index.html", "example.org/a/Index.html"),
        (f"{E}/a/default.html", "example.org/a/default.html"),
        (f"{E}/a/index.xml", "example.org/a/index.xml"),
        (f"{E}/a/index.htmlx", "example.org/a/index.htmlx"),
        (f"{E}/a/my-index.html", "example.org/a/my-index.html"),
        (f"{E}/a/home.html", "example.org/a/home.html"),
        (f"{E}/index.php/a", "example.org/index.php/a"),
        (f"{E}/index.html;v=1", "example.org/index.html;v=1"),
    ],
    "path: case and matrix parameters are kept": [
        (f"{E}/About", "example.org/About"),
        (f"{E}/a;b=1/c;d", "example.org/a;b=1/c;d"),
    ],
    "backslash: a slash up to the query, as browsers have it": [
        ("https:\\\\example.org\\a", "example.org/a"),
        (f"{E}\\a\\..\\b", "example.org/b"),
        (f"{E}\\@example.net/", "example.org/@example.net"),
        (f"{E}/a%5Cb", "example.org/a%5Cb"),
        (f"{E}/?a=\\", "example.org/?a=%5C"),
    ],
    "fragment: dropped, whatever it holds": [
        (f"{E}/a#b", "example.org/a"),
        (f"{E}/a#", "example.org/a"),
        (f"{E}/a#!/b", "example.org/a"),
        (f"{E}/a#b?c=1", "example.org/a"),
        (f"{E}/a?b=1#c?d=2", "example.org/a?b=1"),
    ],
    "escapes: unreserved characters stand plain, the others' digits in upper case": [
        (f"{E}/%7Ea%2db%5f%2e", "example.org/~a-b_."),
        (f"{E}/%41%7a%30", "example.org/Az0"),
        (f"{E}/a%2fb", "example.org/a%2Fb"),
        (f"{E}/a%3fb%23c", "example.org/a%3Fb%23c"),
        (f"{E}/?a=%e2%82%ac", "example.org/?a=%E2%82%AC"),
    ],
    "escapes: punctuation that encoders treat differently and servers alike stands plain": [
        (f"{E}/%40a", "example.org/@a"),
        (f"{E}/a_%28b%29", "example.org/a_(b)"),
        (f"{E}/Talk%3aA,b%21%2A%24%26", "example.org/Talk:A,b!*$&"),
        (f"{E}/?u=https%3A%2F%2Fexample.net%2F%3fa%40b,%28c%29", "example.org/?u=https://example.net/?a@b,(c)"),
        (f"{E}/?a=b%3D%3D", "example.org/?a=b=="),
    ],
    "escapes: a delimiter and its escape differ": [
        (f"{E}/a%2bb%3bc%3dd", "example.org/a%2Bb%3Bc%3Dd"),
        (f"{E}/a+b;c=d", "example.org/a+b;c=d"),
        (f"{E}/?a%3db=c%26d%3be%2bf", "example.org/?a%3Db=c%26d%3Be%2Bf"),
    ],
    "escapes: what an address cannot hold is escaped, and no address holds a quote": [
        (f"{E}/a b", "example.org/a%20b"),
        (f'{E}/"<a>`|^{{}}', "example.org/%22%3Ca%3E%60%7C%5E%7B%7D"),
        (f"{E}/it's", "example.org/it%27s"),
        (f"{E}/?a=it's", "example.org/?a=it%27s"),
        (f"{E}/?a[]=1&a[]=0", "example.org/?a%5B%5D=1&a%5B%5D=0"),
        (f"{E}/a\u202eb", "example.org/a%E2%80%AEb"),
        (f"{E}/%00%0a%7f", "example.org/%00%0A%7F"),
    ],
    "escapes: a percent sign that escapes nothing is one": [
        (f"{E}/100%", "example.org/100%25"),
        (f"{E}/%zz%4", "example.org/%25zz%254"),
        (f"{E}/%%41", "example.org/%25A"),
        (f"{E}/?a=100%&b=%3", "example.org/?a=100%25&b=%253"),
        # and escapes are undone once
        (f"{E}/%2541", "example.org/%2541"),
        (f"{E}/%252e%252e/a", "example.org/%252e%252e/a"),
    ],
    "text: UTF-8, composed": [
        (f"{E}/é", "example.org/%C3%A9"),
        (f"{E}/e\u0301", "example.org/%C3%A9"),
        (f"{E}/%c3%a9", "example.org/%C3%A9"),
        (f"{E}/e%CC%81", "example.org/%C3%A9"),
        (f"{E}/%65%CC%81", "example.org/%C3%A9"),
        (f"{E}/?É=e\u0301", "example.org/?%C3%89=%C3%A9"),
        (f"{E}/日本", "example.org/%E6%97%A5%E6%9C%AC"),
        (f"{E}/😀", "example.org/%F0%9F%98%80"),
    ],
    "text: bytes that are no UTF-8 stay as they are": [
        (f"{E}/%e9", "example.org/%E9"),
        (f"{E}/%C3", "example.org/%C3"),
        (f"{E}/%C3é", "example.org/%C3%C3%A9"),
        (f"{E}/%C0%AF", "example.org/%C0%AF"),
        (f"{E}/%ED%A0%80", "example.org/%ED%A0%80"),
        (f"{E}/?a=%FF", "example.org/?a=%FF"),
    ],
    "query: sorted by name; a repeated name keeps its order": [
        (f"{E}/?b=1&a=2", "example.org/?a=2&b=1"),
        (f"{E}/?a=2&b=0&a=1", "example.org/?a=2&a=1&b=0"),
        (f"{E}/?B=1&a=1&A=1", "example.org/?A=1&B=1&a=1"),
        # names are compared as they are spelled in the key
        (f"{E}/?%62=1&a=2", "example.org/?a=2&b=1"),
    ],
    "query: an empty one is none, an empty parameter is none": [
        (f"{E}/a?", "example.org/a"),
        (f"{E}/a?#b", "example.org/a"),
        (f"{E}/a?&", "example.org/a"),
        (f"{E}/a?=", "example.org/a"),
        (f"{E}/a?&&b=1&", "example.org/a?b=1"),
    ],
    "query: a parameter without a value needs no equals sign": [
        (f"{E}/a?b=", "example.org/a?b"),
        (f"{E}/a?b", "example.org/a?b"),
        (f"{E}/a?=b", "example.org/a?=b"),
        (f"{E}/a?b==", "example.org/a?b=="),
    ],
    "query: plus is a space there, and only there": [
        (f"{E}/?a=b+c", "example.org/?a=b%20c"),
        (f"{E}/?a=b%20c", "example.org/?a=b%20c"),
        (f"{E}/?a=b c", "example.org/?a=b%20c"),
        (f"{E}/?a+b=1", "example.org/?a%20b=1"),
        (f"{E}/?a=b%2bc", "example.org/?a=b%2Bc"),
        (f"{E}/b+c", "example.org/b+c"),
    ],
    "query: `;` parts nothing": [
        (f"{E}/?p=a.git;h=b", "example.org/?p=a.git;h=b"),
        (f"{E}/?b=1;a=2&a=3", "example.org/?a=3&b=1;a=2"),
    ],
    "query: tracking parameters are dropped, whatever they hold": [
        (f"{E}/a?utm_source=b&utm_medium=c&utm_id=", "example.org/a"),
        (f"{E}/a?b=1&fbclid=c&d=2", "example.org/a?b=1&d=2"),
        (f"{E}/a?UTM_Source=b&FBCLID=c", "example.org/a"),
        (f"{E}/a?utm%5Fsource=b&%66bclid=c", "example.org/a"),
        (f"{E}/a?gclid", "example.org/a"),
        (f"{E}/a?_ga=1.2.3&_gl=1*b*c", "example.org/a"),
        (f"{E}/?utm_source=b#utm_source=c", "example.org/"),
    ],
    "query: words that are content somewhere are kept": [
        (f"{E}/?{word}=1", f"example.org/?{word}=1") for word in _CONTENT.split()
    ],
    "whitespace: trimmed around, and tabs and line ends dropped inside, as the URL standard has it": [
        (f"  {E}/a \n", "example.org/a"),
        (f"\t\f{E}/a\v", "example.org/a"),
        ("ht\ntps://exam\tple.org/a\r\n/b", "example.org/a/b"),
        (f"{E}/a /b", "example.org/a%20/b"),
        # a no-break space is text
        (f"{E}/a\u00a0", "example.org/a%C2%A0"),
    ],
}

#: Addresses that must share a thread, each for a reason that readers or owners of other systems met.
SAME = [
    (f"{E}/a", "http://EXAMPLE.org:80//a/index.html?utm_source=b&fbclid=c#d"),
    (f"{E}/a?b=1&c=2", f"{E}/a/?c=2&b=1"),
    (f"{E}/a?b", f"{E}/a?b="),
    (f"{E}/@reader", f"{E}/%40reader"),
    (f"{E}/wiki/A_(b)", f"{E}/wiki/A_%28b%29"),
    # URLSearchParams writes a query anew, and not as the browser writes addresses
    (f"{E}/?title=Talk:A/b c'd", f"{E}/?title=Talk%3AA%2Fb+c%27d"),
    (f"{E}/?a[]=1", f"{E}/?a%5B%5D=1"),
    (f"{E}/caf\u00e9", f"{E}/cafe%CC%81"),
    (f"{E}/a\\b", f"{E}/a/b"),
]

#: Addresses that must never share a thread.
DIFFERENT = [
    # hosts: the `www.` is for the site to decide, all others are other hosts
    (f"{E}/a", "https://www.example.org/a"),
    (f"{E}/a", "https://m.example.org/a"),
    (f"{E}/a", "https://example.org.example.net/a"),
    (f"{E}/a", "https://notexample.org/a"),
    ("https://straße.example/", "https://strasse.example/"),
    ("https://аpple.example/", "https://apple.example/"),
    ("http://[::ffff:192.0.2.1]/", "http://192.0.2.1/"),
    # ports
    (f"{E}/a", "https://example.org:8443/a"),
    ("https://example.org/a", "http://example.org:443/a"),
    ("https://example.org:80/a", "http://example.org/a"),
    # paths
    (f"{E}/a", f"{E}/A"),
    (f"{E}/a", f"{E}/a.html"),
    (f"{E}/a", f"{E}/a/amp"),
    (f"{E}/a", f"{E}/a;b=1"),
    (f"{E}/a/b", f"{E}/a%2Fb"),
    (f"{E}/a/b", f"{E}/a%5Cb"),
    (f"{E}/a;b", f"{E}/a%3Bb"),
    (f"{E}/a+b", f"{E}/a%20b"),
    (f"{E}/a+b", f"{E}/a%2Bb"),
    (f"{E}/a?b", f"{E}/a%3Fb"),
    (f"{E}/a", f"{E}/a%23b"),
    (f"{E}/%41", f"{E}/%2541"),
    (f"{E}/a%00", f"{E}/a"),
    (f"{E}/%E9", f"{E}/%C3%A9"),
    (f"{E}/a", f"{E}/index.php/a"),
    (f"{E}/index", f"{E}/"),
    # compatibility forms are characters of their own: no NFKC
    (f"{E}/ﬁ", f"{E}/fi"),
    (f"{E}/²", f"{E}/2"),
    # queries
    (f"{E}/?p=1", f"{E}/?p=2"),
    (f"{E}/?p=1", f"{E}/"),
    (f"{E}/?p=1", f"{E}/?P=1"),
    (f"{E}/?p=a", f"{E}/?p=A"),
    (f"{E}/?a=1&a=2", f"{E}/?a=2&a=1"),
    (f"{E}/?a=1", f"{E}/?a=1&a=1"),
    (f"{E}/?a=1%26b=2", f"{E}/?a=1&b=2"),
    (f"{E}/?a=b%2Bc", f"{E}/?a=b+c"),
    (f"{E}/?a%3Db", f"{E}/?a=b"),
    (f"{E}/?a;b", f"{E}/?a%3Bb"),
    (f"{E}/a?utm_source=b", f"{E}/utm_source=b"),
]

REFUSED = {
    "missing": ["", " ", "\n\t", "\f"],
    "had no value": ["null", "undefined", "NaN", "None", "NULL", "[object Object]", " null\n"],
    "not whole": [
        "/a",
        "a",
        "a/b.html",
        "?a=1",
        "#a",
        "..",
        "//example.org/a",
        "\\\\example.org\\a",
        "example.org",
        "example.org/a",
        "localhost:8000/a",
        "://example.org",
        "https:example.org",
        "https:/example.org/a",
        "https:?//example.org",
        "https:",
        "héttps://example.org",
    ],
    "Only https and http": [
        "about:blank",
        "about:srcdoc",
        "file:///home/a.html",
        "data:text/html,a",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "javascript://example.org/%0Aalert(1)",
        "blob:https://example.org/a",
        "view-source:https://example.org/a",
        "chrome-extension://abcdef/a.html",
        "mailto:a@example.org",
        "ftp://example.org/a",
        "ws://example.org/a",
        "httpss://example.org/a",
    ],
    "names no host": ["https://", "http:///a", "https:////example.org/a", "https://?a", "https://#a", "https://:443/"],
    "user name": [
        "https://a@example.org/",
        "https://a:b@example.org/",
        "https://@example.org/",
        "https://example.org@evil.example/",
        "https://example.org:443@evil.example/",
    ],
    "invalid host": [
        "https://exa mple.org/",
        "https://example..org/",
        "https://.example.org/",
        "https://example.org../",
        "https://./",
        "https://*.example.org/",
        "https://exam<ple.org/",
        "https://exa%6",
        "https://exa%00mple.org/",
        "https://exa%2Fmple.org/",
        "https://a%40example.org/",
        "https://%FF.example/",
        # characters that turn into delimiters when hosts are mapped (CVE-2019-9636)
        "https://example.org\uff0fevil.example/",
        "https://a\uff20example.org/",
        "https://example.org\u2100.evil.example/",
        "https://\u00ad/",
        "https://" + "a" * 64 + ".example/",
        "https://" + "ü" * 60 + ".example/",
        "https://" + "a." * 127 + "example/",
        # what ends in a number is an IPv4 address or nothing
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://127.0.0.0x1/",
        "http://0177.0.0.1/",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://example.1/",
        "http://www.1.2.3.4/",
        "http://[]/",
        "http://[::1/",
        "http://::1/",
        "http://[::g]/",
        "http://[127.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://a[::1]/",
        "http://[::1]a/",
    ],
    "invalid (host or )?port": [
        "https://example.org:a/",
        "https://example.org:65536/",
        "https://example.org:99999999999999999999/",
        "https://example.org:-1/",
        "https://example.org:8443:1/",
        "https://example.org:８０/",
        "https://example.org:%38/",
    ],
    "control characters": [
        f"{E}/\x00",
        f"{E}/a\x1bb",
        f"{E}/\x7f",
        f"{E}/\x85",
        f"{E}/\ud800",
        "https://\udfff.example/",
    ],
    "too long": [
        f"{E}/" + "a" * (MAX_KEY - 11),
        f"{E}/" + "日" * 230,
        # the key would do, but the link is longer than what was given
        E + "/" * 1000 + "\u1100\u1161\u11a8" * 40,
    ],
    "longer than": [E + "/" * MAX_URL, "a" * 100_000, " " * 100_000],
}

ORIGINS = [
    ("https://example.org", "https://example.org"),
    ("https://Example.org/", "https://example.org"),
    ("http://example.org", "http://example.org"),
    ("example.org", "https://example.org"),
    (" EXAMPLE.org/ ", "https://example.org"),
    ("www.example.org", "https://www.example.org"),
    ("example.org:8443", "https://example.org:8443"),
    ("localhost:8000", "https://localhost:8000"),
    ("http://localhost:8000/", "http://localhost:8000"),
    ("https://example.org:443", "https://example.org"),
    ("http://example.org:443", "http://example.org:443"),
    ("https://example.org.", "https://example.org"),
    ("bücher.example", "https://xn--bcher-kva.example"),
    ("http://[::1]:8000", "http://[::1]:8000"),
    ("127.0.0.1:8000", "https://127.0.0.1:8000"),
]

NO_ORIGINS = [
    ("", "missing"),
    ("null", "had no value"),
    ("https://", "names no host"),
    ("http:", "not whole"),
    ("//example.org", "names no host"),
    ("*", "invalid host"),
    ("https://*.example.org", "invalid host"),
    ("https://a@example.org", "user name"),
    ("a@example.org", "user name"),
    ("https://example.org/blog", "no path"),
    ("example.org/blog/", "no path"),
    ("https://example.org/?a=1", "no path"),
    ("https://example.org https://example.net", "invalid host"),
    ("https://example.org,https://example.net", "invalid host"),
    ("file:///a", "Only https and http"),
    ("chrome-extension://abcdef", "Only https and http"),
]

#: What is no http or https origin as a browser spells it.
NO_HEADERS = [
    None,
    "",
    "null",
    "https://",
    "http://",
    "//good.example",
    "good.example",
    "https://good.example/",
    "https://good.example/a",
    "https://good.example?",
    "https://good.example#",
    "https://good.example:443",
    "http://good.example:80",
    "https://good.example:",
    "https://good.example:08443",
    "https://Good.example",
    "HTTPS://good.example",
    "https://good.example.",
    "https://bücher.example",
    "https://a@good.example",
    " https://good.example",
    "https://good.example\t",
    "https://good.example https://evil.example",
    "https://good.example, https://good.example",
    "https:\\\\good.example",
    "https://[0:0:0:0:0:0:0:1]",
    "file://",
    "chrome-extension://abcdef",
    "https://" + "a" * 3000,
]


def _cases() -> list[object]:
    return [pytest.param(given, key, id=f"{rule}: {given!a}") for rule, rows in KEYS.items() for given, key in rows]


@pytest.mark.parametrize(("given", "key"), _cases())
def test_an_address_has_this_page_key(given: str, key: str) -> None:
    assert parse(given).key == key


@pytest.mark.parametrize("name", _TRACKING.split())
def test_a_tracking_parameter_is_in_neither_key_nor_link(name: str) -> None:
    address = parse(f"{E}/a?b=1&{name}=x%20y")

    assert (address.key, address.url) == ("example.org/a?b=1", f"{E}/a?b=1")


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_addresses_are_one_page(one: str, other: str) -> None:
    assert parse(one).key == parse(other).key


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_these_addresses_are_two_pages(one: str, other: str) -> None:
    assert parse(one).key != parse(other).key


@pytest.mark.parametrize(
    ("given", "reason"), [(given, reason) for reason, values in REFUSED.items() for given in values]
)
def test_what_is_no_page_is_refused_with_the_reason(given: str, reason: str) -> None:
    with pytest.raises(NotAPage) as caught:
        parse(given)

    assert re.search(reason, caught.value.reason)
    assert len(caught.value.reason) < 100, "the reason must not repeat the address"


#: The address to link to keeps what a server may insist on: slashes, index files, the order of parameters, plus signs,
#: decomposed letters in file names.
LINKS = [
    (E, f"{E}/"),
    ("HTTP://WWW.Example.org.:80", "http://www.example.org/"),
    ("http://bücher.example:8000/a", "http://xn--bcher-kva.example:8000/a"),
    (f"{E}/a/", f"{E}/a/"),
    (f"{E}//a//", f"{E}//a//"),
    (f"{E}/a/index.html", f"{E}/a/index.html"),
    (f"{E}/a/./b/../c", f"{E}/a/c"),
    (f"{E}/a/..", f"{E}/"),
    (f"{E}/a/b/.", f"{E}/a/b/"),
    (f"{E}/e\u0301", f"{E}/e%CC%81"),
    (f"{E}/%7ea b%2fc", f"{E}/~a%20b%2Fc"),
    (f"{E}/?b=1+2&a=&a", f"{E}/?b=1+2&a=&a"),
    (f"{E}/?utm_source=a", f"{E}/"),
    (f"{E}/?a=1&&utm_source=a&b=2#c", f"{E}/?a=1&b=2"),
    (f"{E}/?x='onload=alert(1)\"><b>", f"{E}/?x=%27onload=alert(1)%22%3E%3Cb%3E"),
]


@pytest.mark.parametrize(("given", "url"), LINKS)
def test_the_link_keeps_what_a_server_may_insist_on(given: str, url: str) -> None:
    assert parse(given).url == url


@pytest.mark.parametrize(
    ("given", "origin_", "key", "bare_key"),
    [
        ("https://www.example.org/a?b", "https://www.example.org", "www.example.org/a?b", "example.org/a?b"),
        ("http://WWW.example.org:8080/", "http://www.example.org:8080", "www.example.org:8080/", "example.org:8080/"),
        ("https://example.org/", "https://example.org", "example.org/", "example.org/"),
        # one `www.`, and only a whole label in front of a name that has a dot of its own
        ("https://www.www.example.org/", "https://www.www.example.org", "www.www.example.org/", "www.example.org/"),
        ("https://wwwexample.org/", "https://wwwexample.org", "wwwexample.org/", "wwwexample.org/"),
        ("https://www2.example.org/", "https://www2.example.org", "www2.example.org/", "www2.example.org/"),
        ("https://www.com/www.", "https://www.com", "www.com/www.", "www.com/www."),
        ("https://www/", "https://www", "www/", "www/"),
    ],
)
def test_an_address_has_an_origin_and_a_key_without_www(given: str, origin_: str, key: str, bare_key: str) -> None:
    address = parse(given)

    assert (address.origin, address.key, address.bare_key) == (origin_, key, bare_key)


def test_the_longest_address_and_the_longest_key_are_accepted() -> None:
    assert len(parse(f"{E}/" + "a" * (MAX_KEY - 12)).key) == MAX_KEY
    assert len(parse(f"{E}/" + "日" * 200).key) == 12 + 200 * 9
    assert parse(f"{E}/a".ljust(MAX_URL, "/")).key == "example.org/a"
    assert parse(f"{E}/a?fbclid=".ljust(MAX_URL, "b")).key == "example.org/a"


@pytest.mark.parametrize(("given", "expected"), ORIGINS)
def test_an_operators_origin_is_normalised(given: str, expected: str) -> None:
    assert origin(given) == expected


@pytest.mark.parametrize(("given", "reason"), NO_ORIGINS)
def test_what_is_no_origin_is_refused_with_the_reason(given: str, reason: str) -> None:
    with pytest.raises(NotAPage, match=reason):
        origin(given)


@pytest.mark.parametrize(
    "value",
    [
        "https://good.example",
        "http://good.example",
        "https://good.example:8443",
        "http://[::1]:8000",
        "http://127.0.0.1",
    ],
)
def test_an_origin_header_is_taken_as_it_is(value: str) -> None:
    assert origin_header(value) == value


@pytest.mark.parametrize("value", NO_HEADERS)
def test_an_origin_header_in_any_other_spelling_is_none(value: str | None) -> None:
    assert origin_header(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "http://good.example",
        "https://good.example:8443",
        "https://www.good.example",
        "https://good.example.evil.example",
        "https://evilgood.example",
        "https://good.example-evil.example",
        "https://xn--god-4qa.example",
    ],
)
def test_the_header_of_another_origin_never_equals_the_sites(value: str) -> None:
    assert origin_header(value) == value != origin("good.example")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("42", "#42"),
        (" 42\n", "#42"),
        ("2024/My first", "#2024/My first"),
        ("Case", "#Case"),
        ("#a", "##a"),
        ("https://example.org/a?utm_source=b", "#https://example.org/a?utm_source=b"),
        ("cafe\u0301", "#caf\u00e9"),
        ("nullable", "#nullable"),
        ("0", "#0"),
        ("日" * MAX_ID, "#" + "日" * MAX_ID),
    ],
)
def test_an_owners_id_is_kept_as_it_is_but_trimmed_and_composed(given: str, key: str) -> None:
    assert owner_key(given) == key


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("null", "had no value"),
        ("undefined ", "had no value"),
        ("[object Object]", "had no value"),
        ("None", "had no value"),
        ("NaN", "had no value"),
        ("{{ page.id }}", "template"),
        ("{% page_id %}", "template"),
        ("<%= page.id %>", "template"),
        ("${id}", "template"),
        ("a" * (MAX_ID + 1), "longer"),
        # one that grows when it is composed
        ("\u0958" * MAX_ID, "longer"),
        ("\u0301\u0316" * 50_000, "longer"),
        ("a\nb", "control characters"),
        ("a\x00", "control characters"),
        ("a\x9f", "control characters"),
        ("\ud800", "control characters"),
    ],
)
def test_an_owners_id_that_names_no_page_is_refused_with_the_reason(given: str, reason: str) -> None:
    with pytest.raises(NotAPage, match=reason):
        owner_key(given)


#: a busy machine is no fault of these rules; what they cost is looked at below
_PATIENT = settings(deadline=None)

#: pieces that meet each other in ways nobody would write down
_ASCII_PIECES = r"""
    a B . .. / // \ ? # & = + ; : @ ~ ! $ ( ) * , ' " < > [ ] { | % %2 %2e %2E %2F %5c %25 %26 %2b %3D %3b %00
    %C3 %A9 %c3%a9 %CC%81 %E2%82 %ED%A0%80 %FF
    index.html index.php Default.aspx utm_source= fbclid= gclid ref= a= a[]="""
_OTHER_PIECES = [
    *(" ", "\t", "é", "e\u0301", "\u0301", "\u0338", "\u00ad", "ü", "日", "😀", "ſ", "ﬁ", "！", "；"),
    # the Kelvin sign and the Greek question mark compose to ASCII
    *("\u212a", "\u037e", "m\u212at_tok="),
]
_PIECES = st.sampled_from(_ASCII_PIECES.split() + _OTHER_PIECES)
_TAILS = st.lists(_PIECES, max_size=25).map("".join)
_HOSTS = st.sampled_from(
    ["example.org", "www.Example.org", "www.com", "bücher.example.", "[::1]", "[::ffff:1.2.3.4]", "127.0.0.1", "a_b"]
)
_PORTS = st.sampled_from(["", ":", ":80", ":443", ":08443"])
_ADDRESSES = st.builds(
    "{}://{}{}{}{}".format, st.sampled_from(["http", "HTTPS"]), _HOSTS, _PORTS, st.sampled_from("/?#"), _TAILS
)


@_PATIENT
@given(_ADDRESSES)
@example(f"{E}/a?m\u212at_tok=b")
@example(f"{E}/=\u0338?=\u0338=%CC%B8")
@example(f"{E}/%C3%%A9")
def test_link_and_key_of_an_address_mean_the_same_page_again(url: str) -> None:
    address = parse(url)

    assert parse(address.url) == address
    scheme = address.origin.partition(":")[0]
    assert parse(f"{scheme}://{address.key}").key == address.key


@_PATIENT
@given(_ADDRESSES)
def test_an_address_holds_nothing_that_could_end_an_attribute_or_a_line(url: str) -> None:
    address = parse(url)

    for part in (address.origin, address.key, address.bare_key, address.url):
        assert re.fullmatch(r"[A-Za-z0-9._~!$&()*+,/:;=?@%\[\]-]+", part)
    assert not address.key.startswith("#")


@_PATIENT
@given(_ADDRESSES)
def test_the_origin_of_an_address_is_one_that_a_browser_sends(url: str) -> None:
    address = parse(url)

    assert origin_header(address.origin) == origin(address.origin) == address.origin
    assert address.url.startswith(f"{address.origin}/")


_VALUES = st.text(st.sampled_from("ab=+%2é "), max_size=4)


@_PATIENT
@given(st.data(), st.dictionaries(st.sampled_from("abcdé"), st.lists(_VALUES, min_size=1, max_size=3)))
def test_the_key_does_not_depend_on_the_order_of_names(data: st.DataObject, values: dict[str, list[str]]) -> None:
    # interleaved at will, each name's own values in their order
    names = data.draw(st.permutations([name for name, own in values.items() for _ in own]))
    left = {name: iter(own) for name, own in values.items()}
    mixed = "&".join(f"{name}={next(left[name])}" for name in names)
    in_order = "&".join(f"{name}={value}" for name, own in values.items() for value in own)

    assert parse(f"{E}/?{mixed}#").key == parse(f"{E}/?{in_order}#").key


@_PATIENT
@given(st.one_of(st.text(), _TAILS, _TAILS.map("https://".__add__), st.text().map("http://".__add__)))
@example("https://[")
@example("https://]")
@example("https://[::1%00]/")
@example("https://xn--/")
@example("https://xn--\u0308/")
@example("https://\u06660.example/")
def test_nothing_but_not_a_page_is_ever_raised(value: str) -> None:
    for function in (parse, origin, owner_key):
        try:
            assert isinstance(function(value), Address if function is parse else str)
        except NotAPage:
            continue
    assert origin_header(value) in (None, value)


@pytest.mark.parametrize(
    "hostile",
    [
        E + "/" * (MAX_URL - len(E)),
        (f"{E}/" + "../" * MAX_URL)[:MAX_URL],
        (f"{E}/" + "%" * MAX_URL)[:MAX_URL],
        (f"{E}/" + "%3B" * MAX_URL)[:MAX_URL],
        (f"{E}/" + "index.html/" * MAX_URL)[:MAX_URL],
        (f"{E}/?" + "&a" * MAX_URL)[:MAX_URL],
        (f"{E}/?" + "a=1&" * MAX_URL)[:MAX_URL],
        (f"{E}/" + "\u0301\u0316" * MAX_URL)[:MAX_URL],
        ("https://" + "ü" * MAX_URL)[:MAX_URL],
        ("https://" + "a." * MAX_URL)[:MAX_URL],
        ("https://[" + "0:" * MAX_URL)[:MAX_URL],
        "https://example.org/" + "a/../" * 100_000,
        "\u0301\u0316" * 50_000,
    ],
    ids=lambda hostile: hostile[:32],
)
def test_no_string_costs_much(hostile: str) -> None:
    def try_all() -> None:
        for function in (parse, origin, owner_key):
            with suppress(NotAPage):
                function(hostile)

    # milliseconds in fact; the bound only has to tell them from a quadratic run
    assert cost.of(try_all, enough=50) <= 50
