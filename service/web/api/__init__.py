"""The JSON API, and its description at /openapi.json made from the same schemas that parse it."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint

from service.web.api import (
    comments,
    form,
    moderation,
    pages_admin,
    people_admin,
    person_admin,
    policy_admin,
    reader,
    sites_admin,
    threads,
)
from service.web.api.bearer import TOKEN_SCHEME
from service.web.api.sender import KEY_SCHEME


class _Described(Api):  # type: ignore[misc]  # flask-smorest is untyped
    """flask-smorest's Api without its error handlers: ours answer, and each route describes its problems itself.

    The description is made when somebody asks for it: that takes longer than all else at a worker's start.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        self._waiting: list[Blueprint] = []
        self._lock = threading.Lock()
        super().__init__(app)

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Put the blueprint on the application; its routes are described later."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._waiting.append(blueprint)

    def _openapi_json(self) -> Any:
        with self._lock:
            for blueprint in self._waiting:
                blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
            self._waiting = []
        return super()._openapi_json()

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        pass  # of every status that HTTP has: none of them is ours, and describing them takes its time

    def _register_pagination_header(self) -> None:
        pass  # a header that no answer of ours has


def register_api(app: Flask) -> None:
    """Put the API and its description on the application."""
    app.config["API_TITLE"] = "Afterword"
    app.config["API_VERSION"] = "v1"
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["OPENAPI_URL_PREFIX"] = "/"
    app.config["OPENAPI_JSON_PATH"] = "openapi.json"
    api = _Described(app)
    api.spec.components.security_scheme("readerKey", KEY_SCHEME)
    api.spec.components.security_scheme("operatorToken", TOKEN_SCHEME)
    api.register_blueprint(threads.blueprint)
    api.register_blueprint(comments.blueprint)
    api.register_blueprint(reader.blueprint)
    api.register_blueprint(form.blueprint)
    api.register_blueprint(moderation.blueprint)
    api.register_blueprint(pages_admin.blueprint)
    api.register_blueprint(sites_admin.blueprint)
    api.register_blueprint(policy_admin.blueprint)
    api.register_blueprint(people_admin.blueprint)
    api.register_blueprint(person_admin.blueprint)
