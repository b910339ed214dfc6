"""The Afterword comment service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.settings import Settings
    from service.web.asgi import Application


def create_application(threads: int = 8) -> Application:
    """Return the application as gunicorn's asgi worker runs it, with as many threads for Flask.

    Raises what create_app() raises.
    """
    from service.web.asgi import Application

    return Application(create_app(), threads)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application, wired, its schema brought up to date where the database is the embedded SQLite.

    Raises Misconfigured with sentences for the operator, RuntimeError when the sanitiser does not do its work.
    """
    from contextlib import suppress

    from flask import Flask

    from service import comments, database, text, web
    from service.errors import AfterwordError, Misconfigured
    from service.settings import load
    from service.web import state

    settings = settings or load()
    text.choose(settings.sanitiser)
    text.self_test()
    app = Flask(__name__, static_folder=None)
    database.open_database(app, settings)
    web.wire(app, settings)
    with app.app_context():
        if database.is_embedded():
            database.migrate(settings)
        broken: list[str] = []
        with suppress(AfterwordError):  # a database that is away or full is told by the first request
            broken = database.broken_promises()
            if database.is_embedded() or not database.pending_migrations():
                comments.erase_due(state.now())
        if broken:
            database.close_database()
            raise Misconfigured(broken)
    return app
