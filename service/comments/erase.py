"""A reader deletes an own comment, and for a while can have it back; then its text is erased for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from service import database
from service.comments import gate, own, reader_store, store
from service.comments.post import Sender
from service.errors import NotFound
from service.pages import Place
from service.policy import limits
from service.settings import Settings

#: how long a deleted comment can be had back; its text is erased by the first write after that
UNDO = timedelta(minutes=10)


def erase(place: Place, comment_id: int, sender: Sender, settings: Settings, now: datetime) -> datetime:
    """Delete an own comment and return until when it can be had back.

    Raises NotFound, PageClosed, Refused, TooMany.
    """
    key = sender.reader_key or ""
    with database.read() as connection:
        own.refuse_late(own.get_own(connection, place, comment_id, key), now)
    with gate.write(place, now) as writing:
        row = own.get_own(writing.connection, place, comment_id, key).row
        if row.state == "deleted":
            raise NotFound("comment of yours")
        limits.spend(writing.connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
        store.set_state(writing, comment_id, "deleted", row.rule)
        reader_store.set_erasure(writing.connection, comment_id, now + UNDO, row.state)
        reader_store.sweep_erased(writing.connection, now)
    return now + UNDO


def restore(place: Place, comment_id: int, sender: Sender, settings: Settings, now: datetime) -> None:
    """Give an own deleted comment its state back. Raises NotFound once it is erased, PageClosed, TooMany."""
    with gate.write(place, now) as writing:
        row = own.get_own(writing.connection, place, comment_id, sender.reader_key or "").row
        if row.state != "deleted" or row.erased_state is None or row.erase_at <= now:
            raise NotFound("deleted comment of yours")
        limits.spend(writing.connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
        reader_store.set_erasure(writing.connection, comment_id, None, None)
        store.set_state(writing, comment_id, row.erased_state, row.rule)
        reader_store.sweep_erased(writing.connection, now)
