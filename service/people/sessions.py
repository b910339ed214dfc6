"""Sessions: the browsers in which operators are signed in. The cookie is random, and only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from service import database
from service.errors import NotFound, NotSignedIn
from service.models import Operator
from service.models import Session as Row
from service.people import audit
from service.people.audit import Actor

#: without a sign of life for so long, a session is over
IDLE = timedelta(minutes=30)
#: and after this time anyhow
LONGEST = timedelta(hours=12)
#: between the password and the second factor
PENDING = timedelta(minutes=10)
#: how often "seen" is written at most: looking at pages must not mean a write each
_SEEN_EVERY = timedelta(minutes=1)
#: how far the clocks of two hosts may be apart
AHEAD = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """A session. Until `proven` its operator has still to give the second factor, and may do nothing else."""

    id: int
    operator_id: int
    operator: str
    proven: bool
    agent: str
    address: str
    created: datetime
    seen: datetime


def _alive(now: datetime) -> ColumnElement[bool]:
    pending_ended = and_(Row.proven.is_(False), Row.created <= now - PENDING)
    return and_(Row.seen > now - IDLE, Row.created > now - LONGEST, ~pending_ended)


_COLUMNS = (Row.id, Row.operator_id, Operator.name, Row.proven, Row.agent, Row.address, Row.created, Row.seen)


def _known_by_now(now: datetime) -> ColumnElement[bool]:
    # what is of a later time is of a clock that was set back since: by it nothing would ever be over
    return and_(Row.created <= now + AHEAD, Row.seen <= now + AHEAD)


def sweep(connection: Connection, now: datetime) -> int:
    """Clear away the sessions that are over, with the addresses that they were begun from, and return how many."""
    return connection.execute(delete(Row).where(~_alive(now))).rowcount


def start(connection: Connection, operator_id: int, proven: bool, agent: str, network: str, now: datetime) -> str:
    """Begin a session and return its cookie; `network` is the truncated address. Clears away what has ended."""
    sweep(connection, now)
    token = secrets.token_urlsafe(32)
    shown = "".join(character if character.isprintable() else " " for character in agent)[:120]
    values = {"operator_id": operator_id, "token_hash": _hashed(token), "proven": proven}
    connection.execute(insert(Row).values(**values, agent=shown, address=network[:43], created=now, seen=now))
    return token


def find(token: str, now: datetime) -> Session | None:
    """Return the session with this cookie, None when there is none or it is over."""
    if len(token) > 64:
        return None
    found = select(*_COLUMNS).join(Operator, Operator.id == Row.operator_id)
    with database.read() as connection:
        row = connection.execute(found.where(Row.token_hash == _hashed(token), _alive(now), _known_by_now(now))).first()
    return Session(*row) if row is not None else None


def note(session: Session, now: datetime) -> None:
    """Note that a session is in use, at most once a minute."""
    if now - session.seen >= _SEEN_EVERY:
        with database.write() as connection:
            connection.execute(update(Row).where(Row.id == session.id).values(seen=now))


def renew(connection: Connection, session: Session, now: datetime) -> str:
    """Give a session, proven from now on, another cookie, and return it. Raises NotSignedIn when it is over."""
    token = secrets.token_urlsafe(32)
    values = {"token_hash": _hashed(token), "proven": True, "seen": now}
    same = and_(Row.id == session.id, Row.operator_id == session.operator_id, _alive(now))
    if connection.execute(update(Row).where(same).values(**values).returning(Row.id)).first() is None:
        raise NotSignedIn
    return token


def listing(operator_id: int, now: datetime) -> list[Session]:
    """Return an operator's sessions, the newest first."""
    found = select(*_COLUMNS).join(Operator, Operator.id == Row.operator_id)
    wanted = found.where(Row.operator_id == operator_id, _alive(now)).order_by(Row.id.desc())
    with database.read() as connection:
        return [Session(*row) for row in connection.execute(wanted)]


def end(session: Session, actor: Actor, now: datetime) -> None:
    """End a session; one that has ended is no fault."""
    with database.write() as connection:
        connection.execute(delete(Row).where(Row.id == session.id))
        audit.record(connection, actor, "session.end", now, subject=session.operator)


def end_one(operator_id: int, session_id: int, actor: Actor, now: datetime) -> None:
    """End one of an operator's sessions. Raises NotFound when they have no such session."""
    with database.write() as connection:
        wanted = delete(Row).where(Row.id == session_id, Row.operator_id == operator_id).returning(Row.id)
        if connection.execute(wanted).first() is None:
            raise NotFound("session")
        audit.record(connection, actor, "session.end", now, subject=_name(connection, operator_id))


def end_all(operator_id: int, actor: Actor, now: datetime, but: int | None = None) -> int:
    """End an operator's sessions, all or all but one, and return how many there were."""
    with database.write() as connection:
        ended = drop(connection, operator_id, but)
        details = {"sessions": ended}
        audit.record(connection, actor, "session.end", now, subject=_name(connection, operator_id), details=details)
    return ended


def drop(connection: Connection, operator_id: int, but: int | None = None) -> int:
    """Delete an operator's sessions inside a transaction, and return how many there were."""
    wanted = delete(Row).where(Row.operator_id == operator_id)
    if but is not None:
        wanted = wanted.where(Row.id != but)
    return len(connection.execute(wanted.returning(Row.id)).all())


def hashed_for_forms(session_token: str) -> str:
    """Return what stands for a session in the secrets that are bound to it; not the hash that is stored."""
    return hashlib.sha256(b"forms " + session_token.encode()).hexdigest()


def _name(connection: Connection, operator_id: int) -> str:
    return str(connection.execute(select(Operator.name).where(Operator.id == operator_id)).scalar() or "")


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
