"""Bans: who or what may not comment, on one site or on all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Protocol
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection

from service import database
from service.errors import Conflict, Invalid, NotFound
from service.models import LARGEST_ID, LARGEST_INTEGER
from service.people import audit
from service.people.audit import Actor
from service.policy import ban_store, lists
from service.text import clean_line, safe_url

KINDS = ("reader", "name", "email", "url", "address")
#: bans by pattern or by network that hold on one site: each of them is looked at for each comment
MOST = 1_000
REASON = 300
VALUE = 254
#: an end that lies further ahead is none that somebody meant
FURTHEST = timedelta(days=36_525)
#: the widest networks that can be banned: beyond lies a good part of the world
_WIDEST = {4: 8, 6: 16}
#: the bits before an IPv4 address in an address of IPv6 (RFC 4291, 2.5.5.2)
_MAPPED = 96
_HOST = re.compile(r"[a-z0-9*_-]+(?:\.[a-z0-9*_-]+)*(?::\d{1,5})?")


@dataclass(frozen=True)
class Ban:
    """A ban; see models.Ban. `site` is the name of its site, None for all."""

    id: int
    site_id: int | None
    site: str | None
    kind: str
    value: str
    shadow: bool
    reason: str
    until: datetime | None
    actor: str
    created: datetime

    @property
    def named(self) -> str:
        """What a list or an operator calls it."""
        return f"ban {self.id}: {self.kind} {self.value}"


class _Signed(Protocol):
    @property
    def links(self) -> tuple[str, ...]: ...
    @property
    def name(self) -> str: ...
    @property
    def website(self) -> str: ...
    @property
    def email(self) -> str: ...


@dataclass(frozen=True)
class Subject:
    """What a ban can be about, of one comment."""

    reader_id: int | None = None
    name: str = ""
    email: str = ""
    addresses: tuple[str, ...] = ()  # that it links to
    network: str = ""  # the address that it comes from

    @classmethod
    def of(cls, written: _Signed, reader_id: int | None, network: str) -> Subject:
        """Return what of a comment a ban can be about."""
        linked = (*written.links, written.website) if written.website else written.links
        return cls(reader_id, written.name, written.email, linked, network)


def matching(connection: Connection, site_id: int, subject: Subject, now: datetime) -> Ban | None:
    """Return a ban that holds for a comment on the site now; of several an open one before one in the shadow."""
    named = [("reader", str(subject.reader_id))] if subject.reader_id is not None else []
    named += [("name", lists.fold(subject.name))] if subject.name else []
    email = subject.email.lower()
    named += [("email", value) for value in (email, *_domains(email.rpartition("@")[2])) if email]
    for row in ban_store.that_may_hold(connection, site_id, named, now, 2 * MOST + len(named)):
        ban = Ban(*row)
        if ban.kind == "url" and not any(_links_to(ban.value, address) for address in subject.addresses):
            continue
        if ban.kind == "address" and not _is_within(subject.network, ban.value):
            continue
        return ban
    return None


def add(
    kind: str,
    value: str,
    actor: Actor,
    now: datetime,
    *,
    site_id: int | None = None,
    shadow: bool = False,
    reason: str = "",
    until: datetime | None = None,
) -> Ban:
    """Ban somebody or something, on one site or, without one, on all, and return the ban.

    Raises Invalid for what cannot be banned, Conflict where there is the same ban already, or no room for one more.
    """
    reason = clean_line(reason)
    faults: dict[str, Any] = {}
    if kind not in KINDS:
        faults["kind"] = [f"One of {', '.join(KINDS)}."]
    if len(reason) > REASON:
        faults["reason"] = [f"The reason may have {REASON} characters."]
    if until is not None and until <= now:
        faults["until"] = ["The end must lie ahead."]
    if until is not None and until > now + FURTHEST:
        faults["until"] = ["The end must lie within a hundred years. Without one, a ban holds until somebody ends it."]
    wanted = _VALUES[kind](clean_line(value)) if kind in KINDS else ""
    if kind in KINDS and (wanted is None or len(wanted) > VALUE):
        faults["value"] = [_FAULTS[kind]]
    if faults or wanted is None:
        raise Invalid(faults)
    with database.write() as connection:
        if site_id is not None and not ban_store.is_site(connection, site_id):
            raise NotFound("site")
        same = ban_store.find_same(connection, kind, wanted, site_id)
        if same is not None and (same.until is None or same.until > now):
            raise Conflict(f"{wanted} is banned there already, by ban {same.id}.")
        if kind in ("url", "address") and ban_store.count_wide(connection, site_id, now) >= MOST:
            raise Conflict(f"There are {MOST:,} bans by pattern or network already. Remove some that are not needed.")
        values = {"kind": kind, "value": wanted, "site_id": site_id, "shadow": shadow, "reason": reason}
        made = ban_store.insert_ban(connection, values | {"until": until, "actor": actor.name, "created": now})
        ban = Ban(*ban_store.one(connection, made))
        _record(connection, "ban.add", ban, actor, reason, now)
    return ban


def remove(ban_id: int, actor: Actor, now: datetime, reason: str = "", sites: frozenset[int] | None = None) -> Ban:
    """End a ban and return what it was. Raises NotFound, also for one that is not of these sites alone (None: all)."""
    with database.write() as connection:
        row = ban_store.one(connection, ban_id) if 0 < ban_id <= LARGEST_INTEGER else None
        if row is None or (sites is not None and row.site_id not in sites):
            raise NotFound(f"ban as {ban_id}")
        ban = Ban(*row)
        ban_store.delete_ban(connection, ban_id)
        _record(connection, "ban.remove", ban, actor, reason, now)
    return ban


def listing(
    sites: frozenset[int] | None = None,
    *,
    whole: bool = False,
    kind: str | None = None,
    before: int | None = None,
    limit: int = 200,
) -> list[Ban]:
    """Return bans of these sites and those of all sites (None: every ban), newest first, also those that have ended.

    Whom a ban of all sites is about comes from any of them: without `whole`, an operator of some sites learns no e-mail
    address and no network by it, and not why.
    """
    with database.read() as connection:
        first = None if before is None else min(before, LARGEST_INTEGER)
        found = [Ban(*row) for row in ban_store.listed(connection, sites, kind, first, limit)]
    return found if whole or sites is None else [_veiled(ban) for ban in found]


def _veiled(ban: Ban) -> Ban:
    private = ban.site_id is None and ban.kind in ("email", "address")
    return replace(ban, value="", reason="") if private else ban


def _record(connection: Connection, verb: str, ban: Ban, actor: Actor, reason: str, now: datetime) -> None:
    # whom a ban by address or by e-mail is about must not outlive it in a log that nobody can change
    shown = ban.value if ban.kind in ("url", "reader") else ""
    details = {"ban": ban.id, "kind": ban.kind, "shadow": ban.shadow, "until": ban.until and ban.until.isoformat()}
    subject = f"{ban.kind} {shown}".strip()
    audit.record(connection, actor, verb, now, site_id=ban.site_id, subject=subject, reason=reason, details=details)


def _domains(host: str) -> Sequence[str]:
    parts = host.split(".")
    return [".".join(parts[start:]) for start in range(max(0, len(parts) - 1))]


def _reader(value: str) -> str | None:
    known = value.isascii() and value.isdecimal() and len(value) < 17 and 0 < int(value) <= LARGEST_ID
    return str(int(value)) if known else None


def _email(value: str) -> str | None:
    name, at, host = value.lower().rpartition("@")
    try:
        # a domain as comments keep it: in its own letters, also where it was typed as it travels (xn--...)
        host = validate_email(f"x@{host}", check_deliverability=False).domain
    except EmailNotValidError:
        return None
    return f"{name}@{host}" if at and name else host


def _pattern(value: str) -> str | None:
    bare = re.sub(r"^https?://", "", value, flags=re.IGNORECASE)
    host, slash, path = bare.partition("/")
    if "*" not in host:
        address = safe_url(f"https://{host}/")
        host = urlsplit(address).netloc if address else ""
    host = host.lower()
    if not _HOST.fullmatch(host) or not host.replace("*", "").strip(".-_:"):
        return None
    return f"{host}{slash}{path}" if path else host


def _network(value: str) -> str | None:
    try:
        network = _unmapped(ip_network(value, strict=False))
    except ValueError:
        return None
    return str(network) if network.prefixlen >= _WIDEST[network.version] else None


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return an IPv4 network that was written as one of IPv6 (::ffff:192.0.2.0/120) as what it is."""
    first = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    inside = first is not None and network.prefixlen >= _MAPPED
    return IPv4Network((first, network.prefixlen - _MAPPED)) if inside else network


_VALUES = {
    "reader": _reader,
    "name": lambda value: lists.fold(value) or None,
    "email": _email,
    "url": _pattern,
    "address": _network,
}
_FAULTS = {
    "reader": "Must be a reader's id, a whole number.",
    "name": "Must be a name.",
    "email": "Must be an e-mail address, or a domain such as example.org.",
    "url": "Must be a host such as example.org, or host/path; * stands for anything.",
    "address": "Must be an address or a network such as 192.0.2.0/24, no wider than a /8, or a /16 of IPv6.",
}


def _links_to(pattern: str, address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme == "mailto":
        return False
    beyond = f"?{parts.query}" if parts.query else ""
    found: bool = _compiled(pattern).fullmatch(f"{parts.netloc.lower()}{parts.path or '/'}{beyond}") is not None
    return found


@lru_cache(maxsize=4 * MOST)
def _compiled(pattern: str) -> Any:
    host, slash, path = pattern.partition("/")
    # a host means all below it and all its pages, a path without a star that page
    port = "" if ":" in host else r"(?::\d+)?"
    below = _glob(path).rstrip("/") + "/?(?:[?].*)?" if slash else ".*"
    return lists.compiled(rf"(?:[^/]*\.)?{_glob(host)}{port}/{below}")


def _glob(value: str) -> str:
    return ".*".join(re.escape(part) for part in value.split("*"))


def _is_within(address: str, network: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed) in ip_network(network)
