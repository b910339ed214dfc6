"""That a request to change something comes from a form of ours, in the browser that was given it.

Two proofs, and both are needed: the browser's own word that the request comes from our origin, and a token that stands
in every form. The token is bound to the session; before there is one, it is signed and good for an hour.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from flask import Request
from itsdangerous import BadData, URLSafeSerializer

from service.errors import FormTooOld, NotAllowed
from service.pages import key
from service.people import sessions

FIELD = "csrf"
LIFETIME = timedelta(hours=1)
#: how far ahead of our clock a form may have been made, by another process's
_AHEAD = timedelta(minutes=1)


def token(secret: str, session: str | None, now: datetime) -> str:
    """Return the token of a form, for the session with this cookie or for a browser without one."""
    if session is not None:
        return _bound(secret, session)
    made: str = _serializer(secret).dumps([int(now.timestamp()), secrets.token_urlsafe(9)])
    return made


def require_token(secret: str, session: str | None, given: str, now: datetime) -> None:
    """Raise FormTooOld unless the form's token is one of ours, for this session."""
    if session is not None:
        if not hmac.compare_digest(_bound(secret, session).encode(), given.encode("utf-8", "replace")):
            raise FormTooOld
        return
    try:
        made, _ = _serializer(secret).loads(given)
    except BadData:
        raise FormTooOld from None
    if not -_AHEAD <= timedelta(seconds=now.timestamp() - made) <= LIFETIME:
        raise FormTooOld


def require_own_origin(asked: Request, public_url: str) -> None:
    """Raise NotAllowed unless the browser says that the request comes from a page of ours.

    It says so by Sec-Fetch-Site, which no page can set; its Origin is then "null", since our pages send no referrer. A
    browser that knows no Sec-Fetch-Site has to name our own origin; a request with neither is nobody's form.
    """
    site = asked.headers.get("Sec-Fetch-Site")
    own = site == "same-origin" if site else _is_own(asked.headers.get("Origin", ""), asked, public_url)
    if not own:
        raise NotAllowed("This request came from another page than those of the comment service.")


def _is_own(origin: str, asked: Request, public_url: str) -> bool:
    if key.origin_header(origin) is None:
        return False
    if public_url:
        return origin == key.parse(public_url).origin
    return origin in (f"http://{asked.host}", f"https://{asked.host}")  # a proxy may speak TLS for us


def _bound(secret: str, session: str) -> str:
    bound = f"csrf {sessions.hashed_for_forms(session)}"
    return hmac.new(secret.encode(), bound.encode(), hashlib.sha256).hexdigest()


def _serializer(secret: str) -> URLSafeSerializer:
    kinds = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(secret, salt="csrf before signing in", signer_kwargs=kinds)
