"""Every fact that a rule may look at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Submission:
    """A comment that wants to be published, seen before anything is stored."""

    text: str  # the body as plain text, after rendering
    links: int
    name: str
    website: str
