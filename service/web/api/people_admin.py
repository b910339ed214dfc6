"""`/api/v1/admin`: operators, the account of whoever asks, and the log as a file.

Two things of the operators' pages are not here on purpose: changing one's own password, and setting up the second
factor with its recovery codes. Both are for a person who shows the password itself; a token stands for no password.

Who holds the scope `operators` makes owners and the links that set passwords: such a token opens everything, if in
steps that the log tells. One's own account is read with the scope `read`. To change it takes a token with *every* scope
of its operator's role, an owner's five or a moderator's three: it can do already whatever a token that it makes could,
so that nothing is gained, and no token made for one purpose can touch the account. What a token makes lasts no longer
than itself, ends when it is removed, and makes no further ones: to remove a token that was stolen is enough.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, stream_with_context
from flask_smorest import Blueprint

from service.models import LARGEST_ID, LARGEST_INTEGER
from service.people import audit, invitations, operators, sessions, signin, tokens
from service.people.operators import SCOPES
from service.web import links, state
from service.web.api import bearer, schemas
from service.web.api import people_schemas as shapes
from service.web.api.answer import answer, plain
from service.web.api.bearer import TOKEN_NEEDED, needs, needs_all, principal
from service.web.api.moderation_schemas import AuditFilter
from service.web.body import StrictParser

blueprint = Blueprint("people", __name__, url_prefix="/api/v1/admin", description="Operators, for those with a token.")
blueprint.ARGUMENTS_PARSER = StrictParser()
bearer.guard(blueprint)
_ONE = "/operators/<string(maxlength=64):operator>"
_SESSION = f"/account/sessions/<int(max={LARGEST_ID}):session_id>"
_TOKEN = f"/account/tokens/<int(max={LARGEST_INTEGER}):token_id>"
_WRITES = (400, 401, 403, 404, 409, 413, 415, 422, 503, 507)


@blueprint.route("/operators", methods=["GET"])
@needs("operators")
@blueprint.doc(summary="List operators", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.ListedOperators)
@schemas.problems(blueprint, 401, 403, 503)
def list_operators() -> Response:
    """Answer with all operators by name."""
    return answer({"operators": operators.listing()})


@blueprint.route("/operators", methods=["POST"])
@needs("operators")
@blueprint.arguments(shapes.NewOperator)
@blueprint.doc(summary="Add an operator", security=TOKEN_NEEDED)
@blueprint.alt_response(201, schema=shapes.InvitedOperator)
@schemas.problems(blueprint, *_WRITES)
def add_operator(given: dict[str, Any]) -> Response:
    """Add an operator, and answer with the link by which they set a password."""
    actor, now = principal().actor, state.now()
    made = operators.add(given["name"], given["role"], given["sites"], actor, now)
    return answer(plain(made) | _link(made.name, now), 201)


@blueprint.route(_ONE, methods=["GET"])
@needs("operators")
@blueprint.doc(summary="Show an operator", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.OperatorInFull)
@schemas.problems(blueprint, 401, 403, 404, 503)
def show_operator(operator: str) -> Response:
    """Answer with one operator."""
    return answer(operators.get(operator))


@blueprint.route(_ONE, methods=["PATCH"])
@needs("operators")
@blueprint.arguments(shapes.OperatorChange)
@blueprint.doc(summary="Change an operator's role or sites", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.OperatorInFull)
@schemas.problems(blueprint, *_WRITES)
def change_operator(given: dict[str, Any], operator: str) -> Response:
    """Set what was sent, and answer with the operator; it holds at once, for sessions and tokens that there are."""
    return answer(operators.change(operator, given, principal().actor, state.now()))


@blueprint.route(_ONE, methods=["DELETE"])
@needs("operators")
@blueprint.doc(summary="Remove an operator", security=TOKEN_NEEDED)
@blueprint.alt_response(204, description="The operator is no more, with all sessions and tokens.")
@schemas.problems(blueprint, 401, 403, 404, 409, 503, 507)
def remove_operator(operator: str) -> Response:
    """Remove an operator; what they did stays in the log."""
    operators.remove(operator, principal().actor, state.now())
    return Response(status=204)


@blueprint.route(f"{_ONE}/link", methods=["POST"])
@needs("operators")
@blueprint.doc(summary="Make a link by which an operator sets a password", security=TOKEN_NEEDED)
@blueprint.alt_response(201, schema=shapes.PasswordLink)
@schemas.problems(blueprint, 401, 403, 404, 503, 507)
def link_operator(operator: str) -> Response:
    """Answer with a link that is good once; the password that there is stays until another is set by it."""
    return answer(_link(operator, state.now()), 201)


@blueprint.route(f"{_ONE}/end-sessions", methods=["POST"])
@needs("operators")
@blueprint.doc(summary="Sign an operator out everywhere", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.EndedSessions)
@schemas.problems(blueprint, 401, 403, 404, 503, 507)
def end_operator_sessions(operator: str) -> Response:
    """End all sessions of an operator, and answer with how many there were; tokens stay good."""
    found = operators.get(operator)
    return answer({"ended": sessions.end_all(found.id, principal().actor, state.now())})


@blueprint.route(f"{_ONE}/second-factor", methods=["DELETE"])
@needs("operators")
@blueprint.doc(summary="Turn off the second factor of an operator who lost it", security=TOKEN_NEEDED)
@blueprint.alt_response(204, description="The operator signs in with the password alone from now on.")
@schemas.problems(blueprint, 401, 403, 404, 409, 503, 507)
def reset_second_factor(operator: str) -> Response:
    """Turn the second factor off, and take its recovery codes away."""
    signin.disable_totp(operators.get(operator).id, principal().actor, state.now())
    return Response(status=204)


@blueprint.route("/account", methods=["GET"])
@needs("read")
@blueprint.doc(summary="Show whose token asks, and what it may do", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.OwnAccount)
@schemas.problems(blueprint, 401, 403, 404, 503)
def account() -> Response:
    """Answer with one's own account."""
    asker = principal()
    known = operators.get(asker.name)
    told = {name: getattr(known, name) for name in ("name", "role", "sites", "has_totp")}
    return answer(told | {"scopes": [each for each in SCOPES if each in asker.scopes], "token": asker.token})


@blueprint.route("/account/sessions", methods=["GET"])
@needs("read")
@blueprint.doc(summary="List where the operator is signed in", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.OwnSessions)
@schemas.problems(blueprint, 401, 403, 503)
def list_sessions() -> Response:
    """Answer with one's own sessions."""
    told = ("id", "proven", "agent", "address", "created", "seen")
    found = sessions.listing(principal().id, state.now())
    return answer({"sessions": [{name: getattr(each, name) for name in told} for each in found]})


@blueprint.route(_SESSION, methods=["DELETE"])
@needs_all
@blueprint.doc(summary="End one of the operator's own sessions", security=TOKEN_NEEDED)
@blueprint.alt_response(204, description="The session has ended.")
@schemas.problems(blueprint, 401, 403, 404, 503, 507)
def end_session(session_id: int) -> Response:
    """End one of one's own sessions; takes a token with every scope of the role."""
    asker = principal()
    sessions.end_one(asker.id, session_id, asker.actor, state.now())
    return Response(status=204)


@blueprint.route("/account/end-sessions", methods=["POST"])
@needs_all
@blueprint.doc(summary="Sign the operator out everywhere", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.EndedSessions)
@schemas.problems(blueprint, 401, 403, 503, 507)
def end_sessions() -> Response:
    """End all of one's own sessions; takes a token with every scope of the role. Tokens stay good."""
    asker = principal()
    return answer({"ended": sessions.end_all(asker.id, asker.actor, state.now())})


@blueprint.route("/account/tokens", methods=["GET"])
@needs("read")
@blueprint.doc(summary="List the operator's own tokens", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.OwnTokens)
@schemas.problems(blueprint, 401, 403, 404, 503)
def list_tokens() -> Response:
    """Answer with one's own tokens, without their texts."""
    return answer({"tokens": tokens.listing(principal().name)})


@blueprint.route("/account/tokens", methods=["POST"])
@needs_all
@blueprint.arguments(shapes.NewToken)
@blueprint.doc(summary="Make a token for the operator", security=TOKEN_NEEDED)
@blueprint.alt_response(201, schema=shapes.MadeToken)
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 503, 507)
def make_token(given: dict[str, Any]) -> Response:
    """Make a token of one's own and tell its text, this once; takes a token with every scope of the role.

    A scope that the asking token has not is refused, and so are days beyond its own; the new one ends with it.
    """
    made, text = tokens.make_by(principal(), given["name"], given["scopes"], given["days"], state.now())
    return answer(plain(made) | {"token": text}, 201)


@blueprint.route(_TOKEN, methods=["DELETE"])
@needs_all
@blueprint.doc(summary="Remove one of the operator's own tokens", security=TOKEN_NEEDED)
@blueprint.alt_response(204, description="The token is no longer good.")
@schemas.problems(blueprint, 401, 403, 404, 503, 507)
def remove_token(token_id: int) -> Response:
    """Remove one of one's own tokens, and those that it made; takes a token with every scope of the role."""
    asker = principal()
    tokens.remove(asker.name, token_id, asker.actor, state.now())
    return Response(status=204)


@blueprint.route("/audit/export", methods=["GET"])
@needs("read")
@blueprint.arguments(AuditFilter, location="query")
@blueprint.doc(summary="Take the audit log elsewhere", security=TOKEN_NEEDED)
@blueprint.alt_response(200, description="Lines of JSON, an entry each, newest first.", content_type=audit.MEDIA)
@schemas.problems(blueprint, 401, 403, 422, 503)
def export_audit(query: dict[str, Any]) -> Response:
    """Answer with entries, as many as there are; an operator of some sites is told what belongs to those."""
    wanted = audit.Wanted(*(query[name] for name in ("actor", "verb", "site", "comment", "since", "until")))
    return Response(stream_with_context(audit.export(principal().sites, wanted)), mimetype=audit.MEDIA)


def _link(name: str, now: datetime) -> dict[str, Any]:
    token = invitations.for_password(name, principal().actor, now)
    return {"link": links.to_set_password(token), "link_expires": plain(now + invitations.LIFETIME)}
