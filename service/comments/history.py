"""An operator changes what a comment says, under the schema and the renderer of everybody; what it said is kept.

Closing has no say here: an address that must come out of a comment must come out of a closed page too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, post_load, validates_schema
from sqlalchemy import Connection

from service import database, text
from service.comments import decision_store, gate, own, reader_store, version
from service.comments.draft import BODY_CHARACTERS, NAME, WEBSITE, Body, Line, Website
from service.database import AnyRow
from service.errors import Conflict, Invalid, NotFound
from service.people import audit
from service.people.audit import Actor

#: reports of one comment shown at once
_REPORTS = 100
#: what can be changed, in words
_WORDS = {"body": "the text", "name": "the name", "website": "the website"}


@dataclass(frozen=True)
class Revision:
    """What is to be changed; None stays as it is."""

    body: str | None = None
    name: str | None = None
    website: str | None = None


class RevisionSchema(Schema):
    """An operator's change of a comment as it is sent."""

    class Meta:
        unknown = RAISE

    body = Body(metadata={"maxLength": BODY_CHARACTERS, "description": "Markdown subset."})
    name = Line(NAME)
    website = Website(WEBSITE)

    @validates_schema
    def _says_something(self, values: dict[str, Any], **_: Any) -> None:
        if not values.keys() & {"body", "name", "website"}:
            raise ValidationError("Nothing is changed.")

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Revision:
        return Revision(**values)


@dataclass(frozen=True)
class Version:
    """What a comment said until `at`, when `actor` changed it: an operator, or with an empty name its author."""

    at: datetime
    actor: str
    body: str
    name: str
    website: str


@dataclass(frozen=True)
class Reported:
    """A reader's report; `upheld` says what an operator's decision made of it, None that there was none yet."""

    reader: int
    reason: str
    created: datetime
    upheld: bool | None


def load_revision(values: dict[str, Any]) -> Revision:
    """Return the change in `values`; raises Invalid. For doors other than HTTP's."""
    try:
        revision: Revision = RevisionSchema().load(values)
    except ValidationError as error:
        faults = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(faults) from error
    return revision


def revise(
    comment_id: int,
    revision: Revision,
    actor: Actor,
    now: datetime,
    reason: str = "",
    allowed: frozenset[int] | None = None,
    seen: str | None = None,
) -> bool:
    """Change what a comment says, and return whether it said anything else before.

    `seen` is the version that was looked at (see version.py). Raises NotFound when there is none, or it is of no
    `allowed` site, Conflict when its text was erased, or says something else by now than was seen.
    """
    place = own.get_place(comment_id)
    if allowed is not None and place.site.id not in allowed:
        raise NotFound(f"comment as {comment_id}")
    rendered = text.to_html(revision.body) if revision.body is not None else None  # before any lock
    with gate.write(place, now, operator=True) as writing:
        row = decision_store.rows(writing.connection, [comment_id]).get(comment_id)
        if row is None:
            raise NotFound(f"comment as {comment_id}")
        if not row.body:
            raise Conflict(f"Comment {comment_id} was erased; there is nothing left to change.")
        if seen is not None:
            _refuse_overtaken(writing.connection, row, seen)
        given = {"body": revision.body, "name": revision.name, "website": revision.website}
        values: dict[str, Any] = {
            name: value for name, value in given.items() if value is not None and value != getattr(row, name)
        }
        if not values:
            return False
        changed = sorted(values)
        if rendered is not None and "body" in values:
            values |= {"html": rendered.html, "pipeline": text.PIPELINE}
        decision_store.add_version(writing.connection, row, actor.name, now)
        reader_store.take_back_lesson(writing.connection, comment_id)
        decision_store.put(writing.connection, comment_id, values | {"edited": now})
        writing.visible = True
        audit.record(
            writing.connection,
            actor,
            "comment.edit",
            now,
            site_id=row.site_id,
            page_id=row.page_id,
            comment_id=comment_id,
            subject=row.url,
            reason=reason,
            details={"changed": changed},
        )
    return True


def _refuse_overtaken(connection: Connection, row: AnyRow, seen: str) -> None:
    # within the lock: else what an author has just taken out of a comment would be back with an operator's older text
    since = decision_store.versions(connection, row.id, version.newest_edit(seen))
    changed = [word for name, word in _WORDS.items() if since and getattr(since[0], name) != getattr(row, name)]
    if changed:
        who = " and ".join(sorted({each.actor or "its author" for each in since}))
        raise Conflict(f"Meanwhile {who} changed {' and '.join(changed)} of this comment, so nothing was saved.")
    if version.is_edited(row, seen) and not since:
        raise Conflict("This is no version of this comment, so nothing was saved.")


def as_seen(comment_id: int, seen: str, allowed: frozenset[int] | None = None) -> Version | None:
    """Return what a comment said when that version was looked at, None when nothing was changed since.

    Raises NotFound.
    """
    _require(comment_id, allowed)
    with database.read() as connection:
        since = decision_store.versions(connection, comment_id, version.newest_edit(seen))
    return Version(*since[0]) if since else None


def history(comment_id: int, allowed: frozenset[int] | None = None) -> list[Version]:
    """Return the former versions of a comment, oldest first. Raises NotFound."""
    _require(comment_id, allowed)
    with database.read() as connection:
        return [Version(*row) for row in decision_store.versions(connection, comment_id)]


def reports(comment_id: int, allowed: frozenset[int] | None = None) -> list[Reported]:
    """Return the newest reports of a comment. Raises NotFound."""
    _require(comment_id, allowed)
    with database.read() as connection:
        return [Reported(*row) for row in decision_store.reports(connection, comment_id, _REPORTS)]


def _require(comment_id: int, allowed: frozenset[int] | None) -> None:
    site = own.get_place(comment_id).site
    if allowed is not None and site.id not in allowed:
        raise NotFound(f"comment as {comment_id}")
