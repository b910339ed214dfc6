"""The least that Flask can do: one route that returns ready bytes."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response


def create_app() -> Flask:
    """Return an application that answers `/` with the bytes in DATA_DIR/body, as compressed JSON."""
    app = Flask(__name__)
    body = Path(os.environ["AFTERWORD_DATA_DIR"], "body").read_bytes()

    @app.get("/")
    def same() -> Response:
        response = Response(body, mimetype="application/json")
        response.headers["Content-Encoding"] = "br"
        return response

    return app
