"""Clearing away what is out of date, which no reader waits for: the clock does it, see web/upkeep.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from service import database
from service.comments import gate, keeping_store, own, reader_store, retry, store
from service.people import sessions
from service.policy import limits, spam
from service.settings import Settings

#: rows of a kind in one transaction, so that no writer waits long
BATCH = 200


@dataclass(frozen=True)
class Tidied:
    """What was cleared away.

    Texts that their authors deleted, answers kept for retries, uses of limits; addresses and e-mail addresses that were
    kept long enough; texts that operators, or the rules, removed long enough ago; sessions that are over.
    """

    texts: int
    answers: int
    uses: int
    addresses: int = 0
    emails: int = 0
    removed: int = 0
    sessions: int = 0


def tidy(now: datetime, settings: Settings) -> Tidied:
    """Clear away everything that is out of date, in steps between which others write, and return how much it was."""
    done: list[Tidied] = []
    while not done or max(astuple(done[-1])) >= BATCH:
        if done:
            database.give_way()
        done.append(_step(now, settings))
    database.empty_log()
    return Tidied(*(sum(kind) for kind in zip(*map(astuple, done), strict=True)))


def _step(now: datetime, settings: Settings) -> Tidied:
    old_removed: Sequence[int] = ()
    if settings.removed_days is not None:
        with database.read() as connection:
            old_removed = keeping_store.removed(connection, now - timedelta(days=settings.removed_days), BATCH)
    for comment_id in old_removed:
        _erase_removed(comment_id, now)
    with database.write() as connection:
        emails = 0
        if settings.email_days is not None:
            emails = keeping_store.sweep_emails(connection, now - timedelta(days=settings.email_days), BATCH)
        return Tidied(
            texts=reader_store.sweep_erased(connection, now, BATCH),
            answers=store.sweep_retries(connection, now - retry.KEPT, BATCH),
            uses=limits.sweep(connection, now, BATCH),
            addresses=keeping_store.sweep_addresses(connection, now - timedelta(days=settings.address_days), BATCH),
            emails=emails,
            removed=len(old_removed),
            sessions=sessions.sweep(connection, now),
        )


def _erase_removed(comment_id: int, now: datetime) -> None:
    with gate.write(own.get_place(comment_id), now, operator=True) as writing:
        row = store.find_comment(writing.connection, comment_id)
        if row is None or row.state not in ("spam", "deleted"):
            return  # somebody has just thought better of it
        spam.settle(writing.connection, comment_id)
        store.set_state(writing, comment_id, "deleted", row.rule)
        reader_store.erase_text(writing.connection, comment_id)
        writing.visible = writing.visible or row.replies > 0  # its name stood in the place that it keeps


def erase_due(now: datetime) -> None:
    """Erase some texts whose time to be had back is over. Where there are none, it waits for no writer."""
    with database.read() as connection:
        if not reader_store.due(connection, now, 1):
            return
    with database.write() as connection:
        reader_store.sweep_erased(connection, now, BATCH)
    database.empty_log()
