"""Addresses that somebody may be sent on to: pages of the operators' side, and nothing else."""

from __future__ import annotations

import re
from urllib.parse import unquote

#: what a path and a query may be made of (RFC 3986): no white space, no backslash, no control character
_PATH = re.compile(
    r"/admin/(?!/)[A-Za-z0-9._~!$&()*+,;=:@%/-]*(?:\?[A-Za-z0-9._~!$&()*+,;=:@%/?-]*)?(?:#[A-Za-z0-9_-]*)?"
)
#: the address of a page, escaped, stands within it; longer ones no server takes
_LONGEST = 4_000


def path_of(value: str) -> str | None:
    """Return the address if it is a page of ours, None for all else and for what browsers might read otherwise."""
    if len(value) > _LONGEST or not _PATH.fullmatch(value):
        return None
    path = unquote(value.partition("?")[0])
    if any(ord(character) <= 32 or character in "\\\x7f" for character in path) or "//" in path:
        return None
    return None if ".." in path.split("/") else value
