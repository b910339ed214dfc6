"""`/api/v1/admin/pages/ID`: one page in full, and what it is called and where it is."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from service import pages, policy
from service.models import LARGEST_ID
from service.pages import Place
from service.web import own, state
from service.web.api import bearer, schemas
from service.web.api import site_schemas as shapes
from service.web.api.answer import answer
from service.web.api.bearer import TOKEN_NEEDED, needs, principal
from service.web.body import StrictParser

blueprint = Blueprint("pages", __name__, url_prefix="/api/v1/admin", description="A page, for operators with a token.")
blueprint.ARGUMENTS_PARSER = StrictParser()
bearer.guard(blueprint)
_ONE = f"/pages/<int(max={LARGEST_ID}):page_id>"


@blueprint.route(_ONE, methods=["GET"])
@needs("read")
@blueprint.doc(summary="Show a page", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.PageInFull)
@schemas.problems(blueprint, 401, 403, 404, 503)
def show_page(page_id: int) -> Response:
    """Answer with a page: whether it is closed and by what, and when that changes next by itself."""
    return _in_full(own.place_with(principal(), page_id))


@blueprint.route(_ONE, methods=["PATCH"])
@needs("pages")
@blueprint.arguments(shapes.PageChange)
@blueprint.doc(summary="Set a page's title and address", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.PageInFull)
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 503, 507)
def describe_page(given: dict[str, Any], page_id: int) -> Response:
    """Set what was sent. The address must mean this page; with an id of the owner's, any of its site does."""
    own.place_with(principal(), page_id)
    return _in_full(pages.describe(page_id, given["title"], given["url"], state.now(), principal().actor))


def _in_full(place: Place) -> Response:
    page, now = place.page, state.now()
    assert page is not None, "it is stored"
    closing = policy.state_at(place.site, page, now)
    told = {name: getattr(page, name) for name in ("id", "url", "title", "count", "opened")}
    told |= {"site": place.site.name, "owners_id": page.key[1:] if page.key.startswith("#") else None}
    told |= {name: getattr(closing, name) for name in ("closed", "reason", "reopens", "rule")}
    told |= {"first_comment": page.first_comment, "last_comment": page.last_comment}
    return answer(told | {"closed_at": page.closed_at, "next_change": policy.next_change(place.site, page, now)})
