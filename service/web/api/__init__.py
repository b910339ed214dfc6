"""The JSON API, and its description at /openapi.json made from the same schemas that parse it."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from service.web.api import comments, reader, threads
from service.web.api.sender import KEY_SCHEME


class _Described(Api):  # type: ignore[misc]  # flask-smorest is untyped
    """flask-smorest's Api without its error handlers: ours answer, and each route describes its problems itself."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def register_api(app: Flask) -> None:
    """Put the API and its description on the application."""
    app.config["API_TITLE"] = "Afterword"
    app.config["API_VERSION"] = "v1"
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["OPENAPI_URL_PREFIX"] = "/"
    app.config["OPENAPI_JSON_PATH"] = "openapi.json"
    api = _Described(app)
    api.spec.components.security_scheme("readerKey", KEY_SCHEME)
    api.register_blueprint(threads.blueprint)
    api.register_blueprint(comments.blueprint)
    api.register_blueprint(reader.blueprint)
