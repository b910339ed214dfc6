"""An operator erases what a comment said, for good: no undo, no former version, no trace of the text in the log."""

from __future__ import annotations

from datetime import datetime

from service.comments import decision_store, gate, own, reader_store, standing, store
from service.comments.standing import Answered, Standing
from service.errors import NotFound
from service.people.audit import Actor


def wipe(comment_id: int, actor: Actor, now: datetime, reason: str = "", allowed: frozenset[int] | None = None) -> None:
    """Delete a comment and erase its text, its author and its former versions; with replies it keeps its place.

    On closed pages too. Raises NotFound when there is none, or it is of no `allowed` site.
    """
    place = own.get_place(comment_id)
    if allowed is not None and place.site.id not in allowed:
        raise NotFound(f"comment as {comment_id}")
    with gate.write(place, now, operator=True) as writing:
        row = store.find_comment(writing.connection, comment_id)
        if row is None:
            raise NotFound(f"comment as {comment_id}")
        readers = decision_store.open_reports(writing.connection, comment_id)
        answered = Answered(tuple(readers), None, True)
        decision_store.answer_reports(writing.connection, comment_id, readers, None, True)
        after = Standing("deleted", checked=True)
        standing.change(writing, row, after, answered, actor, "comment.erase", reason)
        reader_store.erase_text(writing.connection, comment_id)
        writing.visible = True  # its name stood in the place that it keeps
