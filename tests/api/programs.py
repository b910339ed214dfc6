"""Everybody who may ask something of `/api/v1/admin`, with their tokens, and all that they may ask about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import time_machine
from sqlalchemy import update

from service import comments, database, pages
from service.models import Token
from service.people import operators, sessions, tokens
from service.people.audit import COMMAND_LINE
from service.policy import bans
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, fill, standing_app
from tests.restored import Restored


def make_keys() -> dict[str, str]:
    """Make the sites' operators, and return the tokens of everybody who may ask. In the application's context."""
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    operators.add("olga", "owner", None, COMMAND_LINE, NOW)
    operators.add("mia", "moderator", ["blog"], COMMAND_LINE, NOW)
    operators.add("noah", "moderator", ["other"], COMMAND_LINE, NOW)

    def token(name: str, *scopes: str) -> str:
        return tokens.make(name, "test", scopes, None, COMMAND_LINE, NOW)[1]

    moderates = ("read", "moderate", "pages")
    return {
        "none": "",
        "reader": "A" * 43,
        "other": token("noah", *moderates),
        "moderator": token("mia", *moderates),
        "owner": token("olga", *operators.SCOPES),
        "reads": token("olga", "read"),
    }


@dataclass
class Arranged:
    """The application with all that there is, what of it a path may name, and the tokens of all principals."""

    restored: Restored
    keys: dict[str, str]
    named: dict[str, object]


@contextmanager
def arrange(folder: Path) -> Iterator[Arranged]:
    """Make one application for all cases, at NOW: `blog` has the comment 1, which is held, on the page 1."""
    with time_machine.travel(NOW, tick=False):
        app = standing_app(folder)
        with app.app_context():
            pages.add("blog", [ORIGIN], NOW, COMMAND_LINE)
            keys = make_keys()
            (comment,) = fill(1)
            batch = comments.moderate([comment], "pending", COMMAND_LINE, NOW).batch
            ban = bans.add("name", "Mallory", COMMAND_LINE, NOW, site_id=pages.get_site("blog").id)
            mia = operators.get("mia").id
            with database.write() as connection:
                sessions.start(connection, mia, True, "Firefox", "192.0.2.0/24", NOW)
                connection.execute(update(Token).values(used=NOW))
            named = {"batch": batch, "comment_id": comment, "page_id": 1, "name": "blog", "ban_id": ban.id}
            named |= {"operator": "mia", "session_id": sessions.listing(mia, NOW)[0].id}
            yield Arranged(Restored(app), keys, named | {"token_id": tokens.listing("mia")[0].id})
