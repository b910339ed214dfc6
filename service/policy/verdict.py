"""What policy says of a submission."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Act(Enum):
    """What happens to the comment."""

    PUBLISH = "publish"
    HOLD = "hold"
    SPAM = "spam"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Verdict:
    """An act, the rule that demanded it (None where no rule had anything to say), and the reason in words."""

    act: Act
    rule: str | None = None
    reason: str = ""


PUBLISH = Verdict(Act.PUBLISH)
