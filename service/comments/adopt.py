"""An import brings a comment: under the same schema and the same renderer as a reader's, past policy and limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service import text
from service.comments import draft, store
from service.comments.draft import Draft
from service.comments.gate import Writing
from service.errors import Invalid
from service.text import Rendered


@dataclass(frozen=True)
class Adopted:
    """A comment of another system, checked and rendered, ready to be stored. `draft` is None for a mere placeholder."""

    source: str
    source_id: str
    created: datetime
    state: str
    draft: Draft | None
    rendered: Rendered | None


def prepare(source: str, source_id: str, created: datetime, state: str, fields: dict[str, Any]) -> Adopted:
    """Check and render a comment before any lock is taken.

    Raises Invalid when its text may not be a comment here. An e-mail address or a website that would be refused is
    left out and a name that is too long is cut, since no one can be asked any more.
    """
    if state == "deleted":
        return Adopted(source, source_id, created, state, None, None)
    author = dict(fields["author"])
    author["name"] = text.clean_line(author["name"])[: draft.NAME].strip()
    checked = None
    while checked is None:
        try:
            checked = draft.load(fields | {"author": author})
        except Invalid as error:
            wrong = error.fields.get("author")
            if not wrong:
                raise
            author |= dict.fromkeys(wrong, "")
    return Adopted(source, source_id, created, state, checked, text.to_html(checked.body))


def adopt(writing: Writing, adopted: Adopted, parent_id: int | None) -> int:
    """Store a prepared comment below `parent_id`, whatever that one's state, and return its id.

    Where the parent is on another page, as after a move, it stands on its own.
    """
    parent = store.find_any_parent(writing.connection, writing.page.id, parent_id) if parent_id else None
    values: dict[str, Any] = {
        "source": adopted.source,
        "source_id": adopted.source_id,
        "state": adopted.state,
        "created": adopted.created,
        "pipeline": text.PIPELINE,
        "body": "",
        "html": "",
    }
    if adopted.draft is not None and adopted.rendered is not None:
        author = adopted.draft.author
        values |= {"body": adopted.draft.body, "html": adopted.rendered.html}
        values |= {"name": author.name, "email": author.email, "website": author.website}
    return store.insert_comment(writing, parent, values)


def known(connection: Connection, site_id: int, source: str, source_ids: list[str]) -> dict[str, int]:
    """Return those of the source's comments that were adopted before, with their ids here."""
    return store.adopted(connection, site_id, source, source_ids)
