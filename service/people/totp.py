"""The second factor: codes of an authenticator app (RFC 6238) and, for the day it is lost, recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
import secrets

import pyotp
import segno
from sqlalchemy import Connection, delete, func, insert, select, update

from service.models import Operator, RecoveryCode

SECONDS = 30
#: steps that a device's clock may be off, either way
_DRIFT = 1
CODES = 10
_DIGITS = re.compile(r"[0-9]{6}")
_RECOVERY = re.compile(r"[a-z2-7]{16}")


def secret_for(secret: str, seed: str) -> str:
    """Return the key that an operator is offered: it follows from the service's secret and from the session.

    Until it is confirmed by a code it is stored nowhere, and yet the page and its picture show the same one.
    """
    made = hmac.digest(secret.encode(), f"totp {seed}".encode(), hashlib.sha256)[:20]  # 160 bits: RFC 4226, 4
    return base64.b32encode(made).decode("ascii")


def address_of(secret: str, name: str, issuer: str) -> str:
    """Return the otpauth: address that an authenticator app takes."""
    return pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=name, issuer_name=issuer)


def picture(address: str) -> bytes:
    """Return an address as a QR code, an SVG image: dark on white in every colour scheme, or no camera reads it."""
    image = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        image, kind="svg", scale=6, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return image.getvalue()


def step_of(secret: str, code: str, last_step: int, timestamp: float) -> int | None:
    """Return the time step whose code this is, None for a wrong code and for one of a step that was used already."""
    given = "".join(code.split())
    if not _DIGITS.fullmatch(given):
        return None
    current = int(timestamp) // SECONDS
    known = pyotp.TOTP(secret, interval=SECONDS)
    found = None
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if hmac.compare_digest(known.at(step * SECONDS), given) and step > last_step:
            found = step
    return found


def accept(connection: Connection, operator_id: int, code: str, timestamp: float) -> str | None:
    """Take a code of the operator's app or one of the recovery codes; it is good this once.

    Returns which it was, "totp" or "recovery", or None when it is neither.
    """
    row = connection.execute(select(Operator.totp_secret, Operator.totp_step).where(Operator.id == operator_id)).one()
    if row.totp_secret is None:
        return None
    step = step_of(row.totp_secret, code, row.totp_step, timestamp)
    if step is not None:
        used = update(Operator).where(Operator.id == operator_id, Operator.totp_step < step).values(totp_step=step)
        return "totp" if connection.execute(used.returning(Operator.id)).first() is not None else None
    given = re.sub(r"[\s-]", "", code).lower()
    if not _RECOVERY.fullmatch(given):
        return None
    mine = RecoveryCode.operator_id == operator_id
    spent = delete(RecoveryCode).where(mine, RecoveryCode.code_hash == _hashed(operator_id, given))
    return "recovery" if connection.execute(spent.returning(RecoveryCode.code_hash)).first() is not None else None


def put(connection: Connection, operator_id: int, secret: str | None, step: int = 0) -> None:
    """Store an operator's key, or take it away together with the recovery codes."""
    connection.execute(update(Operator).where(Operator.id == operator_id).values(totp_secret=secret, totp_step=step))
    if secret is None:
        connection.execute(delete(RecoveryCode).where(RecoveryCode.operator_id == operator_id))


def put_codes(connection: Connection, operator_id: int) -> list[str]:
    """Make new recovery codes, in place of all before, and return them: they are never to be had again."""
    connection.execute(delete(RecoveryCode).where(RecoveryCode.operator_id == operator_id))
    codes = []
    for _ in range(CODES):
        code = base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()  # 80 bits: a fast hash is enough
        values = {"operator_id": operator_id, "code_hash": _hashed(operator_id, code)}
        connection.execute(insert(RecoveryCode).values(**values))
        codes.append("-".join(code[at : at + 4] for at in range(0, 16, 4)))
    return codes


def codes_left(connection: Connection, operator_id: int) -> int:
    """Return how many recovery codes an operator has left."""
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.operator_id == operator_id)
    return int(connection.execute(left).scalar_one())


def _hashed(operator_id: int, code: str) -> str:
    return hashlib.sha256(f"recovery {operator_id} {code}".encode()).hexdigest()
