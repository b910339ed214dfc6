"""What was asked of a thread: page, sort, cursor, parent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from service.threads import cursor
from service.threads.cursor import Cursor, Reply, Top

PAGE_URL = 2_048
PAGE_ID = 500
LARGEST_ID = 2**53 - 1
SORTS = ("oldest", "newest")


@dataclass(frozen=True)
class View:
    """A part of a thread: its top-level comments behind `after` with their first replies, or one comment's replies."""

    page: str
    id: str | None = None
    sort: str = "oldest"
    after: Cursor | None = None
    parent: int | None = None

    def key(self) -> tuple[str, Cursor | None, int | None]:
        """Return what tells this view of a page from its others."""
        return self.sort, self.after, self.parent


class ViewSchema(Schema):
    """The query of `GET /api/v1/thread`."""

    class Meta:
        unknown = RAISE

    page = fields.String(
        required=True, validate=validate.Length(1, PAGE_URL), metadata={"description": "Page address."}
    )
    id = fields.String(
        load_default=None, validate=validate.Length(1, PAGE_ID), metadata={"description": "Owner's page id."}
    )
    sort = fields.String(load_default="oldest", validate=validate.OneOf(SORTS))
    after = fields.String(
        load_default=None,
        validate=validate.Length(1, 600),
        metadata={"description": "A cursor from an earlier answer."},
    )
    parent = fields.Integer(
        load_default=None,
        validate=validate.Range(1, LARGEST_ID),
        metadata={"description": "Only the replies below this comment."},
    )

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> View:
        if values["after"] is not None:
            after = cursor.parse(values["after"])
            if after is None or isinstance(after, Reply) != (values["parent"] is not None):
                raise ValidationError("This is no cursor of this thread.", "after")
            values["after"] = after
        return View(**values)


def top_after(view: View) -> int | None:
    """Return the number behind which the view begins."""
    return view.after.number if isinstance(view.after, Top) else None


def path_after(view: View) -> str:
    """Return the path behind which the view begins."""
    return view.after.path if isinstance(view.after, Reply) else ""
