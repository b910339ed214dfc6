"""Work that a browser does before a comment is taken: ALTCHA's scheme, through its library.

The browser tries one number after another until the key derived from it begins as the challenge says. The number is
drawn between half and all of what the site's setting allows, so that nobody waits twice as long as another; how long a
try takes is the derivation's cost. Checking costs nothing worth mentioning: the key's signature was made beforehand.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

import altcha

from service.pages import Place
from service.policy.traps import LIFETIME

#: rounds of PBKDF2 for each try
COST = 1_000
#: tries at most for each point of a site's setting
TRIES = 100
#: characters of an answer; one of ours has about 900
LONGEST = 2_000


def challenge(secret: str, place: Place, difficulty: int, now: datetime) -> dict[str, Any]:
    """Return a new challenge for a comment on the place's page."""
    most = difficulty * TRIES
    made = altcha.create_challenge(
        "PBKDF2/SHA-256",
        COST,
        counter=most // 2 + secrets.randbelow(most - most // 2),
        expires_at=int((now + LIFETIME).timestamp()),
        data={"for": _where(place), "difficulty": difficulty},
        hmac_secret=_key(secret, "challenge"),
        hmac_key_secret=_key(secret, "answer"),
    )
    found: dict[str, Any] = made.to_dict()
    return found


def spends(secret: str, place: Place, difficulty: int, answer: str, now: datetime) -> str | None:
    """Return the name of what an answer uses up, None for one that is wrong, out of date, or for another page."""
    try:
        payload = altcha.Payload.from_base64(answer)
        said = payload.challenge.parameters
        done = altcha.verify_solution(
            payload, _key(secret, "challenge"), hmac_key_secret=_key(secret, "answer")
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not done.verified or said.key_signature is None or said.expires_at is None or said.data is None:
        return None
    if said.expires_at < now.timestamp() or said.data.get("for") != _where(place):
        return None
    # a challenge from before the site asked for more is not enough any more
    if said.data.get("difficulty", 0) < difficulty:
        return None
    return f"work:{hashlib.sha256(str(payload.challenge.signature).encode()).hexdigest()[:40]}"


def _where(place: Place) -> str:
    return hashlib.sha256(f"{place.site.id} {place.key}".encode()).hexdigest()[:24]


def _key(secret: str, purpose: str) -> str:
    return hmac.new(secret.encode(), f"work {purpose}".encode(), hashlib.sha256).hexdigest()
