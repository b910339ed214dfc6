"""The proxy as a wall: whose word counts, what is too large, too slow, or not to be understood in one way only."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Callable

import pytest

from tests.deploy.conftest import Front
from tests.deploy.proxy import NAME, free_port, header
from tests.faults.accounting import settle_accounts
from tests.faults.clients import Ledger
from tests.faults.harness import HOST, ORIGIN, Answer, Service, await_

#: other addresses of this machine
OTHER, SLOW = "127.0.0.2", "127.0.0.3"
SLOW_CLIENTS = 200
#: what the shipped file makes of an address or of an encoding, told by a server of the test's own
MAPS = """
server {
    listen 127.0.0.1:PORT;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Test-Address;
    location / { return 200 "$afterword_client|$afterword_network|$afterword_encoding|$afterword_path"; }
}
"""

_POST = "POST /api/v1/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
_SMUGGLED = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def send(front: Front, ledger: Ledger, source: str = HOST, **headers: str) -> Answer:
    """Post a new comment through the proxy, with further headers."""
    note = ledger.note(ledger.pages(1)[0])
    body, own = note.request()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = front.proxy.ask("POST", "/api/v1/comments", body, own | named, source)
    ledger.told(note, answer)
    return answer


def status(answer: bytes) -> int:
    """Return the status of a raw answer, 0 where there is none."""
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(found[1]) if found else 0


@pytest.mark.slow
def test_no_header_gets_round_a_limit(put_up: Callable[..., Front]) -> None:
    front = put_up(LIMIT_POSTS="3/hour")
    ledger = Ledger(front.service)
    said = [
        {},
        {"X_Forwarded_For": "203.0.113.7"},
        {"X_Forwarded_For": "203.0.113.7, 198.51.100.2", "Forwarded": "for=203.0.113.9"},
        {"X_Real_IP": "203.0.113.8"},
        {"CF_Connecting_IP": "203.0.113.9", "True_Client_IP": "203.0.113.9"},
        {"Forwarded": 'for="[2001:db8::1]"'},
        {"X_Forwarded_For": "127.0.0.1"},
    ]
    assert [send(front, ledger, **headers).status for headers in said] == [201] * 3 + [429] * 4
    assert send(front, ledger, OTHER).status == 201, "whoever really comes from elsewhere has a limit of their own"
    head = front.relay.heads[-1]
    assert header(head, "X-Forwarded-For") == [OTHER]
    for name in ("X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X-Forwarded-Host"):
        assert header(head, name) == []
    refused = send(front, ledger)
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.content["type"] == "/problems/too-many"
    settle_accounts(ledger)


@pytest.mark.parametrize("forged", ["evil.example", "evil.example:443", "127.0.0.1", ""])
def test_the_service_hears_of_no_host_but_its_own(front: Front, forged: str) -> None:
    front.proxy.ask("GET", "/", headers={"Host": forged, "X-Forwarded-Host": "evil.example"})
    assert header(front.relay.heads[-1], "Host") == [NAME]
    answer = front.proxy.say(b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert status(answer) == 200
    assert b"evil" not in answer
    assert header(front.relay.heads[-1], "Host") == [NAME]


@pytest.fixture(scope="module")
def mapped(put_up: Callable[..., Front]) -> Callable[..., list[str]]:
    """Return a function that tells what the shipped maps make of an address, an encoding, a path."""
    port = free_port()
    front = put_up(more=MAPS.replace("PORT", str(port)))
    asked = Service(front.service.folder)
    asked.port = port

    def tell(address: str, encoding: str = "", path: str = "/") -> list[str]:
        answer = asked.ask("GET", path, headers={"X-Test-Address": address, "Accept-Encoding": encoding})
        return str(answer.content).split("|")

    return tell


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "client", "logged"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:", "2001:db8:1::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2:", "2001:db8:1::"),
        ("2001:db8:1:2::1", "2001:db8:1:2:", "2001:db8:1::"),
        ("2001:db8:1::7", "2001:db8:1:", "2001:db8:1::"),
        ("2001:db8::7", "2001:db8:", "2001:db8::"),
        ("::1", "::1", "-"),
    ],
)
def test_a_network_counts_as_one_and_no_address_is_logged(
    mapped: Callable[..., list[str]], address: str, client: str, logged: str
) -> None:
    assert mapped(address)[:2] == [client, logged]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("", "identity"), ("br", "br"), ("gzip", "gzip"), ("GZIP", "gzip"), ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"), ("br;q=0.0,gzip;q=0.000", "identity"), ("br ; q=0, gzip", "gzip"),
        ("br;q=0.1", "br"), ("br;q=1", "br"), ("*", "identity"), ("identity", "identity"), ("deflate", "identity"),
        ("brotli, x-gzip, xbr", "identity"), ("gzip;q=0, br", "br"), ("deflate,gzip", "gzip"), (";;;,,q=x", "identity"),
    ],
)  # fmt: skip
def test_encodings_are_told_apart_as_the_service_does(mapped: Callable[..., list[str]], given: str, taken: str) -> None:
    assert mapped("203.0.113.7", given)[2] == taken


def test_no_token_and_no_query_is_logged(mapped: Callable[..., list[str]], front: Front) -> None:
    for path in ("/admin/setup/SECRET", "/admin/password/SECRET"):
        assert mapped("203.0.113.7", "", path)[3] == path.replace("SECRET", "...")
        front.proxy.ask("GET", path)
    front.proxy.ask("GET", "/thread?page=SECRET")
    await_("the log", lambda: '"GET /thread"' in front.proxy.log())
    assert "SECRET" not in front.proxy.log()
    assert "127.0.0.0 [" in front.proxy.log()
    assert HOST not in front.proxy.log()


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/readyz", "/metrics/", "/readyz/x", "//metrics", "/%6detrics", "/x/../readyz", "/./metrics",
     "/metrics?x=/thread"],
)  # fmt: skip
def test_what_is_for_operators_machines_is_not_to_be_had_from_outside(front: Front, path: str) -> None:
    before = len(front.relay.heads)
    assert front.proxy.ask("GET", path).status == 404
    assert len(front.relay.heads) == before


def test_the_inner_server_has_nothing_but_reads(front: Front) -> None:
    site = (front.proxy.folder / "site.conf").read_text()
    inner = Service(front.service.folder)
    inner.port = int(re.findall(r"listen 127\.0\.0\.1:(\d+);", site)[0])
    assert inner.ask("GET", "/admin/").status == inner.ask("GET", "/readyz").status == 404
    assert front.proxy.ask("GET", "/asked/readyz").status == 404


@pytest.mark.fault("F15")
@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("/api/v1/comments", 64 * 1024, 400),
        ("/api/v1/comments", 64 * 1024 + 1, 413),
        ("/thread", 190 * 1024, 403),
        ("/thread", 193 * 1024, 413),
        ("/api/v1/admin/bans", 257 * 1024, 413),
        ("/api/v1/admin/sites/blog/rules", 300 * 1024, 401),
        ("/api/v1/admin/sites/blog/rules", 4 * 1024 * 1024 + 1, 413),
        ("/api/v1/admin/spam/import", 32 * 1024 * 1024 + 1, 413),
    ],
)
def test_a_body_is_as_large_as_the_service_takes_it_and_no_larger(
    front: Front, path: str, size: int, expected: int
) -> None:
    kind = "application/x-www-form-urlencoded" if path == "/thread" else "application/json"
    method = "PATCH" if path.endswith("rules") else "POST"
    answer = front.proxy.ask(method, path, b"x" * size, {"Content-Type": kind, "Origin": ORIGIN})
    assert answer.status == expected, answer
    if expected == 413 and path != "/thread":
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.content["type"] == "/problems/too-large"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.fault("F15")
def test_a_body_without_an_end_is_cut_off_before_the_service_hears_of_it(front: Front) -> None:
    before = len(front.relay.heads)
    with contextlib.closing(front.proxy.connect()) as connection:
        connection.sendall(f"{_POST}Transfer-Encoding: chunked\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            for _ in range(16):
                connection.sendall(b"2000\r\n" + b"x" * 8_192 + b"\r\n")
        assert status(connection.recv(1_000)) == 413
    assert len(front.relay.heads) == before


@pytest.mark.fault("F15")
@pytest.mark.parametrize(
    "raw",
    [
        f"{_POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{_SMUGGLED}",
        f"{_POST}Content-Length: 0\r\nContent-Length: 44\r\n\r\n{_SMUGGLED}",
        f"{_POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        f"{_POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        f"{_POST}Transfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n0\r\n\r\n",
        f"{_POST}Content-Length: +5\r\n\r\nhello",
        f"{_POST}Content-Length: 5, 5\r\n\r\nhello",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\nX-Long: {'x' * 9_000}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n" + f"X-A: {'y' * 4_000}\r\n" * 20 + "\r\n",
        f"GET /{'x' * 9_000} HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 nothing of HTTP\r\n\r\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_read_in_none(front: Front, raw: str) -> None:
    before = len(front.relay.heads)
    answer = front.proxy.say(raw.encode("latin-1"))
    assert 400 <= status(answer) < 500 or status(answer) == 501, answer
    assert answer.count(b"HTTP/1.1 ") == 1, "what follows is no request"
    assert len(front.relay.heads) == before


@pytest.mark.slow
@pytest.mark.fault("F8")
def test_slow_clients_hold_the_proxy_and_not_the_service(front: Front) -> None:
    # two out of three never end their headers, the others never end their bodies: more of those from one address
    # than may be under way at once would be refused at once
    ledger = Ledger(front.service, "slow")
    slow = [front.proxy.connect(SLOW) for _ in range(SLOW_CLIENTS)]
    try:
        for number, connection in enumerate(slow):
            head = f"{_POST}Content-Length: 60000\r\n" + ("\r\nx" if number % 3 == 0 else "X-A: b\r\n")
            connection.sendall(head.encode())
        assert [send(front, ledger, OTHER).status for _ in range(5)] == [201] * 5
        assert front.proxy.ask("GET", f"/api/v1/thread?page={ORIGIN}/wall").status == 200
        assert not [head for head in front.relay.heads if "60000" in head], "nothing of theirs is behind the proxy"
        await_("the end of every slow connection", lambda: _still_open(slow) == 0)
    finally:
        for connection in slow:
            connection.close()
    assert settle_accounts(ledger) == 5


def test_one_address_has_so_many_requests_under_way_and_no_more(put_up: Callable[..., Front]) -> None:
    # a busy machine may need longer for a hundred connections than nginx waits for the first one's body
    front = put_up({"client_body_timeout 5s;": "client_body_timeout 120s;"})
    with contextlib.ExitStack() as held:
        for _ in range(100):
            connection = held.enter_context(contextlib.closing(front.proxy.connect(SLOW)))
            connection.sendall(f"{_POST}Content-Length: 60000\r\n\r\n".encode())
        refused = await_("a refusal", lambda: _refusal(front))
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert int(refused.headers["Retry-After"]) > 0
        assert front.proxy.ask("GET", "/healthz", source=OTHER).status == 200


def test_browsers_are_led_to_tls_and_offered_http_2(front: Front) -> None:
    plain = Service(front.service.folder)
    plain.port = front.proxy.plain_port
    led = plain.ask("GET", "/thread?page=x", headers={"Host": "evil.example"})
    assert (led.status, led.headers["Location"]) == (301, f"https://{NAME}/thread?page=x")
    front.proxy.context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with contextlib.closing(front.proxy.connect()) as connection:
            assert connection.selected_alpn_protocol() == "h2"
            assert connection.version() == "TLSv1.3"
    finally:
        front.proxy.context.set_alpn_protocols(["http/1.1"])
    assert front.proxy.ask("GET", "/healthz").headers["Server"] == "nginx", "and no version"


def _refusal(front: Front) -> Answer | None:
    answer = front.proxy.ask("GET", "/healthz", source=SLOW)
    return answer if answer.status == 429 else None


def _still_open(connections: list[ssl.SSLSocket]) -> int:
    """Return how many of the connections nginx has not ended yet; those that it has are closed."""
    alive = 0
    for connection in [connection for connection in connections if connection.fileno() >= 0]:
        connection.settimeout(0.001)
        try:
            connection.recv(1_000)  # what was wrong, or nothing: either way it is over
        except TimeoutError:
            alive += 1
            continue
        except OSError:
            pass
        connection.close()
    return alive
