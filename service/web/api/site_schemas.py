"""Shapes of the operators' API for sites, their rules, bans and the spam filter."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from service.comments.draft import Line, When
from service.models import LARGEST_ID
from service.pages import AutomaticSchema
from service.pages.automatic import LONGEST_REASON
from service.pages.describe import LONGEST_TITLE
from service.pages.key import MAX_URL
from service.pages.sites import DEEPEST, LONGEST_EDIT
from service.policy import bans
from service.policy.settings import RulesSchema
from service.web.api.moderation_schemas import Body


def _until() -> When:
    return When(load_default=None, allow_none=True)


def _seen() -> fields.String:
    said = "The `seen` of what was looked at before: where somebody has changed that meanwhile, nothing is saved (409)."
    return fields.String(load_default=None, validate=validate.Length(1, 1_000), metadata={"description": said})


def _time(**given: Any) -> fields.String:
    return fields.String(metadata={"format": "date-time"}, **given)


class AdminSite(Schema):
    """A site that the asker may moderate."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    origins = fields.List(fields.String(), required=True)


class AdminSites(Schema):
    """All of them, by name."""

    sites = fields.List(fields.Nested(AdminSite), required=True)


class NewSite(Body):
    """A site to register: its name here, and the origins it is served from."""

    name = fields.String(required=True)
    origins = fields.List(fields.String(), required=True, validate=validate.Length(1, 100))


class SiteRemoval(Body):
    """That a site and all its comments are meant to go."""

    confirm = fields.String(required=True, metadata={"description": "The site's name once more."})


class SiteChange(Body):
    """Settings of a site; what is left out stays. `www` can be set only while the site has no pages."""

    origins = fields.List(fields.String(), validate=validate.Length(1, 100))
    www = fields.String(validate=validate.OneOf(["drop", "keep"]))
    names = fields.String(validate=validate.OneOf(["required", "optional"]))
    depth = fields.Integer(strict=True, validate=validate.Range(0, DEEPEST))
    edit_minutes = fields.Integer(strict=True, validate=validate.Range(0, LONGEST_EDIT))
    votes = fields.String(validate=validate.OneOf(["both", "up", "off"]))
    seen = _seen()


class SeenQuery(Body):
    """What was looked at before a change, in the query of one whose body is all that is wanted."""

    seen = _seen()


class Freeze(Body):
    """Why all pages are closed, and until when."""

    reason = Line(LONGEST_REASON, load_default=None, allow_none=True)
    until = _until()


class Frozen(Schema):
    """That all pages of a site are closed: since when, why, until when."""

    since = _time(required=True)
    reason = fields.String(required=True, allow_none=True)
    until = _time(required=True, allow_none=True)


class SiteInFull(Schema):
    """A site with its settings and its rules for closing."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    origins = fields.List(fields.String(), required=True)
    www = fields.String(required=True)
    names = fields.String(required=True)
    depth = fields.Integer(required=True)
    edit_minutes = fields.Integer(required=True)
    votes = fields.String(required=True)
    frozen = fields.Nested(Frozen, required=True, allow_none=True)
    closing = fields.Nested(AutomaticSchema, required=True)
    pages = fields.Integer(required=True)
    comments = fields.Integer(required=True, metadata={"description": "Published ones."})
    seen = fields.String(required=True, metadata={"description": "To be sent back with a change of the settings."})
    seen_closing = fields.String(required=True, metadata={"description": "Likewise of the rules for closing."})


class PageChange(Body):
    """What a page is called and where it is; what is left out stays."""

    title = Line(LONGEST_TITLE, load_default=None, allow_none=True)
    url = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, MAX_URL))


class PageInFull(Schema):
    """A page, whether it is closed now and by which rule, and when that changes next without anybody's doing.

    Since `closed_at` it is closed by hand.
    """

    id = fields.Integer(required=True)
    site = fields.String(required=True)
    url = fields.String(required=True)
    title = fields.String(required=True)
    owners_id = fields.String(required=True, allow_none=True, metadata={"description": "The owner's own id of it."})
    count = fields.Integer(required=True)
    first_comment = _time(required=True, allow_none=True)
    last_comment = _time(required=True, allow_none=True)
    closed = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    reopens = _time(required=True, allow_none=True)
    rule = fields.String(required=True, allow_none=True)
    closed_at = _time(required=True, allow_none=True)
    opened = fields.Boolean(required=True, metadata={"description": "Opened by hand: no rule of the site closes it."})
    next_change = _time(required=True, allow_none=True)


class ClosingPreview(Schema):
    """How many pages were looked at, the first of so many, and how many of them would close and open at once."""

    pages = fields.Integer(required=True)
    of = fields.Integer(required=True)
    closes = fields.Integer(required=True)
    opens = fields.Integer(required=True)


class RulesChange(Body):
    """Settings of a site's rules; what is left out stays, null is the preset's own."""

    settings = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "See the schema Rules, whose fields they are."}
    )
    reason = Line(300, load_default="")
    seen = _seen()


class RuleLine(Schema):
    """A rule in words."""

    name = fields.String(required=True)
    on = fields.Boolean(required=True)
    does = fields.String(required=True)


class RulesInFull(Schema):
    """A site's settings, all of them, and its rules in the order in which they are asked."""

    settings = fields.Nested(RulesSchema, required=True)
    rules = fields.List(fields.Nested(RuleLine), required=True)
    seen = fields.String(required=True, metadata={"description": "To be sent back with a change."})


class WouldChange(Schema):
    """A comment that would be given another state than the rules that hold give it."""

    comment = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": "The one that it has."})
    now = fields.String(required=True, metadata={"description": "The one that the rules that hold give it."})
    now_rule = fields.String(required=True, allow_none=True)
    decided = fields.Boolean(required=True, metadata={"description": "An operator has decided otherwise."})
    would_be = fields.String(required=True)
    rule = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)


class TriedRules(Schema):
    """What rules would change in the comments of thirty days: of the last `total` of them, where time was short.

    What would not show any more comes first. `decided` of those listed an operator has decided otherwise.
    """

    total = fields.Integer(required=True)
    of = fields.Integer(required=True)
    by_rule = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    would_change = fields.List(fields.Nested(WouldChange), required=True)
    decided = fields.Integer(required=True)


class BansQuery(Body):
    """Which bans are listed; those of a site are also those of all sites."""

    site = fields.String(load_default=None)
    kind = fields.String(load_default=None, validate=validate.OneOf(bans.KINDS))
    before = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST_ID))


class NewBan(Body):
    """Whom or what to ban; without a site on all of them, which takes an operator of all."""

    kind = fields.String(required=True, validate=validate.OneOf(bans.KINDS))
    value = fields.String(required=True, validate=validate.Length(1, 2_048))
    site = fields.String(load_default=None, allow_none=True)
    shadow = fields.Boolean(load_default=False)
    reason = Line(bans.REASON, load_default="")
    until = _until()


class Reason(Body):
    """Why, for the audit log."""

    reason = Line(300, load_default="")


class BanInFull(Schema):
    """A ban.

    Of a ban on all sites by e-mail or address, an operator of some sites gets `value` and `reason` empty.
    """

    id = fields.Integer(required=True)
    site = fields.String(required=True, allow_none=True, metadata={"description": "null: all sites."})
    kind = fields.String(required=True)
    value = fields.String(required=True)
    shadow = fields.Boolean(required=True)
    reason = fields.String(required=True)
    until = _time(required=True, allow_none=True)
    actor = fields.String(required=True)
    created = _time(required=True)


class ListedBans(Schema):
    """Bans, newest first; `next` is the id to go on before."""

    bans = fields.List(fields.Nested(BanInFull), required=True)
    next = fields.Integer(required=True, allow_none=True)


class Filter(Schema):
    """What the spam filter has learnt from; `ready`: enough to judge."""

    good = fields.Integer(required=True)
    spam = fields.Integer(required=True)
    words = fields.Integer(required=True)
    ready = fields.Boolean(required=True)


class ImportQuery(Body):
    """Whether what was learnt here is forgotten first."""

    replace = fields.Boolean(load_default=False)
