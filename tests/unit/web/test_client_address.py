"""Whose address counts: X-Forwarded-For is believed from trusted proxies only, and only as far as they wrote it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask import Flask, request

from service.settings import Settings
from service.web import state

NEAR, FAR = "10.0.0.0/8", "2001:db8:ffff::/48"

CASES = [
    # trusted, connection, header, client
    ((), "192.0.2.1", None, "192.0.2.1"),
    ((), "192.0.2.1", "198.51.100.7", "192.0.2.1"),
    ((), "10.0.0.1", "198.51.100.7", "10.0.0.1"),
    ((NEAR,), "192.0.2.1", "198.51.100.7", "192.0.2.1"),  # not from a proxy
    ((NEAR,), "10.0.0.1", None, "10.0.0.1"),
    ((NEAR,), "10.0.0.1", "", "10.0.0.1"),
    ((NEAR,), "10.0.0.1", "198.51.100.7", "198.51.100.7"),
    ((NEAR,), "10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the left is the client's own say
    ((NEAR,), "10.0.0.1", "127.0.0.1, 198.51.100.7", "198.51.100.7"),
    ((NEAR,), "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),  # two proxies of ours
    ((NEAR,), "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.3, 10.0.0.2", "203.0.113.9"),
    ((NEAR,), "10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"),  # all ours: the farthest
    ((NEAR,), "10.0.0.1", "  198.51.100.7  ", "198.51.100.7"),
    ((NEAR,), "10.0.0.1", "198.51.100.7,", "10.0.0.1"),
    ((NEAR,), "10.0.0.1", "unknown", "10.0.0.1"),
    ((NEAR,), "10.0.0.1", "198.51.100.7, unknown", "10.0.0.1"),
    ((NEAR,), "10.0.0.1", "198.51.100.7:8080", "10.0.0.1"),
    ((NEAR,), "10.0.0.1", "' OR 1=1 --", "10.0.0.1"),
    ((NEAR,), "10.0.0.1", "," * 5_000, "10.0.0.1"),
    ((NEAR,), "10.0.0.1", "10.0.0.2," * 2_000, "10.0.0.1"),
    ((NEAR, FAR), "2001:db8:ffff::1", "2001:db8::7", "2001:db8::7"),
    ((NEAR, FAR), "2001:db8:fffe::1", "2001:db8::7", "2001:db8:fffe::1"),
    ((NEAR,), "::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),  # listening on :: for both families
    ((NEAR,), "10.0.0.1", "198.51.100.7, ::ffff:10.0.0.2", "198.51.100.7"),
    ((NEAR,), "", "198.51.100.7", ""),  # a Unix socket has no address to trust
    (("0.0.0.0/0",), "192.0.2.1", "198.51.100.7", "198.51.100.7"),
]


@pytest.mark.parametrize(("trusted", "connection", "header", "client"), CASES)
def test_the_first_address_from_the_right_that_is_no_proxy_counts(
    settings: Settings, trusted: tuple[str, ...], connection: str, header: str | None, client: str
) -> None:
    app = Flask("test")
    app.extensions["afterword"] = replace(settings, trusted_proxies=tuple(map(ip_network, trusted)))
    headers = {} if header is None else {"X-Forwarded-For": header}
    with app.test_request_context(headers=headers, environ_base={"REMOTE_ADDR": connection}):
        assert state.client_address(request) == client


@pytest.mark.parametrize("name", ["X-Real-IP", "CF-Connecting-IP", "Forwarded", "X-Client-IP", "X-Forwarded-Host"])
def test_no_other_header_is_asked(settings: Settings, name: str) -> None:
    app = Flask("test")
    app.extensions["afterword"] = replace(settings, trusted_proxies=(ip_network(NEAR),))
    with app.test_request_context(headers={name: "198.51.100.7"}, environ_base={"REMOTE_ADDR": "10.0.0.1"}):
        assert state.client_address(request) == "10.0.0.1"


def test_a_header_sent_twice_is_one_list(settings: Settings) -> None:
    app = Flask("test")
    app.extensions["afterword"] = replace(settings, trusted_proxies=(ip_network(NEAR),))
    twice = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "198.51.100.7")]
    with app.test_request_context(headers=twice, environ_base={"REMOTE_ADDR": "10.0.0.1"}):
        assert state.client_address(request) == "198.51.100.7"
