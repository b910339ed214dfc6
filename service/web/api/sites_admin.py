"""`/api/v1/admin/sites`: sites and their settings, their freeze, and the rules by which their pages close."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from service import pages
from service.errors import Invalid
from service.pages import Automatic, AutomaticSchema, Site, seen
from service.web import own, state
from service.web.api import bearer, schemas
from service.web.api import site_schemas as shapes
from service.web.api.answer import answer
from service.web.api.bearer import TOKEN_NEEDED, needs, principal
from service.web.body import StrictParser

blueprint = Blueprint("sites", __name__, url_prefix="/api/v1/admin", description="Sites, for operators with a token.")
blueprint.ARGUMENTS_PARSER = StrictParser()
bearer.guard(blueprint)
_ONE = "/sites/<string(maxlength=64):name>"
_WRITES = (400, 401, 403, 404, 409, 413, 415, 422, 503, 507)


@blueprint.route("/sites", methods=["GET"])
@needs("read")
@blueprint.doc(summary="List the sites that the asker may moderate", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.AdminSites)
@schemas.problems(blueprint, 401, 403, 503)
def list_sites() -> Response:
    """Answer with sites by name."""
    found = [{"id": site.id, "name": site.name, "origins": pages.origins_of(site)} for site in own.sites(principal())]
    return answer({"sites": found})


@blueprint.route("/sites", methods=["POST"])
@needs("settings")
@blueprint.arguments(shapes.NewSite)
@blueprint.doc(summary="Register a site", security=TOKEN_NEEDED)
@blueprint.alt_response(201, schema=shapes.SiteInFull)
@schemas.problems(blueprint, 400, 401, 403, 409, 413, 415, 422, 503, 507)
def add_site(given: dict[str, Any]) -> Response:
    """Register a site with the settings that are usual, and answer with it."""
    return _in_full(pages.add(given["name"], given["origins"], state.now(), principal().actor), 201)


@blueprint.route(_ONE, methods=["GET"])
@needs("read")
@blueprint.doc(summary="Show a site", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.SiteInFull)
@schemas.problems(blueprint, 401, 403, 404, 503)
def show_site(name: str) -> Response:
    """Answer with a site's settings and state."""
    return _in_full(own.site_named(principal(), name))


@blueprint.route(_ONE, methods=["PATCH"])
@needs("settings")
@blueprint.arguments(shapes.SiteChange)
@blueprint.doc(summary="Change a site's settings", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.SiteInFull)
@schemas.problems(blueprint, *_WRITES)
def change_site(given: dict[str, Any], name: str) -> Response:
    """Set what was sent, and answer with the site."""
    site, origins = own.site_named(principal(), name), given.pop("origins", None)
    seen_then = given.pop("seen")
    return _in_full(pages.change(site.name, given, origins, principal().actor, state.now(), seen_then))


@blueprint.route(_ONE, methods=["DELETE"])
@needs("settings")
@blueprint.arguments(shapes.SiteRemoval, location="query")
@blueprint.doc(summary="Remove a site with all its pages and comments", security=TOKEN_NEEDED)
@blueprint.alt_response(204, description="Removed, for good")
@schemas.problems(blueprint, 401, 403, 404, 422, 503, 507)
def remove_site(given: dict[str, Any], name: str) -> Response:
    """Remove a site for good, once its name was said a second time."""
    site = own.site_named(principal(), name)
    if given["confirm"] != site.name:
        raise Invalid({"confirm": ["This is not the site's name."]})
    pages.remove(site.name, state.now(), principal().actor)
    return Response(status=204)


@blueprint.route(f"{_ONE}/freeze", methods=["POST"])
@needs("pages")
@blueprint.arguments(shapes.Freeze)
@blueprint.doc(summary="Close all pages of a site at once", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.SiteInFull)
@schemas.problems(blueprint, *_WRITES)
def freeze_site(given: dict[str, Any], name: str) -> Response:
    """Freeze; when this is answered it holds for every writer."""
    site = own.site_named(principal(), name)
    return _in_full(pages.freeze(site.name, given["reason"], given["until"], state.now(), principal().actor))


@blueprint.route(f"{_ONE}/thaw", methods=["POST"])
@needs("pages")
@blueprint.doc(summary="End a site's freeze", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.SiteInFull)
@schemas.problems(blueprint, 401, 403, 404, 503, 507)
def thaw_site(name: str) -> Response:
    """Thaw: each page is again as it was set to be."""
    site = own.site_named(principal(), name)
    return _in_full(pages.thaw(site.name, state.now(), principal().actor))


@blueprint.route(f"{_ONE}/closing", methods=["PUT"])
@needs("settings")
@blueprint.arguments(AutomaticSchema)
@blueprint.arguments(shapes.SeenQuery, location="query")
@blueprint.doc(summary="Set the rules by which a site's pages close by themselves", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.SiteInFull)
@schemas.problems(blueprint, *_WRITES)
def set_closing(wanted: Automatic, query: dict[str, Any], name: str) -> Response:
    """Give the site exactly these rules; none for an empty object."""
    site = own.site_named(principal(), name)
    return _in_full(pages.set_closing(site.name, wanted.values(), principal().actor, state.now(), query["seen"]))


@blueprint.route(f"{_ONE}/closing/preview", methods=["POST"])
@needs("settings")
@blueprint.arguments(AutomaticSchema)
@blueprint.doc(summary="Tell what rules for closing would do now", security=TOKEN_NEEDED)
@blueprint.alt_response(200, schema=shapes.ClosingPreview)
@schemas.problems(blueprint, 400, 401, 403, 404, 413, 415, 422, 503)
def preview_closing(wanted: Automatic, name: str) -> Response:
    """Answer with how many pages would close and open at once. Nothing is changed."""
    return answer(pages.preview_closing(own.site_named(principal(), name), wanted, state.now()))


def _in_full(site: Site, status: int = 200) -> Response:
    settings = ("id", "name", "www", "names", "depth", "edit_minutes", "votes")
    frozen = None
    if pages.is_frozen(site, state.now()):
        frozen = {"since": site.closed_at, "reason": site.closed_reason, "until": site.reopens}
    counted, comments = pages.totals(site)
    return answer(
        {each: getattr(site, each) for each in settings}
        | {"origins": pages.origins_of(site), "frozen": frozen}
        | {"closing": pages.read_closing(site.closing).values(), "pages": counted, "comments": comments}
        | {"seen": pages.seen_of(site), "seen_closing": seen.mark(pages.read_closing(site.closing).shown())},
        status,
    )
