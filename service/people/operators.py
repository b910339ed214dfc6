"""Operators: who runs the service (owners) and who moderates, all sites or some of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from service import database
from service.database import AnyRow
from service.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from service.models import Invitation, OperatorSite, Session, Site, Token
from service.models import Operator as Row
from service.people import audit, passwords
from service.people.audit import Actor

OWNER, MODERATOR = "owner", "moderator"
ROLES = (OWNER, MODERATOR)
#: read: queue, lists, audit; moderate: decide, edit, ban; pages: close and open; settings: sites, rules, spam filter;
#: operators: accounts
SCOPES = ("read", "moderate", "pages", "settings", "operators")
_ROLE_SCOPES = {OWNER: frozenset(SCOPES), MODERATOR: frozenset(SCOPES[:3])}
_NAME = re.compile(r"[a-z0-9._-]{1,64}")
_COLUMNS = (
    Row.id,
    Row.name,
    Row.role,
    Row.all_sites,
    Row.password_hash.is_not(None),
    Row.totp_secret.is_not(None),
    Row.created,
)


@dataclass(frozen=True)
class Principal:
    """Whoever is signed in, or holds a token, of the id `token`: `sites` is None for all sites, `via` is ui or api.

    `has_totp` tells whether they have a second factor.
    """

    id: int
    name: str
    role: str
    sites: frozenset[int] | None
    scopes: frozenset[str]
    via: str
    has_totp: bool
    token: int | None = None

    @property
    def actor(self) -> Actor:
        """Return who acts, for the audit log."""
        return Actor(self.name, self.via)

    @property
    def is_owner(self) -> bool:
        """Tell whether this is an owner."""
        return self.role == OWNER

    def may(self, site_id: int) -> bool:
        """Tell whether the site is one of this operator's."""
        return self.sites is None or site_id in self.sites

    def require(self, scope: str, site_id: int | None = None) -> None:
        """Raise NotAllowed without the scope, or when a site is named that is not this operator's."""
        if scope not in self.scopes:
            raise NotAllowed(f'This needs the scope "{scope}", which is not yours.')
        if site_id is not None and not self.may(site_id):
            raise NotAllowed("This site is not one of yours.")

    def require_all(self) -> None:
        """Raise NotAllowed without every scope of the role: what asks so may do whatever its operator may."""
        missing = scopes_of(self.role) - self.scopes
        if missing:
            named = ", ".join(scope for scope in SCOPES if scope in missing)
            raise NotAllowed(f"This needs a token with every scope that its operator may have; yours lacks: {named}.")


@dataclass(frozen=True)
class Operator:
    """An operator as others see one; `sites` are the names of the sites, None for all of them."""

    id: int
    name: str
    role: str
    sites: tuple[str, ...] | None
    has_password: bool
    has_totp: bool
    created: datetime


def scopes_of(role: str) -> frozenset[str]:
    """Return what a role may do."""
    return _ROLE_SCOPES[role]


def checked_name(name: str) -> str:
    """Return the name as it is kept. Raises Invalid for one that nobody can have."""
    kept = name.strip().lower()
    if not _NAME.fullmatch(kept):
        raise Invalid({"name": ["A name has 1 to 64 of the characters a-z, 0-9, dot, hyphen and underscore."]})
    return kept


def add(
    name: str,
    role: str,
    sites: Collection[str] | None,
    actor: Actor,
    now: datetime,
    password: str | None = None,
) -> Operator:
    """Make an operator. `sites` are names; None is all of them, and the only choice for an owner.

    Raises Invalid for what cannot be, NotFound for a site that is not there, Conflict for a name that is taken.
    """
    kept = checked_name(name)
    stored = passwords.hashed(password) if password is not None else None  # before the lock: it takes its time
    with database.write() as connection:
        insert_operator(connection, kept, role, sites, stored, actor, now)
    return get(kept)


def insert_operator(
    connection: Connection,
    name: str,
    role: str,
    sites: Collection[str] | None,
    password_hash: str | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Store an operator inside a transaction and return the id. Raises like add()."""
    _check(role, sites)
    if connection.execute(select(Row.id).where(Row.name == name)).first() is not None:
        raise Conflict(f"There is an operator named {name} already.")
    values = {"name": name, "role": role, "all_sites": sites is None, "password_hash": password_hash}
    made = insert(Row).values(**values, totp_step=0, created=now).returning(Row.id)
    operator_id = int(connection.execute(made).scalar_one())
    _put_sites(connection, operator_id, sites)
    audit.record(connection, actor, "operator.add", now, subject=name, details=_described(role, sites))
    return operator_id


def get(name: str) -> Operator:
    """Return the operator of that name, or raise NotFound."""
    with database.read() as connection:
        return by_name(connection, name)


def listing() -> list[Operator]:
    """Return all operators by name."""
    with database.read() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(Row.name)).all()
        sites = _sites(connection)
    return [_operator(row, sites) for row in rows]


def has_owner(connection: Connection) -> bool:
    """Tell whether there is an owner yet."""
    return connection.execute(select(Row.id).where(Row.role == OWNER).limit(1)).first() is not None


def remove(name: str, actor: Actor, now: datetime) -> None:
    """Delete an operator with all sessions and tokens. Raises NotFound, and Conflict for the last owner."""
    with database.write() as connection:
        found = by_name(connection, name)
        _keep_an_owner(connection, found)
        connection.execute(delete(Row).where(Row.id == found.id))
        audit.record(connection, actor, "operator.remove", now, subject=found.name)


def change(name: str, given: Mapping[str, Any], actor: Actor, now: datetime) -> Operator:
    """Set an operator's `role`, `sites` (names, None for all of them) or both; what is left out stays as it is.

    Who becomes an owner has all sites. Raises NotFound, Invalid, and Conflict for the last owner.
    """
    with database.write() as connection:
        found = by_name(connection, name)
        role: str = given.get("role", found.role)
        sites: Collection[str] | None = given.get("sites", None if role == OWNER else found.sites)
        _check(role, sites)
        if role != OWNER:
            _keep_an_owner(connection, found)
            # by a link that was made before, somebody could still come in as another owner
            connection.execute(delete(Invitation).where(Invitation.maker_id == found.id))
        details = _described(role, sites)
        if details != _described(found.role, found.sites):
            values = {"role": role, "all_sites": sites is None}
            connection.execute(update(Row).where(Row.id == found.id).values(**values))
            _put_sites(connection, found.id, sites)
            audit.record(connection, actor, "operator.access", now, subject=found.name, details=details)
    return get(name)


def set_password(name: str, password: str, actor: Actor, now: datetime) -> None:
    """Set a password, end all of the operator's sessions and remove all tokens. Raises NotFound, Invalid."""
    stored = passwords.hashed(password)
    with database.write() as connection:
        put_password(connection, by_name(connection, name), stored, actor, now)


def put_password(
    connection: Connection, operator: Operator, stored: str, actor: Actor, now: datetime, *, keep_tokens: bool = False
) -> None:
    """Store a password's hash, end all of the operator's sessions, links to set one and tokens, inside a transaction.

    Tokens end because a password that is set from outside may be the answer to a theft; its owner may keep them.
    """
    connection.execute(update(Row).where(Row.id == operator.id).values(password_hash=stored))
    connection.execute(delete(Session).where(Session.operator_id == operator.id))
    connection.execute(delete(Invitation).where(Invitation.operator_id == operator.id))
    if not keep_tokens:
        connection.execute(delete(Token).where(Token.operator_id == operator.id))
    details = {"tokens": "kept" if keep_tokens else "removed"}
    audit.record(connection, actor, "operator.password", now, subject=operator.name, details=details)


def by_id(connection: Connection, operator_id: int) -> Operator | None:
    """Return the operator with this id, None if there is none."""
    row = connection.execute(select(*_COLUMNS).where(Row.id == operator_id)).first()
    return _operator(row, _sites(connection, operator_id)) if row is not None else None


def principal(connection: Connection, operator_id: int, via: str, scopes: Collection[str] | None = None) -> Principal:
    """Return an operator with what they may do now: all of the role's scopes, or of those the ones named.

    Raises NotSignedIn when they have just been removed.
    """
    columns = (Row.name, Row.role, Row.all_sites, Row.totp_secret.is_not(None).label("has_totp"))
    row = connection.execute(select(*columns).where(Row.id == operator_id)).first()
    if row is None:
        raise NotSignedIn
    allowed = scopes_of(row.role)
    if scopes is not None:
        allowed &= frozenset(scopes)
    sites = None
    if not row.all_sites:
        found = select(OperatorSite.site_id).where(OperatorSite.operator_id == operator_id)
        sites = frozenset(connection.execute(found).scalars())
    return Principal(operator_id, row.name, row.role, sites, allowed, via, bool(row.has_totp))


def id_of(connection: Connection, actor: Actor) -> int | None:
    """Return the id of the operator who acts, None for the command line."""
    return connection.execute(select(Row.id).where(Row.name == actor.name)).scalar()


def by_name(connection: Connection, name: str) -> Operator:
    """Return the operator of that name, or raise NotFound."""
    row = connection.execute(select(*_COLUMNS).where(Row.name == name.strip().lower())).first()
    if row is None:
        raise NotFound(f"operator as {name}")
    return _operator(row, _sites(connection, row[0]))


def _operator(row: AnyRow, sites: dict[int, list[str]]) -> Operator:
    operator_id, name, role, all_sites, has_password, has_totp, created = row
    named = None if all_sites else tuple(sites.get(operator_id, ()))
    return Operator(operator_id, name, role, named, bool(has_password), bool(has_totp), created)


def _sites(connection: Connection, operator_id: int | None = None) -> dict[int, list[str]]:
    found = select(OperatorSite.operator_id, Site.name).join(Site, Site.id == OperatorSite.site_id).order_by(Site.name)
    if operator_id is not None:
        found = found.where(OperatorSite.operator_id == operator_id)
    named: dict[int, list[str]] = {}
    for owner, name in connection.execute(found):
        named.setdefault(owner, []).append(name)
    return named


def _check(role: str, sites: Collection[str] | None) -> None:
    if role not in ROLES:
        raise Invalid({"role": ["A role is owner or moderator."]})
    if role == OWNER and sites is not None:
        raise Invalid({"sites": ["An owner has all sites."]})


def _put_sites(connection: Connection, operator_id: int, sites: Collection[str] | None) -> None:
    connection.execute(delete(OperatorSite).where(OperatorSite.operator_id == operator_id))
    for name in dict.fromkeys(sites or ()):
        site_id = connection.execute(select(Site.id).where(Site.name == name)).scalar()
        if site_id is None:
            raise NotFound(f"site as {name}")
        connection.execute(insert(OperatorSite).values(operator_id=operator_id, site_id=site_id))


def _keep_an_owner(connection: Connection, found: Operator) -> None:
    owners = connection.execute(select(func.count()).select_from(Row).where(Row.role == OWNER)).scalar_one()
    if found.role == OWNER and owners == 1:
        raise Conflict(f"{found.name} is the only owner; make somebody else an owner first.")


def _described(role: str, sites: Collection[str] | None) -> dict[str, Any]:
    return {"role": role, "sites": None if sites is None else sorted(set(sites))}
