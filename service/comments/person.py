"""All that is kept of one person: as data for who asks for it, and erased for good where that is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service import database
from service.comments import keeping_store, mine, wipe
from service.database import AnyRow
from service.errors import Invalid, NotFound
from service.people.audit import Actor

#: comments looked up at once
_STEP = 200
#: what of a stored comment is about its author; the rest places it in its thread
_TOLD = (
    "id", "site", "page_url", "page_title", "parent_id", "state", "created", "edited", "name", "email", "website",
    "body", "address", "reader_id", "rule", "why", "spam_score", "reports", "up", "down",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One person, by one of three names: an e-mail address, a reader's id, a comment of theirs.

    By a comment it is the reader who wrote it, with all that they wrote from that browser; where none is known, the
    comment alone. Somebody else may have typed the same e-mail address: what is told of it is for operators to judge.
    """

    email: str | None = None
    reader_id: int | None = None
    comment_id: int | None = None

    def __post_init__(self) -> None:
        """Refuse anything but one name."""
        if len([name for name in (self.email, self.reader_id, self.comment_id) if name not in (None, "")]) != 1:
            raise Invalid({"person": ["Name an e-mail address, a reader or a comment, one of them."]})


@dataclass(frozen=True)
class Erased:
    """How many comments were erased, and whether a reader was, with votes and reports."""

    comments: int
    reader: bool


def export(person: Person) -> dict[str, Any]:
    """Return all that is kept of a person, for JSON. Raises NotFound when that is nothing."""
    with database.read() as connection:
        known = _found(connection, person)
        ids = keeping_store.ids_of(connection, known.email, known.reader_id, known.comment_id)
        comments: list[dict[str, Any]] = []
        versions: list[dict[str, Any]] = []
        log: list[dict[str, Any]] = []
        for part in _parts(ids):
            comments += [
                {name: getattr(row, name) for name in _TOLD} for row in keeping_store.rows_of(connection, part)
            ]
            versions += [
                {"comment": row.comment_id, "at": row.at, "name": row.name, "website": row.website, "body": row.body}
                for row in keeping_store.edits_of(connection, part)
            ]
            log += _plain(keeping_store.log_of(connection, part))
        reader = known.reader_id
        emails = {each["email"] for each in comments} | {known.email or ""}
        readers = {each["reader_id"] or 0 for each in comments} | {reader or 0}
        votes = _plain(keeping_store.votes_of(connection, reader)) if reader else []
        reports = _plain(keeping_store.reports_of(connection, reader)) if reader else []
        bans = _plain(keeping_store.bans_of(connection, sorted(emails - {""}), sorted(readers - {0})))
    if not (comments or votes or reports or bans):
        raise NotFound("person")
    return {
        "comments": comments, "former_versions": versions, "votes": votes, "reports": reports, "bans": bans,
        "done_to_their_comments": log,
    }  # fmt: skip


def erase(person: Person, actor: Actor, now: datetime) -> Erased:
    """Erase what a person wrote, for good and with no undo; of a reader, votes and reports too.

    Comments with replies keep their place, without a word or a name. Bans stay until they are removed: they keep from
    writing whom an operator keeps from it. Raises NotFound when there is nothing.
    """
    with database.read() as connection:
        known = _found(connection, person)
        ids = keeping_store.ids_of(connection, known.email, known.reader_id, known.comment_id)
    if not ids and known.reader_id is None:
        raise NotFound("person")
    for comment_id in ids:
        # each by itself, as an operator does by hand: recorded, and nobody waits for all of them
        wipe.wipe(comment_id, actor, now)
        database.give_way()
    late = mine.forget_reader(known.reader_id, now) if known.reader_id is not None else 0
    database.empty_log()
    return Erased(len(ids) + late, known.reader_id is not None)


def _found(connection: Connection, person: Person) -> Person:
    if person.comment_id is None:
        return person
    row = keeping_store.reader_of(connection, person.comment_id)
    if row is None:
        raise NotFound(f"comment as {person.comment_id}")
    return Person(reader_id=row.reader_id) if row.reader_id is not None else person


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _STEP):
        yield ids[start : start + _STEP]


def _plain(rows: Sequence[AnyRow]) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in rows]
