"""`/thread`: a page's thread as plain HTML with a working form, for a browser without JavaScript.

It shows what the API answers, from the same cache, and posts through the same verb; only the form is its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from service import comments, pages, policy, threads
from service.comments import Sender
from service.errors import AfterwordError, Conflict, Invalid, NotAPage, NotFound, StaleForm, UnknownSite
from service.pages import Place, key
from service.people import address
from service.threads import Ready, View, ViewSchema
from service.web import caching, errors, form, metrics, origins, outline, state
from service.web.form import Token, Typed

blueprint = Blueprint("fallback", __name__)
blueprint.add_app_template_filter(outline.spoken, "spoken")
_schema = ViewSchema()
#: what a query may say of which part of the thread; one at a time
_PARTS = ("after", "before", "parent", "at", "number")
#: No shared cache, for each form has a token of its own. Not no-store: browsers then forget on the way back what was
#: typed. Without an ETag a page is still asked for anew whenever it is opened anew.
_OWN = "private, no-cache"


@dataclass(frozen=True)
class _Thread:
    """A part of a thread: where it is, what was asked for, and the API's answer, which holds until `until`."""

    place: Place
    view: View
    answer: dict[str, Any]
    until: datetime | None


@dataclass(frozen=True)
class _Form:
    """What a form shows: the texts in it, its token, and what is wrong, by field and as a whole."""

    typed: Typed
    token: str
    faults: dict[str, str]
    message: str | None


@blueprint.get("/thread")
def thread() -> Response:
    """Answer with a part of a page's thread; without a page, lead to that of the page that the reader comes from."""
    asked = {name: value for name, value in request.args.items() if value}
    if "page" not in asked:
        return _from_referrer()
    now = state.now()
    query = {name: asked[name] for name in ("page", "id", "sort", *_PARTS) if name in asked}
    reply = asked.get("reply")
    if reply:
        query = {name: query[name] for name in ("page", "id", "sort") if name in query} | {"at": reply}
    found, missing = _find(query, now)
    target = _published(found, found.view.at) if reply and not missing else None
    notice = "held" if "held" in asked else "gone" if missing or (reply and target is None) else None
    html = _page(found, _Form(Typed(parent=str(target or "")), _token(found.place, now), {}, None), notice=notice)
    return _answer(found, html, 404 if missing else 200, now)


@blueprint.post("/thread")
def write() -> Response:
    """Store a comment that was typed into the form, and lead to it; or show the form again with what was typed."""
    settings = state.settings()
    vouched = origins.require_own(request, settings.public_url)
    typed = form.read(request)
    g.kept = typed.body if vouched else None
    now = state.now()
    place = pages.locate_at_once(typed.page, typed.id or None)
    token = form.find_token(settings.secret_key, place, typed.token, now)
    if token is None and not vouched:
        raise StaleForm  # nothing says that whoever sends this has typed it here
    try:
        if token is None or token.stale:
            raise StaleForm
        client = state.client_address(request)
        buckets = address.buckets(settings.secret_key, client, now)
        network = address.truncated(client) or None
        sender = Sender(buckets, None, token.key, network, client, form.filled(token, typed, now))
        posted = comments.post(place, typed.draft(), sender, settings, now)
    except AfterwordError as error:
        metrics.refused(error)
        return _again(typed, place, token, error, now)
    metrics.judged(posted)
    comment = threads.get_comment(posted.comment_id, place)
    if comment["state"] == "pending" or posted.hidden:
        where = url_for(".thread", page=place.url, id=typed.id or None, held=1, _anchor="notice")
    else:
        anchor = f"comment-{comment['id']}"
        where = url_for(".thread", page=place.url, id=typed.id or None, at=comment["id"], _anchor=anchor)
    return cast(Response, redirect(where, 303))


def _from_referrer() -> Response:
    """Lead to the thread of the page that the reader comes from, if it is a registered site's; never elsewhere."""
    origin = None
    try:
        found = pages.locate_at_once(request.headers.get("Referer", ""))
        origin = key.parse(found.url).origin
    except (NotAPage, UnknownSite):
        found = None
    if found is None or found.url == f"{origin}/":
        # An origin alone is what browsers send by default, whatever page of it the reader was on: no guess is made.
        html = render_template("which.html", home=found and url_for(".thread", page=found.url))
        response = Response(html, 422)
    else:
        response = cast(Response, redirect(url_for(".thread", page=found.url), 303))
    response.headers.extend([("Cache-Control", "no-store"), ("Vary", "Referer")])
    return response


def _find(query: dict[str, str], now: datetime) -> tuple[_Thread, bool]:
    """Return the part that a query asks for, and whether its beginning stands in for a comment that is not there."""
    view = cast(View, _schema.load(query))
    missing = False
    try:
        ready = threads.read(state.cache(), view, comments.BODY_CHARACTERS, now)
    except NotFound:
        view, missing = View(view.page, view.id, view.sort), True
        ready = threads.read(state.cache(), view, comments.BODY_CHARACTERS, now)
    return _Thread(pages.locate_at_once(view.page, view.id), view, ready.content(), ready.until), missing


def _published(found: _Thread, comment_id: int | None) -> int | None:
    there = (each["id"] for each in found.answer["comments"] if each["state"] == "published")
    return comment_id if comment_id in there else None


def _token(place: Place, now: datetime, used: Token | None = None) -> str:
    return form.make_token(state.settings().secret_key, place, now, used)


def _again(typed: Typed, place: Place, used: Token | None, error: AfterwordError, now: datetime) -> Response:
    """Answer with the form as it was filled in, and with what is wrong."""
    faults = error.fields if isinstance(error, Invalid) else {}
    if "Idempotency-Key" in faults:
        # the way back leads to a form that was sent, where another comment may have been typed
        error = Conflict("This form was sent before, with another text. If this is one more comment, send it again.")
        faults, used = {}, None
    query = {name: value for name, value in (("page", place.url), ("id", typed.id)) if value}
    parent = typed.parent if typed.parent.isascii() and typed.parent.isdecimal() and len(typed.parent) < 16 else ""
    found, _ = _find(query | ({"at": parent} if parent else {}), now)
    if _published(found, found.view.at) is None:
        typed = replace(typed, parent="")  # what it answered is gone: it can still stand on its own
    said = {**faults, **faults.get("author", {})}
    by_field = {name: _sentence(said[name]) for name in ("body", "name", "email", "website") if name in said}
    message = error.sentence() if not by_field else None
    html = _page(found, _Form(typed, _token(place, now, used), by_field, message), failed=True)
    response = Response(html, errors.status_of(error), errors.headers_of(error))
    response.headers.extend([("Cache-Control", "no-store"), ("Referrer-Policy", "same-origin")])
    return response


def _sentence(fault: Any) -> str:
    return " ".join(fault) if isinstance(fault, list) else str(fault)


def _page(found: _Thread, filled: _Form, *, notice: str | None = None, failed: bool = False) -> str:
    answer, view = found.answer, found.view
    rules = policy.settings_of(found.place.site)

    base = url_for(".thread", page=found.place.url, id=view.id)  # once: building it costs more than a comment does

    def link(anchor: str | None = None, sort: str = view.sort, **part: str | int | None) -> str:
        query = {"sort": None if sort == threads.SORTS[0] else sort} | part
        further = "".join(f"&{name}={value}" for name, value in query.items() if value is not None)
        return f"{base}{further}#{anchor}" if anchor else f"{base}{further}"

    return render_template(
        "thread.html",
        page=answer["page"],
        site=answer["site"],
        page_url=found.place.url,
        title=answer["page"]["title"] or answer["page"]["url"].partition("://")[2],
        entries=outline.nest(answer["comments"], view.parent),
        data=None if failed or view.parent else outline.data(answer["page"], answer["comments"]),
        view=view,
        next=answer["next"],
        previous=answer["previous"],
        sorts=threads.SORTS if answer["site"]["votes"] != "off" else threads.SORTS[:2],
        form=filled,
        trap=form.TRAP if rules.trap else None,
        works=rules.works,
        open=not answer["page"]["closed"],
        notice=notice,
        failed=failed,
        link=link,
    )


def _answer(found: _Thread, html: str, status: int, now: datetime) -> Response:
    plain = html.encode()
    response = caching.answer(request, Ready(None, threads.etag_of(plain), plain, until=found.until), now, "text/html")
    # with no-referrer a browser would send the form with "Origin: null"
    response.headers["Referrer-Policy"] = "same-origin"
    if status != 200:
        response.status_code = status
        caching.keep(response, "no-store")
    elif not found.answer["page"]["closed"]:
        caching.keep(response, _OWN)
    if response.headers["Cache-Control"] in ("no-store", _OWN):
        del response.headers["ETag"]
    return response
