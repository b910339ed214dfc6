"""What was typed into a form that could not be taken, to be shown once more, and the page that the form was on."""

from __future__ import annotations

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from service.web.admin import local

#: fields in which people write at length, and what they are called; never one that holds a secret
LABELS: dict[str, str] = {
    "body": "Text",
    "answer": "Answer",
    "title": "Title",
    "value": "Whom or what to ban",
    "reason": "Reason",
    "hold_words": "Words that hold a comment",
    "spam_words": "Words that make it spam",
    "hold_patterns": "Patterns that hold a comment",
    "spam_patterns": "Patterns that make it spam",
}


def typed() -> list[tuple[str, str]]:
    """Return what was typed at length into the form that was sent: (label, text) by field."""
    return [(label, request.form[name]) for name, label in LABELS.items() if request.form.get(name, "").strip()]


def way_back() -> str:
    """Return the page with the form that was sent: the one that it names, or the nearest above where it was sent to."""
    named = local.path_of(request.form.get("back", ""))
    if named is not None:
        return named
    adapter = current_app.create_url_adapter(request)
    path = request.path
    while adapter is not None and path.count("/") > 1:
        try:
            endpoint, _ = adapter.match(path, method="GET")
        except (HTTPException, RequestRedirect):
            endpoint = ""
        view = current_app.view_functions.get(endpoint)
        if view is not None and not getattr(view, "is_public", False) and local.path_of(path):
            return path
        path = path.rpartition("/")[0]
    return url_for("admin.start")
