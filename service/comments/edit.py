"""A reader changes the text of an own comment. It passes the same schema, renderer and rules as a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, post_load

from service import database, text
from service.comments import gate, judging, own, reader_store, report, store, trace_store
from service.comments.draft import BODY_CHARACTERS, Body
from service.comments.post import Sender
from service.database import AnyRow
from service.errors import NotFound
from service.pages import Place
from service.policy import From, Written, limits, remember, settings_of
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
    What it said before is kept with it; the same text once more changes nothing. Raises NotFound, PageClosed, Invalid, Refused, TooMany.
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
    rules, row = settings_of(place.site), before.row
    written = Written(change.body, rendered.text, rendered.addresses, row.name, row.website, row.email, rendered.html)
    judged = judging.look(
        place, rules, written, From(key, sender.address), now, editing=comment_id, earlier=earlier
    )  # fmt: skip
    with gate.write(place, now) as writing:
        row = own.get_own(writing.connection, place, comment_id, key).row
        if row.state == "deleted":
            raise NotFound("comment of yours")
        if _is_same(row, change):
            return  # sent twice at once, and decided on in between
        limits.spend(writing.connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
        kept = {"at": now, "body": row.body, "name": row.name, "website": row.website}
        trace_store.add_edit(writing.connection, comment_id, kept)
        remember(writing.connection, place.site.id, rules, change.body, now)
        reader_store.set_text(writing, comment_id, change.body, rendered.html, text.PIPELINE)
        # what readers have reported waits for an operator, whatever it says now
        held_by_rule = row.rule not in (None, report.RULE) and not row.checked
        wanted, columns = judged.verdict.state, judged.columns()
        state = _state(row.state, wanted, held_by_rule)
        if state != row.state or (state == wanted and held_by_rule):
            # the rules have decided anew, on another text than any operator has seen
            store.set_state(writing, comment_id, state, columns["rule"])
            trace_store.set_judged(writing.connection, comment_id, columns | {"checked": False})
        else:
            # what an operator has looked at is no longer what everybody sees: reports count again
            checked = row.checked and state != "published"
            scored = {"spam_score": columns["spam_score"], "checked": checked}
            trace_store.set_judged(writing.connection, comment_id, scored)
        reader_store.sweep_erased(writing.connection, now)


def _is_same(row: AnyRow, change: Edit) -> bool:
    return row.state != "deleted" and bool(row.body == change.body)


def _state(state: str, wanted: str, held_by_rule: bool) -> str:
    if state == "published" or (state == "pending" and held_by_rule):
        return wanted
    return state  # spam stays spam, and what an operator decided stays decided
