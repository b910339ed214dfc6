"""HTTP in, one call down, HTTP out: the list of blueprints and hooks, in one screen."""

from flask import Flask

from service import database
from service.settings import Settings
from service.threads import Cache
from service.web import admin, embed, errors, fallback, front, headers, health, metrics, origins, scrape, watch
from service.web.api import register_api
from service.web.body import MOST_BYTES


def wire(app: Flask, settings: Settings) -> None:
    """Put the web's doors on the application."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.extensions["afterword"] = settings
    app.extensions["afterword_cache"] = Cache(settings.cache_mb * 1024 * 1024, metrics.cache)
    app.url_map.strict_slashes = True
    app.jinja_env.trim_blocks = True  # a line that holds nothing but a tag of the template leaves no empty line
    watch.register(app)
    with app.app_context():
        metrics.watch(database.db.engine)
        watch.watch_statements(database.db.engine)
    errors.register(app)
    register_api(app)
    app.extensions["afterword_files"] = files = embed.Files()
    app.register_blueprint(embed.blueprint(files))
    app.register_blueprint(front.blueprint)
    app.register_blueprint(fallback.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(scrape.blueprint)
    app.register_blueprint(admin.blueprint)
    app.after_request(origins.share)
    app.after_request(headers.protect)
