"""The Afterword comment service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application, wired, its schema brought up to date where the database is the embedded SQLite.

    Raises Misconfigured with sentences for the operator, RuntimeError when the sanitiser does not do its work.
    """
    from flask import Flask

    from service import database, text, web
    from service.settings import load

    settings = settings or load()
    text.self_test()
    app = Flask(__name__, static_folder=None)
    database.open_database(app, settings)
    web.wire(app, settings)
    with app.app_context():
        if database.is_embedded():
            database.migrate(settings)
    return app
