"""Tokens: keys for the operators' API, each with some of its operator's scopes; only their hashes are kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from service import database
from service.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from service.models import Operator
from service.models import Token as Row
from service.people import audit, operators
from service.people.audit import Actor
from service.people.operators import SCOPES, Principal
from service.people.sessions import AHEAD

#: the beginning tells whoever finds one, and tools that search for leaked secrets, what it is
_FORM = re.compile(r"aft_[A-Za-z0-9_-]{43}")
LONGEST_DAYS = 3_650
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    """A token as its operator sees it; `maker` is the id of the token that it was made by, and ends with."""

    id: int
    name: str
    scopes: tuple[str, ...]
    expires: datetime | None
    created: datetime
    used: datetime | None
    maker: int | None


def make(
    operator: str,
    name: str,
    scopes: Collection[str],
    days: int | None,
    actor: Actor,
    now: datetime,
    maker: int | None = None,
) -> tuple[Token, str]:
    """Make a token and return it with its text, which is never to be had again; without `days` it doesn't expire.

    Raises NotFound for the operator, Invalid for a scope that is none, or that the operator has not. With `maker`, the
    id of another token, it ends with that: raises Invalid for more days than it has, too, NotAllowed when it was made
    by a token itself, and NotSignedIn when it has just been removed.
    """
    called = name.strip()
    faults = {}
    if not 1 <= len(called) <= 64 or not called.isprintable():
        faults["name"] = ["A token needs a name of 1 to 64 characters."]
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        faults["days"] = [f"A token is good for 1 to {LONGEST_DAYS} days."]
    found = operators.get(operator)
    wanted = tuple(scope for scope in SCOPES if scope in scopes)
    if not wanted or set(scopes) - operators.scopes_of(found.role):
        allowed = ", ".join(scope for scope in SCOPES if scope in operators.scopes_of(found.role))
        faults["scopes"] = [f"A token needs one or more of these scopes: {allowed}."]
    if faults:
        raise Invalid(faults)
    text = "aft_" + secrets.token_urlsafe(32)
    expires = now + timedelta(days=days) if days is not None else None
    values = {"operator_id": found.id, "name": called, "token_hash": _hashed(text), "scopes": " ".join(wanted)}
    with database.write() as connection:
        if maker is not None:
            _check_maker(connection, maker, days, now)
        made = insert(Row).values(**values, expires=expires, created=now, maker_id=maker).returning(Row.id)
        token_id = int(connection.execute(made).scalar_one())
        details = {"token": called, "scopes": wanted, "days": days}
        audit.record(connection, actor, "token.add", now, subject=found.name, details=details)
    return Token(token_id, called, wanted, expires, now, None, maker), text


def make_by(asker: Principal, name: str, scopes: Collection[str], days: int | None, now: datetime) -> tuple[Token, str]:
    """Make a token for whoever asks by one: it may do no more than that, and lasts no longer.

    Raises NotAllowed for a scope that theirs has not, and otherwise like make().
    """
    for scope in scopes:
        asker.require(scope)
    return make(asker.name, name, scopes, days, asker.actor, now, asker.token)


def listing(operator: str) -> list[Token]:
    """Return an operator's tokens, the newest first, expired ones too. Raises NotFound."""
    found = operators.get(operator)
    columns = (Row.id, Row.name, Row.scopes, Row.expires, Row.created, Row.used, Row.maker_id)
    with database.read() as connection:
        rows = connection.execute(select(*columns).where(Row.operator_id == found.id).order_by(Row.id.desc())).all()
    return [Token(row[0], row[1], tuple(row[2].split()), *row[3:]) for row in rows]


def remove(operator: str, token_id: int, actor: Actor, now: datetime) -> None:
    """Delete one of an operator's tokens, and those that were made by it. Raises NotFound."""
    found = operators.get(operator)
    with database.write() as connection:
        theirs = delete(Row).where(Row.maker_id == token_id, Row.operator_id == found.id).returning(Row.name)
        made = list(connection.execute(theirs).scalars())
        wanted = delete(Row).where(Row.id == token_id, Row.operator_id == found.id).returning(Row.name)
        called = connection.execute(wanted).scalar()
        if called is None:
            raise NotFound("token")
        details = {"token": called} | ({"made": made} if made else {})
        audit.record(connection, actor, "token.remove", now, subject=found.name, details=details)


def find(connection: Connection, token: str, now: datetime) -> Principal | None:
    """Return whoever holds this token, with what both it and its operator's role allow; None if it is not good."""
    if not _FORM.fullmatch(token):
        return None
    found = select(Row.id, Row.operator_id, Row.scopes, Row.expires, Row.created).join(
        Operator, Operator.id == Row.operator_id
    )
    row = connection.execute(found.where(Row.token_hash == _hashed(token))).first()
    if row is None or (row.expires is not None and row.expires <= now) or row.created > now + AHEAD:
        return None
    return replace(operators.principal(connection, row.operator_id, "api", row.scopes.split()), token=row.id)


def note(token: str, now: datetime) -> None:
    """Note that a token is in use, at most once a minute, for its operator to see which are."""
    mine = Row.token_hash == _hashed(token)
    with database.read() as connection:
        used = connection.execute(select(Row.used).where(mine)).scalar()
    if used is None or now - used >= _USED_EVERY:
        with database.write() as connection:
            connection.execute(update(Row).where(mine).values(used=now))


def _check_maker(connection: Connection, maker: int, days: int | None, now: datetime) -> None:
    row = connection.execute(select(Row.expires, Row.maker_id).where(Row.id == maker)).first()
    if row is None:
        raise NotSignedIn
    if row.maker_id is not None:  # one step is enough for a program, and leaves no chains to be taken apart
        raise NotAllowed("A token that was made by another makes none itself.")
    if row.expires is None:
        return
    left = (row.expires - now).days
    if days is None or days > left:
        most = f"it has {left} whole day{'' if left == 1 else 's'} left"
        raise Invalid({"days": [f"A token lasts no longer than the one that it is made by: {most}."]})


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
