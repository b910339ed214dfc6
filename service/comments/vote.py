"""A reader votes on a comment: once, and may change or take back the vote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load

from service.comments import gate, judging, reader_store, store
from service.comments.post import Sender
from service.errors import NotFound, Refused
from service.pages import Place
from service.people import readers
from service.policy import limits
from service.settings import Limit, Settings

#: A household or an office shares an address, but no single address makes an opinion.
_PER_COMMENT = (Limit(10, 86_400),)


@dataclass(frozen=True)
class Vote:
    """1 up, -1 down, 0 taken back."""

    value: int


class _Value(fields.Integer):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int or value not in (-1, 0, 1):
            raise ValidationError("Must be 1, 0 or -1.")
        return value


class VoteSchema(Schema):
    """A vote as it is sent."""

    class Meta:
        unknown = RAISE

    value = _Value(required=True, metadata={"enum": [-1, 0, 1]})

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Vote:
        return Vote(**values)


def vote(place: Place, comment_id: int, given: Vote, sender: Sender, settings: Settings, now: datetime) -> int:
    """Store a reader's vote, and return the score that the reader is told.

    That of somebody banned without being told is answered like any other, and counts nothing. Raises NotFound,
    PageClosed, Refused, TooMany.
    """
    allowed = {"both": (-1, 0, 1), "up": (0, 1), "off": ()}[place.site.votes]
    if given.value not in allowed:
        raise Refused("votes-off", "Votes of this kind are turned off on this site.")
    with gate.write(place, now) as writing:
        connection = writing.connection
        row = store.find_comment(connection, comment_id)
        # made only for a vote that counts, and within the limits: or each key made up on the way would leave a row
        reader_id = readers.find(connection, place.site.id, sender.reader_key or "")
        hidden = judging.refuse_banned(connection, writing.site, reader_id, sender.address, now)
        if row is None or not (row.state == "published" or store.seems_published(row, reader_id)):
            raise NotFound(f"comment as {comment_id}")
        if reader_id is not None and row.reader_id == reader_id:
            raise Refused("own-comment", "Nobody votes on a comment of their own.")
        before = reader_store.find_vote(connection, comment_id, reader_id) if reader_id is not None else 0
        score = int(row.score)
        if before == given.value:
            return score
        uses = [limits.act_use(sender.buckets, settings.limit_acts)]
        if before == 0:
            uses.append(limits.vote_use(sender.buckets, comment_id, _PER_COMMENT))
        if reader_id is None:
            readers.reserve(connection, place.site.id, sender.reader_key or "")
        limits.spend(connection, uses, now)
        if hidden:
            return score + given.value - before
        if reader_id is None:
            reader_id = readers.take(connection, place.site.id, sender.reader_key or "", now)
        reader_store.set_vote(connection, comment_id, reader_id, given.value)
        up = row.up + (given.value == 1) - (before == 1)
        down = row.down + (given.value == -1) - (before == -1)
        reader_store.set_score(connection, comment_id, up, down)
        writing.visible = True
        return int(up - down)
