"""Shapes of the operators' API: what its small requests hold, and what it answers, for the description."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from service import comments
from service.comments.draft import Line, When, Whole
from service.models import LARGEST_ID
from service.pages import fields as page_fields
from service.pages.key import MAX_URL

_REASON = 300
_ACTS = ("close", "open", "hand-back")


def _time(**given: Any) -> fields.String:
    return fields.String(metadata={"format": "date-time"}, **given)


class Body(Schema):
    """What holds for every request: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class DecisionSchema(Body):
    """A decision on some comments; `seen` are their versions as they were looked at, in the order of `ids`."""

    ids = fields.List(Whole(), required=True, validate=validate.Length(1, comments.MOST))
    decision = fields.String(required=True, validate=validate.OneOf(list(comments.DECISIONS)))
    reason = Line(_REASON, load_default="")
    seen = fields.List(
        comments.Seen(),
        metadata={"description": "What is another version by now is skipped.", "example": ["0-pending"]},
    )

    @validates_schema
    def _seen_by_id(self, values: dict[str, Any], **_: Any) -> None:
        if "seen" in values and len(values["seen"]) != len(values["ids"]):
            raise ValidationError("Give one version for each of the ids.", "seen")


class ChangeSchema(comments.RevisionSchema):
    """What a comment shall say, why, and the version that was looked at."""

    reason = Line(_REASON, load_default="")
    seen = comments.Seen(
        load_default=None,
        metadata={
            "description": "If the comment says something else by now, nothing is changed.",
            "example": "0-pending",
        },
    )

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        further = {name: values.pop(name) for name in ("reason", "seen")}
        return further | {"revision": comments.Revision(**values)}


class EraseQuery(Body):
    """Why a comment is erased."""

    reason = Line(_REASON, load_default="")


class PageActSchema(Body):
    """Pages to be closed, opened or handed back to the site's rules: one by its address, or some by their ids here."""

    act = fields.String(required=True, validate=validate.OneOf(_ACTS))
    ids = fields.List(Whole(), validate=validate.Length(1, 100))
    page = fields.String(validate=validate.Length(1, MAX_URL), metadata={"description": "Page address."})
    id = page_fields.owners_id()
    reason = Line(_REASON, load_default=None, allow_none=True)
    until = When(load_default=None, allow_none=True)

    @validates_schema
    def _names_pages(self, values: dict[str, Any], **_: Any) -> None:
        if ("ids" in values) == ("page" in values):
            raise ValidationError("Give either page or ids.", "page")


class PagesQuery(Body):
    """Which pages are listed."""

    site = fields.String(load_default=None)
    state = fields.String(load_default="all", validate=validate.OneOf(["all", "closed", "open"]))
    text = Line(200, load_default="")
    after = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST_ID))


class AuditFilter(Body):
    """Which entries of the audit log are wanted; `verb` is one, or the kind before its dot."""

    site = fields.String(load_default=None)
    actor = fields.String(load_default=None)
    verb = fields.String(load_default=None)
    comment = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST_ID))
    since = When(load_default=None)
    until = When(load_default=None)


class AuditQuery(AuditFilter):
    """Which entries of the audit log are listed."""

    before = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST_ID))


class OnPage(Schema):
    """Where a comment stands."""

    id = fields.Integer(required=True)
    url = fields.String(required=True)
    title = fields.String(required=True)
    closed = fields.Boolean(required=True)


class Answered(Schema):
    """The comment that was answered."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    excerpt = fields.String(required=True)


class AuthorHistory(Schema):
    """How the newest comments of the same reader stand; `more`, that there are older ones."""

    reader = fields.Integer(required=True)
    first_seen = _time(required=True)
    published = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    spam = fields.Integer(required=True)
    deleted = fields.Integer(required=True)
    more = fields.Boolean(required=True)


class ReportedBy(Schema):
    """A reader's report; `upheld` says what became of it."""

    reader = fields.Integer(required=True)
    reason = fields.String(required=True)
    created = _time(required=True)
    upheld = fields.Boolean(required=True, allow_none=True)


class DecidedBy(Schema):
    """Who let a comment stand as it does, and why."""

    at = _time(required=True)
    actor = fields.String(required=True)
    reason = fields.String(required=True)


class QueueEntry(Schema):
    """A comment in its context."""

    id = fields.Integer(required=True)
    site = fields.String(required=True)
    site_id = fields.Integer(required=True)
    page = fields.Nested(OnPage, required=True)
    parent = fields.Nested(Answered, required=True, allow_none=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    website = fields.String(required=True)
    operator = fields.Boolean(required=True)
    body = fields.String(required=True)
    html = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["published", "pending", "spam", "deleted"]))
    rule = fields.String(required=True, allow_none=True, metadata={"description": "What held it."})
    why = fields.List(fields.String(), required=True, metadata={"description": "That rule's signs."})
    spam_score = fields.Float(required=True, allow_none=True)
    shadow = fields.Boolean(required=True)
    checked = fields.Boolean(required=True, metadata={"description": "An operator has decided on it."})
    reported = fields.Integer(required=True, metadata={"description": "How many reports wait for an answer."})
    reports = fields.List(fields.Nested(ReportedBy), required=True)
    author = fields.Nested(AuthorHistory, required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True, metadata={"description": "The author's, truncated."})
    created = _time(required=True)
    edited = _time(required=True, allow_none=True)
    edits = fields.Integer(required=True, metadata={"description": "Former versions that are kept."})
    version = fields.String(required=True, metadata={"description": "What `seen` says of it.", "example": "17-pending"})
    ban = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    by_hand = fields.Nested(
        DecidedBy,
        required=True,
        allow_none=True,
        metadata={"description": "The last decision, where it and no rule keeps the comment from showing."},
    )


class Tally(Schema):
    """A count, up to a bound; `more`, that there are still more."""

    number = fields.Integer(required=True)
    more = fields.Boolean(required=True)


class Queue(Schema):
    """A part of the queue. `partial`: it was cut short, and `next` goes on with it."""

    entries = fields.List(fields.Nested(QueueEntry), required=True)
    next = fields.String(required=True, allow_none=True)
    partial = fields.Boolean(required=True)  # type: ignore[assignment]  # marshmallow has an attribute of that name
    counts = fields.Dict(keys=fields.String(), values=fields.Nested(Tally), required=True)


class LeftAlone(Schema):
    """A comment that was left as it is, and why."""

    id = fields.Integer(required=True)
    reason = fields.String(
        required=True,
        validate=validate.OneOf(list(comments.REASONS)),
        metadata={"description": "; ".join(f"{name}: {said}" for name, said in comments.REASONS.items()) + "."},
    )


class Decided(Schema):
    """The batch to undo it by, the comments that changed, and those that were left as they are."""

    batch = fields.String(required=True)
    changed = fields.List(fields.Integer(), required=True)
    skipped = fields.List(fields.Nested(LeftAlone), required=True)


class FormerVersion(Schema):
    """What a comment said until `at`; `actor` changed it, with an empty name its author."""

    at = _time(required=True)
    actor = fields.String(required=True)
    body = fields.String(required=True)
    name = fields.String(required=True)
    website = fields.String(required=True)


class CommentInFull(Schema):
    """A comment with its former versions and all its reports."""

    comment = fields.Nested(QueueEntry, required=True)
    history = fields.List(fields.Nested(FormerVersion), required=True)
    reports = fields.List(fields.Nested(ReportedBy), required=True)


class ListedPage(Schema):
    """A page, and whether it is closed now, by which rule (freeze, hand, or one of the site's)."""

    id = fields.Integer(required=True)
    site = fields.String(required=True)
    url = fields.String(required=True)
    title = fields.String(required=True)
    count = fields.Integer(required=True)
    closed = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    reopens = _time(required=True, allow_none=True)
    rule = fields.String(required=True, allow_none=True)


class ListedPages(Schema):
    """Some pages; `next` is the id to go on after."""

    pages = fields.List(fields.Nested(ListedPage), required=True)
    next = fields.Integer(required=True, allow_none=True)


class PagesDone(Schema):
    """The addresses of the pages, and the batch under which the audit log has several."""

    urls = fields.List(fields.String(), required=True)
    batch = fields.String(required=True, allow_none=True)


class AuditLine(Schema):
    """An entry of the audit log."""

    id = fields.Integer(required=True)
    at = _time(required=True)
    actor = fields.String(required=True)
    via = fields.String(required=True)
    verb = fields.String(required=True)
    site = fields.String(required=True, allow_none=True)
    page_id = fields.Integer(required=True, allow_none=True)
    comment_id = fields.Integer(required=True, allow_none=True)
    subject = fields.String(required=True)
    reason = fields.String(required=True)
    batch = fields.String(required=True, allow_none=True)
    details = fields.Dict(required=True)


class AuditLog(Schema):
    """Entries, newest first; `next` is the id to go on before."""

    entries = fields.List(fields.Nested(AuditLine), required=True)
    next = fields.Integer(required=True, allow_none=True)
