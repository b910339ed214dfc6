"""Keeps watch over every connection that a process of the tests opens: none may leave this machine (G9, S1)."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

#: where somebody wanted to connect to, beyond this machine
left: list[str] = []
_watching: list[bool] = []


def watch() -> None:
    """Listen to the connections of this process from now on; to be called once, it cannot be taken back."""
    if not _watching:
        _watching.append(True)
        sys.addaudithook(_heard)


def _heard(event: str, given: tuple[Any, ...]) -> None:
    if event == "socket.connect" and not _is_here(given[1]):
        left.append(repr(given[1]))
    if event == "socket.getaddrinfo" and given[0] and not _is_local_name(given[0]):
        left.append(repr(given[0]))


def _is_here(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket of this machine's file system
    return _is_local_name(address[0])


def _is_local_name(name: Any) -> bool:
    text = name.decode() if isinstance(name, bytes) else str(name)
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text in ("localhost", "", socket.gethostname())
    return parsed.is_loopback or parsed.is_unspecified
