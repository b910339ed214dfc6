"""The scripts that site owners paste, and what they load; served from memory, compressed once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Response, request

from service.errors import Misconfigured, NotFound
from service.settings import bundled
from service.threads import Ready
from service.web import caching

_SCRIPTS = ("count.js", "embed.js", "more.js")
#: what embed.js loads, under an address that holds the version of what was built together
_LATER = ("more.js", "locales/*.json")
_KEPT = "public, max-age=300, stale-while-revalidate=86400"
_KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


def blueprint() -> Blueprint:
    """Return the routes of the scripts; raises Misconfigured when they were not built."""
    folder = bundled("widget")
    scripts = {name: _ready(folder / name) for name in _SCRIPTS}
    translations = {path.stem: _ready(path) for path in (folder / "locales").glob("*.json")}
    version = _version(folder)
    routes = Blueprint("embed", __name__)

    @routes.get(f"/<any({', '.join(map(repr, _SCRIPTS))}):name>")
    def script(name: str) -> Response:
        """Answer with the widget, or a part of it."""
        return _answer(scripts[name], "text/javascript", name in _LATER and _is(version))

    @routes.get("/locales/<code>.json")
    def translation(code: str) -> Response:
        """Answer with the widget's words in a language."""
        if code not in translations:
            raise NotFound("translation")
        return _answer(translations[code], "application/json", _is(version))

    return routes


def _is(version: str) -> bool:
    return request.args.get("v") == version


def _answer(content: Ready, kind: str, for_good: bool) -> Response:
    response = caching.answer(request, content, None, None)
    response.mimetype = kind
    caching.keep(response, _KEPT_FOR_GOOD if for_good else _KEPT)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


def _version(folder: Path) -> str:
    # as widget/build.mjs computes it, which writes it into embed.js
    parts = [path for pattern in _LATER for path in sorted(folder.glob(pattern))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()[:12]


def _ready(path: Path) -> Ready:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Misconfigured([f"{path} is missing: build the widget (npm run build in widget/)."]) from error
    return Ready(None, f'W/"{hashlib.sha256(content).hexdigest()[:24]}"', content)
