"""What a comment would look like, made by the renderer that makes comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, post_load

from service import database, text
from service.comments.draft import BODY_CHARACTERS, Body
from service.comments.post import Sender
from service.policy import limits
from service.settings import Settings


class PreviewSchema(Schema):
    """A text to be previewed."""

    class Meta:
        unknown = RAISE

    body = Body(required=True, metadata={"maxLength": BODY_CHARACTERS, "description": "Markdown subset."})

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> str:
        return str(values["body"])


def preview(body: str, sender: Sender, settings: Settings, now: datetime) -> str:
    """Return the HTML that `body` would become. Raises Invalid, TooMany."""
    with database.write(beside=True) as connection:
        limits.spend(connection, [limits.act_use(sender.buckets, settings.limit_acts)], now)
    return text.to_html(body).html
