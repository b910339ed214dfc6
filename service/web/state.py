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
    """Return the address of the client: the connection's, or what trusted proxies say of it.

    `X-Forwarded-For` grows to the right, each proxy adding whom it heard. Reading from the right, the first address
    that is no trusted proxy is the client; everything left of it may be made up.
    """
    trusted = settings().trusted_proxies
    address = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",") if trusted else []
    while forwarded and _is_within(address, trusted):
        said = forwarded.pop().strip()
        if not _is_address(said):
            break
        address = said
    return address


def is_trusted(peer: str | None) -> bool:
    """Tell whether a connection comes from a proxy that AFTERWORD_TRUSTED_PROXIES names."""
    trusted = settings().trusted_proxies
    return bool(trusted) and _is_within(peer or "", trusted)


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _is_within(address: str, networks: tuple[Network, ...]) -> bool:
    if not _is_address(address):
        return False
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped  # so a socket that listens for both families names its IPv4 clients
    return any(parsed in network for network in networks)
