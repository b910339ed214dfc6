"""Links that are good once: one makes the first owner, others let an operator set a password."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from service import database
from service.errors import Gone
from service.models import Invitation as Row
from service.people import audit, operators, passwords, signin
from service.people.audit import Actor
from service.people.sessions import AHEAD
from service.people.signin import Browser, Started

#: how long a link to set a password is good
LIFETIME = timedelta(days=7)
#: and one that makes the first owner, who gets everything
SETUP_LIFETIME = timedelta(hours=24)
_GONE = "This link was used already, or it has expired. Ask for a new one."


@dataclass(frozen=True)
class Invitation:
    """What a link is for: the operator who may set a password by it, or nobody yet, for the first owner."""

    operator: str | None


def for_password(name: str, actor: Actor, now: datetime) -> str:
    """Return the token of a new link by which an operator sets a password; older ones no longer work.

    Raises NotFound.
    """
    found = operators.get(name)
    token = secrets.token_urlsafe(32)
    with database.write() as connection:
        connection.execute(delete(Row).where((Row.operator_id == found.id) | (Row.expires <= now)))
        values = {"token_hash": _hashed(token), "operator_id": found.id, "expires": now + LIFETIME}
        values["maker_id"] = operators.id_of(connection, actor)
        connection.execute(insert(Row).values(**values, created=now))
        audit.record(connection, actor, "operator.invite", now, subject=found.name)
    return token


def for_first_owner(now: datetime) -> str | None:
    """Return the token of a new link that makes the first owner, None when there is an owner; older ones end."""
    with database.read() as connection:
        if operators.has_owner(connection):
            return None
    token = secrets.token_urlsafe(32)
    with database.write() as connection:
        if operators.has_owner(connection):
            return None
        connection.execute(delete(Row).where(Row.operator_id.is_(None)))
        values = {"token_hash": _hashed(token), "operator_id": None, "expires": now + SETUP_LIFETIME}
        connection.execute(insert(Row).values(**values, created=now))
    return token


def look(token: str, now: datetime) -> Invitation:
    """Return what a link is for, and use nothing up. Raises Gone when it is no longer good."""
    with database.read() as connection:
        return _find(connection, token, now)


def make_first_owner(token: str, name: str, password: str, browser: Browser, now: datetime) -> Started:
    """Make the first owner by a link, and begin their session. Raises Gone, Invalid, Conflict."""
    kept = operators.checked_name(name)
    look(token, now)
    stored = passwords.hashed(password)
    with database.write() as connection:
        if _find(connection, token, now).operator is not None:
            raise Gone(_GONE)
        actor = Actor(kept, "ui")
        made = operators.insert_operator(connection, kept, operators.OWNER, None, stored, actor, now)
        connection.execute(delete(Row).where(Row.operator_id.is_(None)))
        return signin.open_session(connection, made, browser, now)


def set_password(token: str, password: str, browser: Browser, now: datetime) -> Started:
    """Set a password by a link, end all sessions and begin one. Raises Gone, Invalid."""
    look(token, now)
    stored = passwords.hashed(password)
    with database.write() as connection:
        name = _find(connection, token, now).operator
        found = operators.by_name(connection, name) if name is not None else None
        if found is None:
            raise Gone(_GONE)
        operators.put_password(connection, found, stored, Actor(found.name, "ui"), now)  # ends the link, too
        return signin.open_session(connection, found.id, browser, now)


def _find(connection: Connection, token: str, now: datetime) -> Invitation:
    columns = (Row.operator_id, Row.expires, Row.created)
    row = connection.execute(select(*columns).where(Row.token_hash == _hashed(token))).first()
    if row is None or row.expires <= now or row.created > now + AHEAD:
        raise Gone(_GONE)
    if row.operator_id is None:
        if operators.has_owner(connection):
            raise Gone(_GONE)
        return Invitation(None)
    found = operators.by_id(connection, row.operator_id)
    return Invitation(found.name if found else None)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
