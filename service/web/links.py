"""Addresses of the service itself, for people to open or to paste."""

from __future__ import annotations

from flask import request

from service.web import state


def base() -> str:
    """Return the address that links begin with: the public one, whatever Host a request names."""
    return state.settings().public_url or request.host_url.rstrip("/")


def to_set_password(token: str) -> str:
    """Return the address by which an operator sets a password, for an invitation's token."""
    return f"{base()}/admin/password/{token}"
