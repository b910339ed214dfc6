"""URL -> page key: which addresses mean one page.

A thread hangs on its key, so every rule here is a promise to stored threads: whoever changes one recomputes the stored
keys in the same release. The two possible mistakes weigh differently. Two keys for one page are mended by an alias or
a merge; one key for two pages mixes their threads for good. In doubt the rules therefore keep addresses apart.

Each address is spelled twice. `url`, which is shown and linked to, loses only what servers do not look at; `key` also
what few of them tell apart (the slash at the end, index.html, the order of parameters), for which a link could break.
The parts are taken apart here and not by `urllib.parse.urlsplit`, which strips and refuses something else in every
other Python release, while browsers follow https://url.spec.whatwg.org/, and it is browsers that send addresses here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from unicodedata import normalize
from urllib.parse import quote, unquote

import idna

from service.errors import NotAPage

#: longest address, as given and as normalised (characters): what every browser and proxy in use still carries
MAX_URL = 2048
#: longest page key in code points of what it spells: an escaped letter counts once, or a Thai or Chinese title of sixty
#: letters, nine characters of escapes each, would be no page. Escaped, a key is bounded by MAX_URL.
MAX_KEY = 512
#: longest id that an owner may give a page (code points); with its mark it fits into a key
MAX_ID = 500

_PORTS = {"http": "80", "https": "443"}
#: what scripts and templates hand over when they have no value: all such pages would share one thread
_VALUELESS = frozenset({"null", "NULL", "undefined", "NaN", "None", "[object Object]"})
_TEMPLATE_MARKS = ("{{", "{%", "<%", "${")

# a colon before a digit ends a host, not a scheme: localhost:8000
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::([0-9]*))?")
# wider than RFC 1123, for hosts with "_" and with hyphens at the ends exist, and browsers open them
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

#: Stock directory indexes of Apache, nginx and PHP (index.*) and of IIS (default.*). No others: every further name is a
#: page of its own somewhere. IIS knows no case, and Default.aspx is its custom; the others tell Index.html apart.
_INDEX = re.compile(r"index\.(?:html?|php)|(?i:default\.(?:htm|aspx?))")

#: Parameters that say where a reader came from and nothing about the page, matched whole. Plain words (ref, source, id,
#: from, s) are content somewhere and stay. In this order: families (Google Analytics, Matomo, HubSpot, Cloudflare's
#: challenge), clicks on advertisements, shares in social networks, measuring across domains, newsletters.
_TRACKING = re.compile(
    r"""(?:utm|mtm|hsa|__cf_chl)_.*
    |gclid|gclsrc|dclid|gbraid|wbraid|gad_source|gad_campaignid|srsltid|fbclid|msclkid|yclid|ysclid|ymclid|_openstat
    |twclid|ttclid|li_fat_id|epik|rdt_cid|sccid|s_kwcid|ef_id|s_cid|dicbo|tblci|irclickid|cjevent|rb_clickid
    |igshid|igsh|mibextid|fb_action_ids|fb_action_types|fb_source|fb_ref|ref_src|__twitter_impression
    |_ga|_gl|pk_(?:campaign|cid|content|keyword|kwd|medium|source)|piwik_(?:campaign|kwd)|xtor|_branch_match_id
    |mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi|__hs(?:tc|sc|fp)|hsctatracking|vero_id|vero_conv|oly_anon_id|oly_enc_id|_kx|__s
    |ml_subscriber|ml_subscriber_hash|ck_subscriber_id|_bhlid|wickedid""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class _Spelling:
    """How a part of an address is spelled.

    `plain` stands unescaped, as do RFC 3986's unreserved characters; all else is escaped. So `@` and `%40` are one:
    encoders disagree about such characters (encodeURI, encodeURIComponent, PHP), and servers decode before they look.
    What `kept` matches stays escaped, for unescaped it is a delimiter to some server: matrix parameters, form spaces.
    """

    plain: str
    kept: re.Pattern[str]


# "'" is never plain: browsers escape it in queries, and so no address we show can end an attribute
_SEGMENT = _Spelling("!$&()*+,:;=@", re.compile("(%(?:2B|3B|3D))", re.IGNORECASE))
_NAME = _Spelling("!$()*+,/:;?@", re.compile("(%(?:2B|3B))", re.IGNORECASE))
_VALUE = _Spelling(_NAME.plain + "=", _NAME.kept)


@dataclass(frozen=True)
class Address:
    """A page's address, normalised, before its site is known. All are ASCII without spaces, quotes and angle brackets.

    `origin` is scheme, host, and the port unless it is the scheme's own; `key` the page key (host, path, query; no
    scheme); `bare_key` the same without a leading `www.`; `url` the whole address, to show and to link to.
    """

    origin: str
    key: str
    bare_key: str
    url: str


@lru_cache(maxsize=4096)  # pure, and asked for the same few pages again and again
def parse(url: str) -> Address:
    """Return the address that `url`, absolute and http or https, means. Raises NotAPage."""
    scheme, host, path, query = _parts(_cleaned(url))
    # escapes first, for %2e is a dot (as in browsers)
    segments = _walked([_spelled(segment, _SEGMENT) for segment in path.split("/")[1:]])
    parameters = [parameter for parameter in map(_Parameter.read, query.split("&")) if not parameter.is_noise]

    base = f"{scheme}://{host}"
    whole = _joined(f"{base}/{'/'.join(segments)}", [parameter.written for parameter in parameters])
    # sorted by name alone, and stably: a repeated name is a list to PHP and Rails, and a list has an order
    ordered = sorted(parameters, key=lambda parameter: parameter.name)
    key = _joined(host + _trimmed(segments), [parameter.key for parameter in ordered])
    if len(whole) > MAX_URL or len(key) > MAX_URL or len(unquote(key)) > MAX_KEY:
        raise NotAPage(f"The address is too long: host, path and query may have {MAX_KEY} characters.")

    # www.com is a name of its own
    is_www = host.startswith("www.") and "." in host[4:]
    return Address(base, key, key[4:] if is_www else key, whole)


def origin(value: str) -> str:
    """Return the origin an operator means by `Example.org`, which is https, or by `http://localhost:8000/`.

    Raises NotAPage; also for an address with a path, as the whole origin would be let in where one folder was meant.
    """
    value = _cleaned(value)
    address = parse(value if _SCHEME.match(value) else f"https://{value}")
    if address.url != f"{address.origin}/":
        raise NotAPage("An origin has no path: write it like https://example.org.")
    return address.origin


def other_www(host: str) -> str:
    """Return a host, or what begins with one, without its `www.`, or with one where it has none."""
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


def origin_header(value: str | None) -> str | None:
    """Return what an Origin header says, or None when it is no http or https origin.

    Browsers send an origin in one spelling only (RFC 6454, section 6.2; Fetch, "serialize a request origin"). Any other
    is `null` or not from a browser, and must not be normalised into one that a site admits.
    """
    try:
        return value if value is not None and origin(value) == value else None
    except NotAPage:
        return None


def owner_key(page_id: str) -> str:
    """Return the page key for an owner's own id: "#" and the id, which no host begins with. Raises NotAPage."""
    page_id = page_id.strip()
    # before anything is done with it: normalising costs the square of a long run of combining marks
    if len(page_id) <= MAX_ID:
        page_id = normalize("NFC", page_id)
    if not page_id:
        raise NotAPage("The page id is empty.")
    if len(page_id) > MAX_ID:
        raise NotAPage(f"The page id is longer than {MAX_ID} characters.")
    if page_id in _VALUELESS:
        raise NotAPage(f'The page id is "{page_id}": the page had no value to hand over.')
    if any(mark in page_id for mark in _TEMPLATE_MARKS):
        raise NotAPage("The page id is a piece of a template that was not filled in.")
    if _UNFIT.search(page_id):
        raise NotAPage("The page id holds control characters.")
    return f"#{page_id}"


@dataclass(frozen=True)
class _Parameter:
    written: str  # as the url has it
    name: str  # as the key has it, and sorts by
    key: str

    @classmethod
    def read(cls, text: str) -> _Parameter:
        name, equals, value = text.partition("=")
        written = _spelled(name, _NAME) + equals + _spelled(value, _VALUE)
        # a form's "+" is a space to all that read forms, and "?a" is to them "?a="
        name = _spelled(name.replace("+", " "), _NAME, composed=True)
        value = _spelled(value.replace("+", " "), _VALUE, composed=True)
        return cls(written, name, f"{name}={value}" if value else name)

    @property
    def is_noise(self) -> bool:
        return not self.key or _TRACKING.fullmatch(self.name) is not None


def _cleaned(url: str) -> str:
    if len(url) > MAX_URL:
        raise NotAPage(f"The address is longer than {MAX_URL} characters.")
    # pasted and wrapped addresses: the URL standard drops tabs and line ends wherever they are
    url = re.sub(r"[\t\r\n]", "", url).strip(" \f\v")
    if not url:
        raise NotAPage("The address of the page is missing.")
    if url in _VALUELESS:
        raise NotAPage(f'The address is "{url}": the page had no value to hand over.')
    if _UNFIT.search(url):
        raise NotAPage("The address holds control characters.")
    return url


def _parts(url: str) -> tuple[str, str, str, str]:
    """Return scheme, host with port, path from its first slash on, and query; the fragment is dropped."""
    found = _SCHEME.match(url)
    if not found:
        raise NotAPage("The address is not whole: it has to begin with https:// or http://.")
    scheme = found[1].lower()
    if scheme not in _PORTS:
        raise NotAPage("Only https and http addresses are pages.")
    path, _, query = url[found.end() :].partition("#")[0].partition("?")
    # browsers read "\" as "/" up to the query; read otherwise, https://good.example\@evil.example has another host here
    # than there
    path = path.replace("\\", "/")
    if not path.startswith("//"):
        raise NotAPage("The address is not whole: it has to begin with https:// or http://.")
    authority, slash, path = path[2:].partition("/")
    if "@" in authority:
        raise NotAPage("The address holds a user name or a password.")
    split = _AUTHORITY.fullmatch(authority)
    if not split:
        raise NotAPage("The address holds an invalid host or port.")
    return scheme, _host(split[1]) + _port(split[2] or "", scheme), slash + path, query


def _host(text: str) -> str:
    """Return the host as browsers spell it, in ASCII."""
    if not text:
        raise NotAPage("The address names no host.")
    try:
        if text.startswith("["):
            return _ipv6(text[1:-1])
        mapped = idna.uts46_remap(unquote(text, errors="strict"), std3_rules=False).removesuffix(".")
        # as browsers do it, and not idna.alabel(): IDNA 2008 knows no emoji, and there are hosts named by them
        labels = [
            label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in mapped.split(".")
        ]
        host = ".".join(labels)
        # what ends in a number is an address to browsers, who send it in four decimal parts
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(host))
    except ValueError as error:
        raise NotAPage("The address holds an invalid host.") from error
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise NotAPage("The address holds an invalid host.")
    return host


def _ipv6(text: str) -> str:
    if "%" in text:
        raise ValueError("a zone is known to one machine only")
    address = IPv6Address(text)
    if address.ipv4_mapped is None:
        return f"[{address.compressed}]"
    # browsers write these without dots; Python does or does not, from 3.13 on it does
    high, low = divmod(int(address.ipv4_mapped), 0x10000)
    return f"[::ffff:{high:x}:{low:x}]"


def _port(digits: str, scheme: str) -> str:
    port = digits.lstrip("0") or digits[:1]
    if len(port) > 5 or int(port or 0) > 65535:
        raise NotAPage("The address holds an invalid port.")
    return "" if port in ("", _PORTS[scheme]) else f":{port}"


def _spelled(text: str, spelling: _Spelling, *, composed: bool = False) -> str:
    """Return `text` with every character in its one spelling; bytes that are no UTF-8 stay escaped as they are.

    `composed` also makes é one character (NFC) where it was two. Only for keys: a file named by a Mac keeps its two,
    and the server finds it by them alone.
    """
    pieces = spelling.kept.split(text)
    for index, piece in enumerate(pieces):
        if index % 2:
            pieces[index] = piece.upper()
            continue
        # raw lone surrogates were refused, so those in here are bytes, and come out as the bytes they were
        piece = unquote(piece, errors="surrogateescape")
        piece = normalize("NFC", piece) if composed else piece
        pieces[index] = quote(piece, safe=spelling.plain, errors="surrogateescape")
    return "".join(pieces)


def _walked(segments: list[str]) -> list[str]:
    """Return the segments without "." and ".." (RFC 3986, 5.2.4). Empty ones count: they are collapsed later."""
    walked: list[str] = []
    for segment in segments:
        if segment == "..":
            del walked[-1:]
        elif segment != ".":
            walked.append(segment)
    return [*walked, ""] if segments and segments[-1] in (".", "..") else walked


def _trimmed(segments: list[str]) -> str:
    """Return the path as the key has it: no empty segments, no directory index, no slash at the end but the root."""
    kept = [_spelled(segment, _SEGMENT, composed=True) for segment in segments if segment]
    while kept and _INDEX.fullmatch(kept[-1]):
        kept.pop()
    return "/" + "/".join(kept)


def _joined(base: str, parameters: list[str]) -> str:
    return f"{base}?{'&'.join(parameters)}" if parameters else base
