"""A reader changes the text of an own comment. It passes the same schema, renderer and rules as a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, post_load

from service import database, text
from service.comments import gate, own, reader_store, store
from service.comments.draft import BODY_CHARACTERS, Body
from service.comments.post import Sender
from service.errors import NotFound, Refused
from service.pages import Place
from service.policy import Act, Submission, judge, limits
from service.settings import Settings


@dataclass(frozen=True)
class Edit:
    """A new text."""

    body: str


class EditSchema(Schema):
    """An edit as it is sent."""

    class Meta:
        unknown = RAISE

    body = Body(required=True, metadata={"maxLength": BODY_CHARACTERS, "description": "Markdown subset."})

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Edit:
        return Edit(**values)


def edit(place: Place, comment_id: int, change: Edit, sender: Sender, settings: Settings, now: datetime) -> None:
    """Store a new text for an own comment.

    What a rule held stays held until no rule holds it any more; what an operator decided is not undone by an edit.
    Raises NotFound, PageClosed, Invalid, Refused, TooMany.
    """
    key = sender.reader_key or ""
    with database.read() as connection:
        before = own.get_own(connection, place, comment_id, key)
    own.refuse_late(before, now)
    gate.refuse_closed(place.page, now)
    rendered = text.to_html(change.body)
    verdict = judge(Submission(rendered.text, rendered.links, before.row.name, before.row.website))
    if verdict.act is Act.REFUSE:
        raise Refused(verdict.rule or "", verdict.reason)
    with gate.write(place, now) as writing:
        row = own.get_own(writing.connection, place, comment_id, key).row
        if row.state == "deleted":
            raise NotFound("comment of yours")
        limits.spend(writing.connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
        reader_store.set_text(writing, comment_id, change.body, rendered.html, text.PIPELINE)
        state = _state(row.state, row.rule, verdict.act)
        store.set_state(writing, comment_id, state, verdict.rule if state != row.state else row.rule)
        reader_store.sweep_erased(writing.connection, now)


def _state(state: str, rule: str | None, act: Act) -> str:
    if act is not Act.PUBLISH and state == "published":
        return "pending"
    if act is Act.PUBLISH and state == "pending" and rule is not None:
        return "published"
    return state
