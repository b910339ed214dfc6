"""The audit log: who did what to what, and why, from whichever door.

An entry is written in the transaction of the act that it tells of: neither is ever there without the other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from service import database
from service.models import LARGEST_ID, AuditEntry, Site


@dataclass(frozen=True)
class Actor:
    """Who acts, and through which door: `via` is ui, api, cli, mail or policy."""

    name: str
    via: str


@dataclass(frozen=True)
class Entry:
    """One act as it was recorded. `site` is the site's name where there still is one with this id."""

    id: int
    at: datetime
    actor: str
    via: str
    verb: str
    site_id: int | None
    site: str | None
    page_id: int | None
    comment_id: int | None
    subject: str
    reason: str
    batch: str | None
    details: dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which entries are wanted; what is None doesn't matter. `verb` may be a kind alone, such as "comment".

    `since` and `until` bound the time at which it was done, the latter exclusively.
    """

    actor: str | None = None
    verb: str | None = None
    site: str | None = None
    comment_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


COMMAND_LINE = Actor("command line", "cli")
POLICY = Actor("policy", "policy")
ALL = Wanted()
#: what an export is: lines of JSON
MEDIA = "application/x-ndjson"
#: entries that an export reads at once
_STEP = 1_000


def new_batch() -> str:
    """Return a name for the entries of one act on many things, under which they are undone together."""
    return secrets.token_hex(8)  # hexadecimal: typed as a command's argument, it must not begin with a hyphen


def record(
    connection: Connection,
    actor: Actor,
    verb: str,
    now: datetime,
    *,
    site_id: int | None = None,
    page_id: int | None = None,
    comment_id: int | None = None,
    subject: str = "",
    reason: str = "",
    batch: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry. `verb` is like "comment.approve"; `subject` names what it was about in words, cut to its room.

    `details` is what undo and readers of the log need, never a comment's text: that must be erasable.
    """
    values = {
        "at": now,
        "actor": actor.name,
        "via": actor.via,
        "verb": verb,
        "site_id": site_id,
        "page_id": page_id,
        "comment_id": comment_id,
        "subject": subject[:300],
        "reason": reason[:300],
        "batch": batch,
        "details": json.dumps(details or {}, ensure_ascii=False),
    }
    connection.execute(insert(AuditEntry).values(**values))


def entries(
    connection: Connection,
    allowed: frozenset[int] | None,
    wanted: Wanted = ALL,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return entries, the newest first, from below the id `before`.

    With `allowed` (site ids) only what belongs to these sites is told; None is everything, also what belongs to none.
    """
    columns = [getattr(AuditEntry, name) for name in Entry.__dataclass_fields__ if name != "site"]
    found = select(*columns, Site.name.label("site")).outerjoin(Site, Site.id == AuditEntry.site_id)
    if allowed is not None:
        found = found.where(AuditEntry.site_id.in_(allowed))
    if wanted.actor is not None:
        found = found.where(AuditEntry.actor == wanted.actor)
    if wanted.verb is not None:
        kind = AuditEntry.verb.startswith(f"{wanted.verb}.", autoescape=True)
        found = found.where((AuditEntry.verb == wanted.verb) | kind)
    if wanted.site is not None:
        found = found.where(Site.name == wanted.site)
    if wanted.comment_id is not None:
        found = found.where(AuditEntry.comment_id == wanted.comment_id)
    if wanted.since is not None:
        found = found.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        found = found.where(AuditEntry.at < wanted.until)
    if before is not None:
        found = found.where(AuditEntry.id < min(before, LARGEST_ID))
    rows = connection.execute(found.order_by(AuditEntry.id.desc()).limit(limit)).mappings()
    return [Entry(**(dict(row) | {"details": json.loads(row["details"])})) for row in rows]


def actor_of(connection: Connection, verb: str, page_id: int, at: datetime) -> str | None:
    """Return who did something to a page at that moment: none where its entry is of another time, or there is none."""
    found = select(AuditEntry.actor).where(AuditEntry.at == at, AuditEntry.page_id == page_id, AuditEntry.verb == verb)
    return connection.execute(found.order_by(AuditEntry.id.desc()).limit(1)).scalar()


def export(allowed: frozenset[int] | None = None, wanted: Wanted = ALL) -> Iterator[str]:
    """Yield entries as lines of JSON, the newest first, read in steps so that a long log needs little memory.

    Which of them are told is as in entries().
    """
    before = None
    while True:
        # a transaction for each step: who reads slowly keeps none open, and no entry changes between two of them
        with database.read() as connection:
            part = entries(connection, allowed, wanted, before, _STEP)
        if not part:
            return
        for entry in part:
            values = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
            values["at"] = entry.at.strftime("%Y-%m-%dT%H:%M:%SZ")
            yield json.dumps(values, ensure_ascii=False) + "\n"
        before = part[-1].id
