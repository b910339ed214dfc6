"""A reader reports a comment to the operators, with a reason; once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from marshmallow import RAISE, Schema, post_load
from sqlalchemy import Connection

from service.comments import decision_store, gate, judging, standing, store
from service.comments.draft import Line
from service.comments.gate import Writing
from service.comments.post import Sender
from service.comments.standing import Answered
from service.errors import NotFound, TooMany
from service.pages import Place
from service.people import readers
from service.people.audit import POLICY, new_batch
from service.policy import limits, settings_of
from service.settings import Limit, Settings

REASON = 300
#: the rule that holds what was reported often enough
RULE = "reported"
#: nobody meets more than this in a day; a campaign against a thread does
_PER_DAY = (Limit(20, 86_400),)
#: reader keys are made up at will, addresses are not: of one address a comment's reports count once
_PER_COMMENT = (Limit(1, 86_400),)
#: a reader of whose reports so many were rejected in that time is stored and listed, but holds nothing any more
_REJECTED, _REMEMBERED = 5, timedelta(days=30)


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

    When enough readers, each at another address, have reported a published comment that no operator has looked at, it
    is held. A report that was rejected stays so until the comment is edited. Raises NotFound, Refused, TooMany.
    """
    with gate.write(place, now, operator=True, beside=True) as writing:
        connection = writing.connection
        row = store.find_comment(connection, comment_id)
        reader_id = readers.take(connection, place.site.id, sender.reader_key or "", now)
        hidden = judging.refuse_banned(connection, place.site, reader_id, sender.address, now)
        if row is None or not (row.state == "published" or store.seems_published(row, reader_id)):
            raise NotFound(f"comment as {comment_id}")
        limits.spend(connection, _uses(sender, reader_id, settings), now)
        earlier = decision_store.find_report(connection, comment_id, reader_id)
        answered = earlier is not None and (row.edited is None or row.edited <= earlier.created)
        upheld = earlier.upheld if earlier is not None and answered else None
        # one that does not count is answered like any other, or it would say when to change the address
        heard = not hidden and row.state == "published"
        counted = (earlier is not None and earlier.counted) or (
            heard and _is_first(connection, comment_id, sender, now)
        )
        decision_store.put_report(connection, comment_id, reader_id, given.reason, now, upheld, counted)
        waiting = decision_store.open_reports(connection, comment_id, counted=True)
        decision_store.put(connection, comment_id, {"reports": len(waiting)})
        _hold(writing, comment_id, waiting, settings_of(place.site).reports)


def _hold(writing: Writing, comment_id: int, waiting: list[int], threshold: int) -> None:
    row = store.find_comment(writing.connection, comment_id)
    if row is None or row.checked or not 0 < threshold <= len(waiting):
        return
    rejected = decision_store.rejecting(writing.connection, waiting, writing.now - _REMEMBERED)
    heard = [reader_id for reader_id in waiting if rejected.get(reader_id, 0) < _REJECTED]
    if len(heard) >= threshold:
        after = replace(standing.of(row), state="pending", rule=RULE)
        reason = f"Reported by {len(heard)} readers."
        standing.change(writing, row, after, Answered(), POLICY, "comment.hold", reason, new_batch())


def _is_first(connection: Connection, comment_id: int, sender: Sender, now: datetime) -> bool:
    buckets = tuple(f"report {comment_id} {bucket}" for bucket in sender.buckets)
    try:
        limits.spend(connection, [limits.Use(buckets, _PER_COMMENT)], now)
    except TooMany:
        return False
    return True


def _uses(sender: Sender, reader_id: int, settings: Settings) -> list[limits.Use]:
    by_reader, by_address = (f"report reader:{reader_id}",), tuple(f"report {bucket}" for bucket in sender.buckets)
    daily = [limits.Use(buckets, _PER_DAY, "reports") for buckets in (by_reader, by_address)]
    return [limits.act_use(sender.buckets, settings.limit_acts), *daily]
