"""A reader deletes an own comment, and for a while can have it back; then its text is erased for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from service import database, text
from service.comments import gate, judging, own, reader_store, store, trace_store
from service.comments.edit import decide
from service.comments.post import Sender
from service.database import AnyRow
from service.errors import NotFound
from service.pages import Place
from service.policy import From, Written, limits
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
            raise NotFound(f"comment as {comment_id}")
        limits.spend(writing.connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
        store.set_state(writing, comment_id, "deleted", row.rule)
        reader_store.set_erasure(writing.connection, comment_id, now + UNDO, row.state)
    return now + UNDO


def restore(place: Place, comment_id: int, sender: Sender, settings: Settings, now: datetime) -> None:
    """Give an own deleted comment its state back, unless a ban or a rule of today has something to say against it.

    Raises NotFound once it is erased, PageClosed, Refused, TooMany.
    """
    key = sender.reader_key or ""
    with database.read() as connection:
        own.get_own(connection, place, comment_id, key)  # first: whoever asks for another's learns nothing
        gate.refuse_closed(place.site, place.page, now)
        row = _deleted(connection, place, comment_id, key, now)
        earlier = (row.body, *trace_store.earlier_texts(connection, comment_id))
    shown = (text.to_text(row.html), text.linked(row.html))
    written = Written(row.body, *shown, row.name, row.website, row.email, row.html)
    sent = From(key, sender.address)
    with database.read() as connection:
        judged = judging.look(connection, judging.Case(place, written, sent, now, editing=comment_id, earlier=earlier))
    with gate.write(place, now) as writing:
        row = _deleted(writing.connection, place, comment_id, key, now)
        judged = judging.look_again(writing, judged)
        limits.spend(writing.connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
        reader_store.set_erasure(writing.connection, comment_id, None, None)
        if row.checked and not judged.verdict.shadow:
            # the very text that an operator has decided on: only a ban goes before that
            store.set_state(writing, comment_id, row.erased_state, row.rule)
        else:
            decide(writing, row, row.erased_state, judged, checked=row.checked)


def _deleted(connection: Connection, place: Place, comment_id: int, key: str, now: datetime) -> AnyRow:
    row = own.get_own(connection, place, comment_id, key).row
    if row.state != "deleted" or row.erased_state is None or row.erase_at <= now:
        raise NotFound(f"comment as {comment_id}")
    return row
