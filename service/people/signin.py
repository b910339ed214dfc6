"""Signing in: a password, then the second factor where there is one; and what else asks for either of them.

Hashing takes its time and so happens outside the lock. The attempt is spent before it and given back after it when it
was right: however many come at once, no more than the limit are ever looked at.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from sqlalchemy import Connection, select, update

from service import database
from service.errors import Conflict, Invalid, NotSignedIn
from service.models import Operator
from service.people import attempts, audit, operators, passwords, sessions, totp
from service.people.audit import Actor
from service.people.sessions import Session

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Browser:
    """Where somebody signs in: the browser's own word, its truncated address, the names under which that is limited."""

    agent: str
    network: str
    addresses: Sequence[str]


@dataclass(frozen=True)
class Started:
    """A session's cookie, and whether the second factor is still to come."""

    token: str
    needs_code: bool


@dataclass(frozen=True)
class _Known:
    id: int
    name: str
    password_hash: str | None
    needs_code: bool


def enter(name: str, password: str, browser: Browser, now: datetime) -> Started:
    """Begin a session with a name and a password.

    Raises Invalid, the same for an unknown name and for a wrong password, or TooManyAttempts.
    """
    wanted = attempts.buckets(name, browser.addresses)
    with database.write() as connection:
        spent = attempts.spend(connection, wanted, now)
        known = _known(connection, Operator.name == name.strip().lower())
    right = passwords.matches(known.password_hash if known else None, password)
    if not right or known is None:
        _refuse(known)
    anew = _anew(known, password)
    with database.write() as connection:
        if not _is_unchanged(connection, known):
            _refuse(known)
        attempts.give_back(connection, spent)
        if anew is not None:
            connection.execute(update(Operator).where(Operator.id == known.id).values(password_hash=anew))
        return open_session(connection, known.id, browser, now)


def open_session(connection: Connection, operator_id: int, browser: Browser, now: datetime) -> Started:
    """Begin a session of somebody who has shown the password, or has just set it by a link."""
    known = _known(connection, Operator.id == operator_id)
    if known is None:
        raise NotSignedIn
    token = sessions.start(connection, operator_id, not known.needs_code, browser.agent, browser.network, now)
    if not known.needs_code:
        audit.record(connection, Actor(known.name, "ui"), "operator.signin", now, subject=known.name)
    return Started(token, known.needs_code)


def prove(session: Session, code: str, browser: Browser, now: datetime) -> str:
    """Give the second factor, from the app or a recovery code, and return the session's new cookie.

    Raises Invalid for a wrong code, TooManyAttempts.
    """
    wanted = attempts.buckets(session.operator, browser.addresses)
    with database.write() as connection:
        spent = attempts.spend(connection, wanted, now)
        used = totp.accept(connection, session.operator_id, code, now.timestamp())
        if used is not None:
            attempts.give_back(connection, spent)
            details = {"with": used}
            if used == "recovery":
                details["left"] = str(totp.codes_left(connection, session.operator_id))
            actor = Actor(session.operator, "ui")
            audit.record(connection, actor, "operator.signin", now, subject=session.operator, details=details)
            return sessions.renew(connection, session, now)
    _log.warning("sign-in of %s: a wrong code", session.operator)
    raise Invalid({"code": ["This code is not right, or was used already."]})


def check_password(operator_id: int, password: str, addresses: Sequence[str], now: datetime) -> None:
    """Let somebody who is signed in show the password once more. Raises Invalid, TooManyAttempts."""
    with database.write() as connection:
        known = _known(connection, Operator.id == operator_id)
        if known is None:
            raise NotSignedIn
        spent = attempts.spend(connection, attempts.buckets(known.name, addresses), now)
    if not passwords.matches(known.password_hash, password):
        raise Invalid({"current": ["This is not your password."]})
    with database.write() as connection:
        attempts.give_back(connection, spent)


def change_password(
    session: Session, password: str, actor: Actor, browser: Browser, now: datetime, *, keep_tokens: bool
) -> Started:
    """Set the password of whoever is signed in, end all their sessions, and begin a new one that is proven."""
    stored = passwords.hashed(password)
    with database.write() as connection:
        known = operators.by_id(connection, session.operator_id)
        if known is None:
            raise NotSignedIn
        operators.put_password(connection, known, stored, actor, now, keep_tokens=keep_tokens)
        return Started(sessions.start(connection, known.id, True, browser.agent, browser.network, now), False)


def enable_totp(session: Session, secret: str, code: str, actor: Actor, now: datetime) -> tuple[str, list[str]]:
    """Turn the second factor on, by a code of the app; return the session's new cookie and the recovery codes.

    Other sessions end: they began without it. Raises Invalid for a wrong code, Conflict when it is on already.
    """
    step = totp.step_of(secret, code, 0, now.timestamp())
    if step is None:
        raise Invalid({"code": ["This code is not right. Does your device show the right time?"]})
    with database.write() as connection:
        _require_totp(connection, session.operator_id, False)
        totp.put(connection, session.operator_id, secret, step)
        codes = totp.put_codes(connection, session.operator_id)
        sessions.drop(connection, session.operator_id, but=session.id)
        audit.record(connection, actor, "operator.totp", now, subject=session.operator, details={"on": True})
        return sessions.renew(connection, session, now), codes


def new_codes(session: Session, actor: Actor, now: datetime) -> list[str]:
    """Make new recovery codes in place of the old ones. Raises Conflict without a second factor."""
    with database.write() as connection:
        _require_totp(connection, session.operator_id, True)
        audit.record(connection, actor, "operator.codes", now, subject=session.operator)
        return totp.put_codes(connection, session.operator_id)


def disable_totp(operator_id: int, actor: Actor, now: datetime, session: Session | None = None) -> str | None:
    """Turn the second factor off, and return the new cookie of `session`, if it is one of this operator's own.

    Raises Conflict when it is off. The password is to be checked before, or it is an owner's or the command line's act.
    """
    with database.write() as connection:
        _require_totp(connection, operator_id, True)
        totp.put(connection, operator_id, None)
        known = operators.by_id(connection, operator_id)
        subject = known.name if known else ""
        audit.record(connection, actor, "operator.totp", now, subject=subject, details={"on": False})
        return sessions.renew(connection, session, now) if session is not None else None


def _known(connection: Connection, which: object) -> _Known | None:
    columns = (Operator.id, Operator.name, Operator.password_hash, Operator.totp_secret.is_not(None))
    row = connection.execute(select(*columns).where(which)).first()  # type: ignore[arg-type]
    return _Known(row[0], row[1], row[2], bool(row[3])) if row is not None else None


def _is_unchanged(connection: Connection, known: _Known) -> bool:
    # a password that was changed while this one was looked at is the one that counts
    now_stored = connection.execute(select(Operator.password_hash).where(Operator.id == known.id)).scalar()
    return now_stored == known.password_hash


def _anew(known: _Known, password: str) -> str | None:
    if known.password_hash is None or not passwords.is_outdated(known.password_hash):
        return None
    return passwords.hashed(password)


def _require_totp(connection: Connection, operator_id: int, on: bool) -> None:
    known = _known(connection, Operator.id == operator_id)
    if known is None:
        raise NotSignedIn
    if known.needs_code != on:
        raise Conflict("The second factor is off." if on else "The second factor is on already.")


def _refuse(known: _Known | None) -> NoReturn:
    # what was typed for a name may be a password: only names that are somebody's go to the log
    _log.warning("sign-in of %s: a wrong password", known.name if known else "nobody")
    raise Invalid({"password": ["The name or the password is not right."]})
