"""What tests of moderation need: comments of all states, decisions, and the entries that they leave."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import comments
from service.people.audit import Actor
from tests.conftest import NOW, Reader, stored

ANN = Actor("ann", "api")
BEN = Actor("ben", "ui")
SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


def decides(ids: list[int], state: str, actor: Actor = ANN, **further: Any) -> comments.Decision:
    """Decide on comments."""
    return comments.moderate(ids, state, actor, NOW, **further)


def row(comment_id: int) -> dict[str, Any]:
    """Return a comment as it is stored."""
    return next(each for each in stored("comments") if each["id"] == comment_id)


def log(verb: str = "comment.") -> list[dict[str, Any]]:
    """Return the audit entries of a kind, oldest first, their details read."""
    found = [each for each in stored("audit") if each["verb"].startswith(verb)]
    return [each | {"details": json.loads(each["details"])} for each in found]


def reports(
    client: FlaskClient, comment_id: int, *keys: str, reason: str = "Rude.", address: str | None = None
) -> list[int]:
    """Report a comment as the readers with these keys, each a letter, and return the statuses.

    Each of them is at an address of their own, or all at the one that is given.
    """
    statuses = []
    for key in keys:
        path, headers = f"/api/v1/comments/{comment_id}/report", Reader(client, key=key * 43).headers()
        there = {"REMOTE_ADDR": address or f"192.0.2.{ord(key)}"}
        sent = client.post(path, json={"reason": reason}, headers=headers, environ_overrides=there)
        statuses.append(sent.status_code)
    return statuses


@pytest.fixture
def held(app: Flask, reader: Reader) -> int:
    """A comment that the rule on links held."""
    return int(reader.posts(SIX_LINKS).json["comment"]["id"])
