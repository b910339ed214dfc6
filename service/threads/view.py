"""What was asked of a thread: page, sort, cursor, parent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from service.models import LARGEST_ID, LARGEST_INTEGER
from service.pages import fields as page_fields
from service.threads import cursor
from service.threads.cursor import Cursor, Reply, Top

SORTS = ("oldest", "newest", "best")


@dataclass(frozen=True)
class View:
    """A part of a thread.

    Top-level comments in order of `sort`, each with its first replies: from the start, behind `after`, ahead of
    `before`, or from the one that has the comment `at` or the `number`. With `parent` only the replies below that
    comment; with `since` only the comments that came after the one with that id, in the order in which they came: the
    first of them, or with `sort` newest the last.
    """

    page: str
    id: str | None = None
    sort: str = "oldest"
    after: Cursor | None = None
    before: Top | None = None
    parent: int | None = None
    at: int | None = None
    number: int | None = None
    since: int | None = None

    def key(self) -> tuple[Any, ...]:
        """Return what tells this view of a page from its others."""
        return self.sort, self.after, self.before, self.parent, self.at, self.number, self.since


def _some_id(text: str, largest: int = LARGEST_ID) -> fields.Integer:
    return fields.Integer(load_default=None, validate=validate.Range(1, largest), metadata={"description": text})


class ViewSchema(Schema):
    """The query of `GET /api/v1/thread`."""

    class Meta:
        unknown = RAISE

    page = page_fields.address()
    id = page_fields.owners_id()
    sort = fields.String(load_default="oldest", validate=validate.OneOf(SORTS))
    after = fields.String(
        load_default=None,
        validate=validate.Length(1, 600),
        metadata={"description": "A cursor from an earlier answer."},
    )
    before = fields.String(
        load_default=None,
        validate=validate.Length(1, 600),
        metadata={"description": "A cursor from an earlier answer."},
    )
    parent = _some_id("Only the replies below this comment.")
    at = _some_id("Begin with the top-level comment that has this one, and show this one.")
    number = _some_id("Begin with the top-level comment of this number.", LARGEST_INTEGER)
    since = fields.Integer(
        load_default=None,
        validate=validate.Range(0, LARGEST_ID),
        metadata={"description": "Only comments that came after the one with this id."},
    )

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> View:
        places = [name for name in ("after", "before", "at", "number", "since") if values[name] is not None]
        if len(places) > 1:
            raise ValidationError(f"Does not go together with {places[0]}.", places[1])
        if values["parent"] is not None and places not in ([], ["after"]):
            raise ValidationError("Does not go together with parent.", places[0])
        for name in ("after", "before"):
            if values[name] is not None:
                values[name] = _cursor(values, name)
        return View(**values)


def _cursor(values: dict[str, Any], name: str) -> Cursor:
    found = cursor.parse(values[name])
    fits = (
        isinstance(found, Reply) and name == "after"
        if values["parent"] is not None
        else isinstance(found, Top) and (found.rank is not None) == (values["sort"] == "best")
    )
    if found is None or not fits:
        raise ValidationError("This is no cursor of this thread.", name)
    return found
