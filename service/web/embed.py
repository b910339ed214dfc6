"""The script that site owners paste, served from memory, compressed once."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, request

from service.errors import Misconfigured
from service.settings import bundled
from service.threads import Ready
from service.web import caching

_KEPT = "public, max-age=300, stale-while-revalidate=86400"


def blueprint() -> Blueprint:
    """Return the routes of the scripts; raises Misconfigured when they were not built."""
    script = _ready("embed.js")
    routes = Blueprint("embed", __name__)

    @routes.get("/embed.js")
    def embed() -> Response:
        """Answer with the widget."""
        response = caching.answer(request, script, None, None)
        response.mimetype = "text/javascript"
        response.headers["Cache-Control"] = _KEPT
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        return response

    return routes


def _ready(name: str) -> Ready:
    path = bundled("widget") / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Misconfigured([f"{path} is missing: build the widget (npm run build in widget/)."]) from error
    return Ready(None, f'W/"{hashlib.sha256(content).hexdigest()[:24]}"', content)
