"""A reader reports a comment to the operators, with a reason; once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, post_load

from service.comments import gate, reader_store, store
from service.comments.draft import Line
from service.comments.post import Sender
from service.errors import NotFound
from service.pages import Place
from service.people import readers
from service.policy import limits
from service.settings import Settings

REASON = 300


@dataclass(frozen=True)
class Report:
    """What is wrong with the comment, in the reader's words; may be empty."""

    reason: str


class ReportSchema(Schema):
    """A report as it is sent."""

    class Meta:
        unknown = RAISE

    reason = Line(REASON, load_default="")

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Report:
        return Report(**values)


def report(place: Place, comment_id: int, given: Report, sender: Sender, settings: Settings, now: datetime) -> None:
    """Store a report; a second one of the same reader replaces the first. Possible on a closed page: it adds nothing.

    Raises NotFound, TooMany.
    """
    with gate.write(place, now, operator=True) as writing:
        row = store.find_comment(writing.connection, comment_id)
        if row is None or row.state != "published":
            raise NotFound("comment")
        limits.spend(writing.connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
        reader_id = readers.take(writing.connection, place.site.id, sender.reader_key or "", now)
        reader_store.set_report(writing.connection, comment_id, reader_id, given.reason, now)
        reader_store.sweep_erased(writing.connection, now)
