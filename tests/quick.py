"""What makes a thousand starts of the application cost less, and changes nothing of what it does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event, make_url
from werkzeug.routing import Rule

from service import create_app, database, settings, text
from service.people import passwords
from service.settings import Settings
from service.threads import Cache
from service.web import metrics
from tests.postgres import Databases


def make_starts_quick(patch: pytest.MonkeyPatch, folder: Path, databases: Databases | None) -> None:
    """Have work that every application does anew done once: files are kept in `folder`.

    Where there are `databases` of PostgreSQL, the default is one of them, and not a file of SQLite.
    """
    if databases is None:
        patch.setattr(database, "migrate", _copied(folder / "afterword.db"))
    else:
        _prepare(databases, folder)
        patch.setattr(settings, "_default_database", databases.url)
        patch.setattr(database, "open_database", _prepared(databases))
    patch.setattr(text, "self_test", cache(text.self_test))
    patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    patch.setitem(Flask.jinja_options, "bytecode_cache", _Compiled())
    patch.setattr(Rule, "_compile_builder", _kept(Rule._compile_builder))


def _copied(template: Path) -> Callable[[Settings], bool]:
    """Have a new file begin as a copy of one whose schema is made already."""
    migrate = database.migrate

    def migrated(settings: Settings) -> bool:
        path = Path(make_url(settings.database_url).database or "")
        if path != settings.data_dir / "afterword.db" or path.exists():
            return migrate(settings)
        if template.exists():
            shutil.copy(template, path)
            return True
        done = migrate(settings)
        with database.db.engine.connect() as connection:
            connection.connection.driver_connection.execute("VACUUM INTO ?", (str(template),))
        return done

    return migrated


def _prepare(databases: Databases, folder: Path) -> None:
    databases.make("template", lambda url: migrated(url, folder))


def migrated(url: str, folder: Path) -> str:
    """Bring a database's schema up to date, and return its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERWORD_DATA_DIR", str(folder))
        patch.setenv("AFTERWORD_DATABASE_URL", url)
        app, wanted = Flask("migrated"), settings.load()
        database.open_database(app, wanted)
        with app.app_context():
            database.migrate(wanted)
            database.close_database()
    return url


def _prepared(databases: Databases) -> Callable[[Flask, Settings], None]:
    """Have a database there when it is opened, and its connections closed when it is taken from a test."""
    open_database = database.open_database

    def opened(app: Flask, settings: Settings) -> None:
        databases.ensure(settings.database_url)
        open_database(app, settings)
        with app.app_context():
            databases.opened.extend(database.db.engines.values())

    return opened


class Moving:
    """An application that goes from test to test, each time to the data of that test, as if it were new there."""

    def __init__(self, databases: Databases | None) -> None:
        self._app: Flask | None = None
        self._named = ""
        self._databases = databases

    def to(self, settings: Settings) -> Flask:
        """Return it, with those settings and on their database."""
        named = make_url(settings.database_url).database or ""
        if named != self._named:
            self.leaves()
        self._named = named
        if self._app is None:
            self._app = self._made(settings)
        else:
            self._app.extensions["afterword"] = settings
            self._app.extensions["afterword_cache"] = Cache(settings.cache_mb * 1024 * 1024, metrics.cache)
            self._app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
            if self._databases is None:
                database.migrate(settings)
            else:
                self._databases.ensure(settings.database_url)
        return self._app

    def leaves(self) -> None:
        """Close the database's connections."""
        if self._app is not None:
            with self._app.app_context():
                database.close_database()

    def _made(self, settings: Settings) -> Flask:
        app = create_app(settings)
        with app.app_context():
            database.close_database()

            def _on_connect(_dialect: Any, _record: Any, where: list[Any], how: dict[str, Any]) -> None:
                if self._databases is None:
                    where[0] = self._named
                else:
                    how["dbname"] = self._named

            for engine in database.db.engines.values():
                event.listen(engine, "do_connect", _on_connect)
        return app


class _Compiled(BytecodeCache):
    """Templates, compiled once for all applications."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the template its code, if it was compiled before."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._known[bucket.key, bucket.checksum] = bucket.code


def _kept(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the functions that build addresses: they follow from a rule's parts alone, where it has no defaults."""
    known: dict[Any, Any] = {}

    def builder(rule: Any, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compiled(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = compiled(rule, append_unknown)
        return known[key]

    return builder
