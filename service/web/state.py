"""What a view takes from the application and the world: settings, cache, the time, the client's address."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import cast

from flask import Request, current_app

from service.settings import Network, Settings
from service.threads import Cache


def settings() -> Settings:
    """Return the settings that the application runs with."""
    return cast(Settings, current_app.extensions["afterword"])


def cache() -> Cache:
    """Return this process's cache of threads."""
    return cast(Cache, current_app.extensions["afterword_cache"])


def now() -> datetime:
    """Return the time. Doors read the clock and hand it down; no room does."""
    return datetime.now(UTC)


def client_address(request: Request) -> str:
    """Return the address of the client: the connection's, or what trusted proxies say of it."""
    trusted = settings().trusted_proxies
    return heard_from(request.remote_addr or "", request.headers.get("X-Forwarded-For", "") if trusted else "", trusted)


def heard_from(peer: str, forwarded: str, trusted: tuple[Network, ...]) -> str:
    """Return whom a connection from `peer` speaks for, by what `X-Forwarded-For` says and the proxies that are trusted.

    The header grows to the right, each proxy adding whom it heard. Reading from the right, the first address that is no
    trusted proxy is the client; everything left of it may be made up.
    """
    address, said = peer, forwarded.split(",") if trusted and forwarded else []
    while said and is_within(address, trusted):
        last = said.pop().strip()
        if not _is_address(last):
            break
        address = last
    return address


def is_trusted(peer: str | None) -> bool:
    """Tell whether a connection comes from a proxy that AFTERWORD_TRUSTED_PROXIES names."""
    trusted = settings().trusted_proxies
    return bool(trusted) and is_within(peer or "", trusted)


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def is_within(address: str, networks: tuple[Network, ...]) -> bool:
    """Tell whether an address is in one of the networks; what is no address is in none."""
    if not networks or not _is_address(address):
        return False
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped  # so a socket that listens for both families names its IPv4 clients
    return any(parsed in network for network in networks)
