"""Clearing away what is out of date: every write does some of it along the way, this does it without one."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime

from service import database
from service.comments import reader_store, retry, store
from service.policy import limits

#: rows of a kind in one transaction, so that no writer waits long
BATCH = 200


@dataclass(frozen=True)
class Tidied:
    """What was cleared away: texts that their authors deleted, answers kept for retries, uses of limits."""

    texts: int
    answers: int
    uses: int


def tidy(now: datetime) -> Tidied:
    """Clear away everything that is out of date, in steps between which others write, and return how much it was."""
    done: list[Tidied] = []
    while not done or max(astuple(done[-1])) == BATCH:
        with database.write() as connection:
            texts = reader_store.sweep_erased(connection, now, BATCH)
            answers = store.sweep_retries(connection, now - retry.KEPT, BATCH)
            done.append(Tidied(texts, answers, limits.sweep(connection, now, BATCH)))
    database.empty_log()
    return Tidied(*(sum(kind) for kind in zip(*map(astuple, done), strict=True)))


def erase_due(now: datetime) -> None:
    """Erase some texts whose time to be had back is over. Where there are none, it waits for no writer."""
    with database.read() as connection:
        if not reader_store.due(connection, now, 1):
            return
    with database.write() as connection:
        reader_store.sweep_erased(connection, now, BATCH)
    database.empty_log()
