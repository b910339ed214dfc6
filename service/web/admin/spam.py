"""The spam filter: what it has learnt, to take elsewhere, to read in, to forget."""

from __future__ import annotations

import io

from flask import Response, render_template, request, stream_with_context

from service.errors import AfterwordError, Invalid, Malformed
from service.policy import spam as filter_
from service.web import errors, state
from service.web.admin import guard
from service.web.admin.forms import faults_of
from service.web.admin.guard import blueprint
from service.web.body import MOST_BYTES_ANYWHERE


@blueprint.get("/spam")
def spam() -> Response:
    """Answer with what the filter has learnt from."""
    guard.require("settings")
    return _page()


@blueprint.get("/spam/export")
def spam_export() -> Response:
    """Answer with all that was learnt as a file: counts of tokens, no comments."""
    guard.require("settings")
    response = Response(stream_with_context(filter_.export()), mimetype=filter_.MEDIA)
    response.headers["Content-Disposition"] = 'attachment; filename="afterword-spam.jsonl"'
    return response


@blueprint.post("/spam/import")
@guard.takes(MOST_BYTES_ANYWHERE, "settings")
def spam_import() -> Response:
    """Add what a file holds to what was learnt here, or put it in its place."""
    who = guard.require("settings")
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid({"file": ["Choose a file."]})
        lines = io.TextIOWrapper(sent.stream, encoding="utf-8")
        filter_.load(lines, who.actor, state.now(), replace=guard.typed("how") == "replace")
    except UnicodeDecodeError:
        return _page(Invalid({"file": ["The file is not UTF-8 text."]}))
    except Malformed as error:
        return _page(Invalid({"file": [error.sentence()]}))
    except Invalid as error:
        return _page(error)
    return guard.done("admin.spam", "spam-loaded")


@blueprint.post("/spam/reset")
def spam_reset() -> Response:
    """Forget everything, once it was said that this is meant."""
    who = guard.require("settings")
    if guard.typed("sure") != "yes":
        return _page(Invalid({"sure": ["Say that you mean it; nothing was forgotten."]}))
    filter_.reset(who.actor, state.now())
    return guard.done("admin.spam", "spam-reset")


def _page(error: AfterwordError | None = None) -> Response:
    html = render_template(
        "admin/spam.html",
        known=filter_.status(),
        enough=filter_.ENOUGH,
        how=guard.typed("how") or "merge",
        faults=faults_of(error) if error is not None else {},
    )
    return Response(html, errors.status_of(error) if error is not None else 200)
