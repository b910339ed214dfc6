"""What stands beside a comment's text: a signed token that tells when its form was made, and a field that is a trap.

The token is no secret and no identity. It says that whoever sends has asked for a form of this page, and how long ago.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from service.pages import Place

#: how long a form may stay open; drafts are kept in browsers, and come back the next day
LIFETIME = timedelta(hours=24)
#: how far ahead of our clock a token may have been made, by another process's
_AHEAD = timedelta(minutes=1)


@dataclass(frozen=True)
class Filled:
    """How a form came back. `spends` names the work that it used, which is good once."""

    form: str = "unasked"
    seconds: float | None = None
    trap: bool = False
    work: str = "unasked"
    spends: str | None = None


UNASKED = Filled()
#: sent without any form
NONE = Filled(form="none", work="none")


def make_token(secret: str, place: Place, now: datetime) -> str:
    """Return a token for a form of the place's page."""
    made: str = _serializer(secret, place).dumps(int(now.timestamp() * 1000))
    return made


def read_token(secret: str, place: Place, token: str, now: datetime) -> tuple[str, float | None]:
    """Return whether a token is good, stale or none of ours, and for how many seconds its form was open."""
    try:
        made = _serializer(secret, place).loads(token)
    except BadData:
        return "none", None
    if not isinstance(made, int):
        return "none", None
    age = now.timestamp() - made / 1000
    if age < -_AHEAD.total_seconds():
        return "none", None
    return ("stale" if age > LIFETIME.total_seconds() else "good"), max(0.0, age)


def _serializer(secret: str, place: Place) -> URLSafeSerializer:
    kinds = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(secret, salt=f"asked form {place.site.id} {place.key}", signer_kwargs=kinds)
