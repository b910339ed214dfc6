"""The audit log: who did what to what, and why, from whichever door.

An entry is written in the transaction of the act that it tells of: neither is ever there without the other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from service.models import AuditEntry


@dataclass(frozen=True)
class Actor:
    """Who acts, and through which door: `via` is ui, api, cli, mail or policy."""

    name: str
    via: str


COMMAND_LINE = Actor("command line", "cli")
POLICY = Actor("policy", "policy")


def new_batch() -> str:
    """Return a name for the entries of one act on many things, under which they are undone together."""
    return secrets.token_urlsafe(12)


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
