"""An operator answers a comment on the page, with the operator's badge.

It adds to the thread, so that a closed page takes no answer either; past policy and limits, under the schema and the
renderer of everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, post_load

from service import text
from service.comments import gate, own, store
from service.comments.draft import BODY_CHARACTERS, NAME, Body
from service.errors import Conflict, Invalid, NotFound
from service.people import audit
from service.people.audit import Actor


@dataclass(frozen=True)
class Answer:
    """What an operator answers."""

    body: str


class AnswerSchema(Schema):
    """An operator's answer as it is sent."""

    class Meta:
        unknown = RAISE

    body = Body(required=True, metadata={"maxLength": BODY_CHARACTERS, "description": "Markdown subset."})

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Answer:
        return Answer(**values)


def load_answer(values: dict[str, Any]) -> Answer:
    """Return the answer in `values`; raises Invalid. For doors other than HTTP's."""
    try:
        given: Answer = AnswerSchema().load(values)
    except ValidationError as error:
        faults = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(faults) from error
    return given


def answer(
    comment_id: int,
    given: Answer,
    name: str,
    actor: Actor,
    now: datetime,
    allowed: frozenset[int] | None = None,
) -> int:
    """Publish a reply under `name`, marked as an operator's, and return its id.

    Raises NotFound when there is no such comment, or it is of no `allowed` site, Conflict when it is not published,
    PageClosed.
    """
    place = own.get_place(comment_id)
    if allowed is not None and place.site.id not in allowed:
        raise NotFound(f"comment as {comment_id}")
    name = text.clean_line(name)
    if not text.visible(name) or len(name) > NAME:
        raise Invalid({"name": [f"A name has 1 to {NAME} characters."]})
    gate.refuse_closed(place.site, place.page, now)
    rendered = text.to_html(given.body)
    with gate.write(place, now, beside=False) as writing:
        asked = store.find_comment(writing.connection, comment_id)
        if asked is None:
            raise NotFound(f"comment as {comment_id}")
        if asked.state != "published":
            raise Conflict(f"Comment {comment_id} is not published; only what readers see can be answered.")
        parent = store.get_parent(writing.connection, writing.page.id, comment_id)
        written = {"body": given.body, "html": rendered.html, "pipeline": text.PIPELINE, "name": name}
        standing = {"state": "published", "operator": True, "checked": True, "created": now}
        made = store.insert_comment(writing, parent, written | standing)
        audit.record(
            writing.connection,
            actor,
            "comment.answer",
            now,
            site_id=asked.site_id,
            page_id=asked.page_id,
            comment_id=made,
            subject=asked.url,
            details={"parent": comment_id},
        )
    return made
