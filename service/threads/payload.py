"""Rows -> the JSON of the contract. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from service.database import AnyRow
from service.pages import Place, Site
from service.policy import Closing, settings_of


def page(place: Place, closing: Closing) -> dict[str, Any]:
    """Return the contract's `page`; one that nobody has seen anything of has version 0, and the asker's address."""
    stored = place.page if place.page and place.page.version else None
    return {
        "url": stored.url if stored else place.url,
        "title": stored.title if stored else "",
        "closed": closing.closed,
        "reason": closing.reason,
        "reopens": moment(closing.reopens),
        "count": stored.count if stored else 0,
        "version": stored.version if stored else 0,
    }


def site(settings: Site, body: int) -> dict[str, Any]:
    """Return what the widget must know of the site: its settings and how long a body may be."""
    return {
        "name": settings.name,
        "names": settings.names,
        "depth": settings.depth,
        "body": body,
        "edit_minutes": settings.edit_minutes,
        "votes": settings.votes,
        "form": settings_of(settings).asks,
    }


def comment(
    row: AnyRow, settings: Site, *, more: str | None = None, earlier: str | None = None, own: bool = False
) -> dict[str, Any]:
    """Return the contract's comment.

    One that is not published only holds the place of its replies: neither its text nor its author is told, except to
    its own author. That one is not told of a comment hidden from everybody else.
    """
    told = own or row.state == "published"
    answer = {
        "id": row.id,
        "parent": row.parent_id,
        "depth": min(row.depth, settings.depth),
        "number": row.number,
        "author": {"name": row.name, "website": row.website or None, "operator": row.operator} if told else None,
        "html": row.html if told else "",
        "created": moment(row.created),
        "edited": moment(row.edited),
        "state": (row.told or "published") if own and row.shadow and row.state == "spam" else _state(row.state),
        "score": row.score,
        "replies": row.replies,
    }
    if more is not None:
        answer["more"] = more
    if earlier is not None:
        answer["earlier"] = earlier
    return answer


def own_comment(row: AnyRow, settings: Site) -> dict[str, Any]:
    """Return the contract's comment as its own author sees it."""
    return comment(row, settings, own=True)


def _state(stored: str) -> str:
    # that a comment was taken for spam is nobody's business but the operator's: its author waits, readers see a gap
    return "pending" if stored == "spam" else stored


def moment(value: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with Z, to the second."""
    return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
