"""Passwords: how long they are, how they are hashed, and that few are hashed at once.

argon2id with OWASP's least parameters, about 40 ms of one core: https://cheatsheetseries.owasp.org/cheatsheets/
Password_Storage_Cheat_Sheet.html. More would mean fewer sign-ins at once, and attempts are counted anyhow.
"""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.errors import Invalid

SHORTEST = 12
LONGEST = 256
#: rounds, KiB and lanes
ROUNDS, MEMORY, LANES = 2, 19_456, 1
_HASHER = PasswordHasher(ROUNDS, MEMORY, LANES)
#: each takes a core and 19 MiB for as long as it runs: a storm of attempts must not take all there are
_ROOM = threading.BoundedSemaphore(2)


def check(password: str) -> None:
    """Raise Invalid unless `password` may become somebody's password."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid({"password": [f"A password has {SHORTEST} to {LONGEST} characters."]})
    if "\0" in password:
        raise Invalid({"password": ["A password holds no NUL character."]})


def hashed(password: str) -> str:
    """Return what is kept of a password. Raises Invalid for one that is too short or too long."""
    check(password)
    with _ROOM:
        return _HASHER.hash(_bytes(password))


def matches(stored: str | None, password: str) -> bool:
    """Tell whether `password` is the stored one; without a stored one the same work is done, and the answer is no."""
    known = stored if stored is not None else _nobodys()
    with _ROOM:
        try:
            _HASHER.verify(known, _bytes(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Tell whether a stored hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    # what a form sends is text, but a lone surrogate has no UTF-8 of its own
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return _HASHER.hash(b"the password of nobody at all")
