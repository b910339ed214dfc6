"""The scripts that site owners paste, and what they load; served from memory, compressed once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, request

from service.errors import Misconfigured, NotFound
from service.settings import bundled
from service.threads import Ready, etag_of
from service.web import caching

_SCRIPTS = ("count.js", "embed.js", "more.js")
#: what embed.js loads, under an address that holds the version of what was built together
_LATER = ("more.js", "locales/*.json")
_KEPT = (("Cache-Control", "public, max-age=300, stale-while-revalidate=86400"),)
_KEPT_FOR_GOOD = (("Cache-Control", "public, max-age=31536000, immutable"),)
#: of these files alone, beside what every answer of their type carries
HEADERS = (("Access-Control-Allow-Origin", "*"), ("Referrer-Policy", "strict-origin-when-cross-origin"))


@dataclass(frozen=True)
class File:
    """A file as it goes out: its bytes, its type, and for how long it may be kept."""

    ready: Ready
    kind: str
    lifetime: caching.Lifetime


class Files:
    """All that the widget consists of, by path. Raises Misconfigured when it was not built."""

    def __init__(self) -> None:
        folder = bundled("widget")
        self.version = _version(folder)
        self._files = {f"/{name}": (_ready(folder / name), "text/javascript", name in _LATER) for name in _SCRIPTS}
        for path in (folder / "locales").glob("*.json"):
            self._files[f"/locales/{path.name}"] = (_ready(path), "application/json", True)

    def find(self, path: str, version: str | None) -> File | None:
        """Return the file at a path; one that is asked for by the version of this build may be kept for good."""
        found = self._files.get(path)
        if found is None:
            return None
        ready, kind, later = found
        return File(ready, kind, _KEPT_FOR_GOOD if later and version == self.version else _KEPT)


def blueprint(files: Files) -> Blueprint:
    """Return the routes of the scripts."""
    routes = Blueprint("embed", __name__)

    def script() -> Response:
        """Answer with the widget, or a part of it."""
        return _answer(files)

    for name in _SCRIPTS:  # each a route of its own, as it is counted and told of
        routes.add_url_rule(f"/{name}", name.removesuffix(".js"), script, methods=["GET"])

    @routes.get("/locales/<code>.json")
    def translation(code: str) -> Response:
        """Answer with the widget's words in a language."""
        return _answer(files)

    return routes


def _answer(files: Files) -> Response:
    file = files.find(request.path, request.args.get("v"))
    if file is None:
        raise NotFound("translation")
    response = caching.answer(request, file.ready, None, file.kind, file.lifetime)
    response.headers.extend(HEADERS)
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
    return Ready(None, etag_of(content), content)
