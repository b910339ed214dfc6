"""Shapes of answers, for the description of the API. Requests' shapes lie in the rooms that judge them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate


class SaidOfAuthor(Schema):
    """What a comment shows of who wrote it."""

    name = fields.String(required=True)
    website = fields.String(required=True, allow_none=True)
    operator = fields.Boolean(required=True)


class Comment(Schema):
    """One comment as readers see it."""

    id = fields.Integer(required=True)
    parent = fields.Integer(required=True, allow_none=True)
    depth = fields.Integer(required=True)
    number = fields.Integer(required=True, allow_none=True)
    author = fields.Nested(SaidOfAuthor, required=True, allow_none=True)
    html = fields.String(required=True)
    created = fields.String(required=True, metadata={"format": "date-time"})
    edited = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    state = fields.String(required=True, validate=validate.OneOf(["published", "pending", "deleted"]))
    score = fields.Integer(required=True)
    replies = fields.Integer(required=True)
    more = fields.String(metadata={"description": "Cursor of the replies that were cut."})
    earlier = fields.String(metadata={"description": "Cursor of replies left out ahead of those shown."})


class Page(Schema):
    """The page that the thread belongs to."""

    url = fields.String(required=True)
    title = fields.String(required=True)
    closed = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    reopens = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    count = fields.Integer(required=True)
    version = fields.Integer(required=True)


class Site(Schema):
    """What a form must know of the site."""

    name = fields.String(required=True)
    names = fields.String(required=True, validate=validate.OneOf(["required", "optional"]))
    depth = fields.Integer(required=True)
    body = fields.Integer(required=True, metadata={"description": "Most characters of a comment."})
    edit_minutes = fields.Integer(required=True, metadata={"description": "How long own comments can be changed."})
    votes = fields.String(required=True, validate=validate.OneOf(["both", "up", "off"]))
    form = fields.Boolean(required=True, metadata={"description": "Whether /api/v1/form must be asked before a post."})


class Thread(Schema):
    """A part of a thread, flat, in display order."""

    page = fields.Nested(Page, required=True)
    site = fields.Nested(Site, required=True)
    comments = fields.List(fields.Nested(Comment), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "Cursor of what follows."})
    previous = fields.String(required=True, allow_none=True, metadata={"description": "Cursor of what comes before."})


class Posted(Schema):
    """A stored comment, and the reader's key where a new one was made."""

    comment = fields.Nested(Comment, required=True)
    reader_key = fields.String()


class Changed(Schema):
    """A comment as it is now."""

    comment = fields.Nested(Comment, required=True)


class Deleted(Schema):
    """Until when a deleted comment can be had back."""

    until = fields.String(required=True, metadata={"format": "date-time"})


class Rendered(Schema):
    """What a comment would look like."""

    html = fields.String(required=True)


class OwnPage(Schema):
    """Where an own comment stands."""

    url = fields.String(required=True)
    title = fields.String(required=True)


class OwnComment(Schema):
    """An own comment, what was typed, and until when it can be changed."""

    comment = fields.Nested(Comment, required=True)
    body = fields.String(required=True)
    email = fields.String(required=True, metadata={"description": "Shown to nobody else; empty where none was given."})
    until = fields.String(required=True, metadata={"format": "date-time"})
    page = fields.Nested(OwnPage, required=True)


class OwnReport(Schema):
    """A report that the reader sent."""

    comment = fields.Integer(required=True)
    reason = fields.String(required=True)
    created = fields.String(required=True, metadata={"format": "date-time"})


class ReadersOwn(Schema):
    """All that a reader has here."""

    comments = fields.List(fields.Nested(OwnComment), required=True)
    votes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    reports = fields.List(fields.Nested(OwnReport), required=True)
    next = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Ask `before` this id for the comments that were cut."}
    )


class Forgotten(Schema):
    """How many comments were erased."""

    erased = fields.Integer(required=True)


class AskedForm(Schema):
    """What goes with a comment: the token, the work to do, and how many seconds after asking it is welcome."""

    token = fields.String(required=True)
    work = fields.Dict(required=True, allow_none=True, metadata={"description": "A challenge of ALTCHA, version 2."})
    seconds = fields.Integer(required=True)


class Counts(Schema):
    """Counts of published comments by page address."""

    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Problem(Schema):
    """RFC 9457; `type` ends with a stable code."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(metadata={"description": "Faults by field."})
    reason = fields.String(allow_none=True, metadata={"description": "Why the page is closed."})
    reopens = fields.String(allow_none=True, metadata={"format": "date-time", "description": "When it opens again."})
    request_id = fields.String(metadata={"description": "Stands in the log beside what went wrong."})


#: how a problem is described where a route's answers are listed by hand
PROBLEM = {"description": "A problem.", "content": {"application/problem+json": {"schema": Problem}}}


def problems(blueprint: Blueprint, *statuses: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describe a route's problems, all of one form.

    In one go: for each answer described by itself all that was said before is copied, and one more call wrapped around
    the route.
    """
    told = {str(status): PROBLEM | {"description": HTTPStatus(status).phrase} for status in statuses}
    described: Callable[[Callable[..., Any]], Callable[..., Any]] = blueprint.doc(responses=told)
    return described
