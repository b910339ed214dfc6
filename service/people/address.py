"""Network addresses as far as they are kept: never whole, but as a keyed hash that lives for a day, and truncated.

For limits, one IPv6 customer usually holds a whole /64, so that is what counts as one address.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

#: How far ahead of its own time whoever is limited counts the uses of others: longer than anybody waits to be let in.
#: Whoever asked later and was let in earlier is counted; what lies further ahead is of a clock that was set back since,
#: and must not lock anybody out.
AHEAD = timedelta(seconds=30)


def buckets(secret: str, address: str, now: datetime) -> tuple[str, ...]:
    """Return the names under which `address` is limited, today's first, then yesterday's.

    Yesterday's name is looked at too, so that a limit does not start afresh at midnight; and just before midnight
    tomorrow's, which those have who came later and were let in earlier.
    """
    block = _block(address)
    days = [now, now - timedelta(days=1)]
    if (now + AHEAD).date() != now.date():
        days.append(now + AHEAD)
    return tuple(_bucket(secret, block, day) for day in days)


def truncated(address: str) -> str:
    """Return the network that `address` is in, as far as it is kept for operators: a /24, or a /48 of IPv6.

    Empty for what is no address.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, 48 if isinstance(parsed, IPv6Address) else 24), strict=False))


def _block(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]  # a Unix socket has no address: everybody behind it is one
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def _bucket(secret: str, block: str, day: datetime) -> str:
    daily = hmac.digest(secret.encode(), f"address {day:%Y-%m-%d}".encode(), hashlib.sha256)
    return "address:" + hmac.new(daily, block.encode(), hashlib.sha256).hexdigest()[:40]
