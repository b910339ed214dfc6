"""`/api/v1/admin`: a site's rules, bans, and the spam filter."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, request, stream_with_context
from flask_smorest import Blueprint

from service.errors import Malformed, NotAllowed
from service.models import LARGEST_ID
from service.policy import bans, settings, spam
from service.policy.bans import Ban
from service.policy.describe import describe
from service.policy.settings import NAMES, Rules
from service.policy.tryout import tryout
from service.web import own, state
from service.web.api import bearer, schemas
from service.web.api import site_schemas as shapes
from service.web.api.answer import answer
from service.web.api.bearer import TOKEN_NEEDED, needs, principal, takes
from service.web.body import StrictParser

#: four full lists of words and patterns, in any script; and a filter that knows all that it may
MOST_RULES = 4 * 1024 * 1024
MOST_FILTER = 32 * 1024 * 1024
_LISTED = 100

blueprint = Blueprint("policy", __name__, url_prefix="/api/v1/admin", description="Policy, for operators with a token.")
blueprint.ARGUMENTS_PARSER = StrictParser()
bearer.guard(blueprint)
_RULES = "/sites/<string(maxlength=64):name>/rules"
_WRITES = (400, 401, 403, 404, 409, 413, 415, 422, 503, 507)


@blueprint.route(_RULES, methods=["GET"])
@needs("settings")
@blueprint.doc(summary="Show a site's rules", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.RulesInFull)
@schemas.problems(blueprint, 401, 403, 404, 503)
def show_rules(name: str) -> Response:
    """Answer with all settings, and each rule in words."""
    return _rules(settings.rules_of(own.site_named(principal(), name).name))


@blueprint.route(_RULES, methods=["PATCH"])
@needs("settings")
@takes(MOST_RULES)
@blueprint.arguments(shapes.RulesChange)
@blueprint.doc(summary="Change a site's rules", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.RulesInFull)
@schemas.problems(blueprint, *_WRITES)
def change_rules(given: dict[str, Any], name: str) -> Response:
    """Set what was sent, and answer with the rules that hold from now on."""
    site = own.site_named(principal(), name)
    actor, now = principal().actor, state.now()
    return _rules(settings.change(site.name, given["settings"], actor, now, given["reason"], given["seen"]))


@blueprint.route(f"{_RULES}/try", methods=["POST"])
@needs("settings")
@takes(MOST_RULES)
@blueprint.arguments(shapes.RulesChange)
@blueprint.doc(summary="Try changes of a site's rules on the last thirty days", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.TriedRules)
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 503)
def try_rules(given: dict[str, Any], name: str) -> Response:
    """Answer with what the rules, so changed, would have matched. Nothing is changed."""
    site = own.site_named(principal(), name)
    wanted = settings.changed(settings.rules_of(site.name), given["settings"])
    tried = tryout(site, wanted, state.now(), state.now)
    listed = [
        {"comment": each.comment_id, "state": each.state, "now": each.now.state, "now_rule": each.now.rule}
        | {"would_be": each.verdict.state, "rule": each.verdict.rule, "reason": each.verdict.reason}
        | {"decided": each.decided}
        for each in tried.would_change
    ]
    counts = {"total": tried.total, "of": tried.of, "by_rule": tried.by_rule, "decided": tried.decided}
    return answer(counts | {"would_change": listed})


@blueprint.route("/bans", methods=["GET"])
@needs("moderate")
@blueprint.arguments(shapes.BansQuery, location="query")
@blueprint.doc(summary="List bans", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.ListedBans)
@schemas.problems(blueprint, 401, 403, 404, 422, 503)
def list_bans(query: dict[str, Any]) -> Response:
    """Answer with bans, newest first, also those that have ended."""
    sites = principal().sites
    whole = sites is None
    if query["site"] is not None:
        sites = frozenset([own.site_named(principal(), query["site"]).id])
    found = bans.listing(sites, whole=whole, kind=query["kind"], before=query["before"], limit=_LISTED)
    following = found[-1].id if len(found) == _LISTED else None
    return answer({"bans": [_ban(each) for each in found], "next": following})


@blueprint.route("/bans", methods=["POST"])
@needs("moderate")
@blueprint.arguments(shapes.NewBan)
@blueprint.doc(summary="Ban", security=TOKEN_NEEDED)
@blueprint.alt_response(201, schema=shapes.BanInFull)
@schemas.problems(blueprint, *_WRITES)
def add_ban(given: dict[str, Any]) -> Response:
    """Ban somebody or something, and answer with the ban."""
    asker, site = principal(), given.pop("site")
    if site is None and asker.sites is not None:
        raise NotAllowed("Name one of your sites: a ban on all sites takes an operator of all.")
    site_id = own.site_named(asker, site).id if site is not None else None
    kind, value = given.pop("kind"), given.pop("value")
    return answer(_ban(bans.add(kind, value, asker.actor, state.now(), site_id=site_id, **given)), 201)


@blueprint.route(f"/bans/<int(max={LARGEST_ID}):ban_id>", methods=["DELETE"])
@needs("moderate")
@blueprint.arguments(shapes.Reason, location="query")
@blueprint.doc(summary="End a ban", security=TOKEN_NEEDED)
@blueprint.alt_response(204, description="The ban is no more.")
@schemas.problems(blueprint, 401, 403, 404, 422, 503, 507)
def remove_ban(query: dict[str, Any], ban_id: int) -> Response:
    """End a ban; one on all sites only by an operator of all."""
    asker = principal()
    bans.remove(ban_id, asker.actor, state.now(), query["reason"], sites=asker.sites)
    return Response(status=204)


@blueprint.route("/spam", methods=["GET"])
@needs("settings")
@blueprint.doc(summary="Tell what the spam filter has learnt", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.Filter)
@schemas.problems(blueprint, 401, 403, 503)
def spam_status() -> Response:
    """Answer with how many decisions the filter has learnt from."""
    return answer(spam.status())


@blueprint.route("/spam/export", methods=["GET"])
@needs("settings")
@blueprint.doc(summary="Take what the spam filter has learnt elsewhere", security=TOKEN_NEEDED)
@blueprint.alt_response(200, description="Lines of JSON: counts of tokens, no comments.", content_type=spam.MEDIA)
@schemas.problems(blueprint, 401, 403, 503)
def spam_export() -> Response:
    """Answer with all that was learnt, as lines of JSON."""
    return Response(stream_with_context(spam.export()), mimetype=spam.MEDIA)


@blueprint.route("/spam/import", methods=["POST"])
@needs("settings")
@takes(MOST_FILTER)
@blueprint.arguments(shapes.ImportQuery, location="query")
@blueprint.doc(
    summary="Teach the spam filter what another has learnt",
    security=TOKEN_NEEDED,
    requestBody={"required": True, "content": {spam.MEDIA: {"schema": {"type": "string"}}}},
)
@blueprint.alt_response(200, schema=shapes.Filter)
@schemas.problems(blueprint, 400, 401, 403, 413, 422, 503, 507)
def spam_import(query: dict[str, Any]) -> Response:
    """Add what an export holds to what is known, or put it in its place; answer with what is known then."""
    lines = io.TextIOWrapper(io.BytesIO(request.get_data()), encoding="utf-8")
    try:
        known = spam.load(lines, principal().actor, state.now(), replace=query["replace"])
    except UnicodeDecodeError:
        raise Malformed("The file is not UTF-8.") from None
    return answer(known)


@blueprint.route("/spam/reset", methods=["POST"])
@needs("settings")
@blueprint.doc(summary="Let the spam filter forget", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.Filter)
@schemas.problems(blueprint, 401, 403, 503, 507)
def spam_reset() -> Response:
    """Forget all that was learnt, and answer with what the filter knew."""
    return answer(spam.reset(principal().actor, state.now()))


def _rules(rules: Rules) -> Response:
    known = {name: getattr(rules, name) for name in NAMES}
    return answer({"settings": known, "rules": describe(rules), "seen": settings.seen_of(rules)})


def _ban(ban: Ban) -> dict[str, Any]:
    return {name: value for name, value in vars(ban).items() if name != "site_id"}
