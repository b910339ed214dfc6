"""A reader changes the text of an own comment. It passes the same schema, renderer and rules as a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, post_load

from service import database, text
from service.comments import gate, judging, own, reader_store, report, store, trace_store
from service.comments.draft import BODY_CHARACTERS, Body
from service.comments.gate import Writing
from service.comments.judging import Judged
from service.comments.post import Sender
from service.database import AnyRow
from service.errors import NotFound
from service.pages import Place
from service.policy import From, Written, limits, remember
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
    What it said before is kept with it; the same text once more changes nothing. Raises NotFound, PageClosed, Invalid,
    Refused, TooMany.
    """
    key = sender.reader_key or ""
    with database.read() as connection:
        before = own.get_own(connection, place, comment_id, key)
        earlier = (before.row.body, *trace_store.earlier_texts(connection, comment_id))
    own.refuse_late(before, now)
    gate.refuse_closed(place.site, place.page, now)
    if _is_same(before.row, change):
        return
    rendered = text.to_html(change.body)
    row = before.row
    written = Written(change.body, rendered.text, rendered.addresses, row.name, row.website, row.email, rendered.html)
    sent = From(key, sender.address)
    with database.read() as connection:
        judged = judging.look(connection, judging.Case(place, written, sent, now, editing=comment_id, earlier=earlier))
    with gate.write(place, now) as writing:
        row = own.get_own(writing.connection, place, comment_id, key).row
        if row.state == "deleted":
            raise NotFound(f"comment as {comment_id}")
        if _is_same(row, change):
            return  # sent twice at once, and decided on in between
        judged = judging.look_again(writing, judged)
        limits.spend(writing.connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
        kept = {"at": now, "body": row.body, "name": row.name, "website": row.website}
        trace_store.add_edit(writing.connection, comment_id, kept)
        remember(writing.connection, place.site.id, judged.rules, change.body, now)
        reader_store.set_text(writing, comment_id, change.body, rendered.html, text.PIPELINE)
        # what an operator has looked at is no longer what everybody sees: reports count again
        checked = row.checked and row.state != "published"
        decide(writing, row, row.state, judged, checked=checked)


def _is_same(row: AnyRow, change: Edit) -> bool:
    return row.state != "deleted" and bool(row.body == change.body)


def decide(writing: Writing, row: AnyRow, state: str, judged: Judged, *, checked: bool) -> None:
    """Let the rules decide anew on a comment that would have this state, as far as it is theirs to decide.

    `checked` is stored where they do not.
    """
    # what readers have reported waits for an operator, whatever it says now
    held_by_rule = row.rule not in (None, report.RULE) and not row.checked
    wanted, columns = judged.verdict.state, judged.columns()
    # spam stays spam, and what an operator decided stays decided
    new = wanted if state == "published" or (state == "pending" and held_by_rule) else state
    if new != state or (new == wanted and held_by_rule):
        store.set_state(writing, row.id, new, columns["rule"])
        trace_store.set_judged(writing.connection, row.id, columns | {"checked": False})
        return
    store.set_state(writing, row.id, state, row.rule)
    scored = {"spam_score": columns["spam_score"], "checked": checked}
    trace_store.set_judged(writing.connection, row.id, scored | ({"told": judged.told} if row.shadow else {}))
