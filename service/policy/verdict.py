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
    """An act, the rule that demanded it (None where no rule had anything to say), and the reason in words.

    `why` lists what the rule found: the words, the addresses, the signs of spam. It is for operators alone, as it may
    quote the comment. A `shadow` verdict is one whose author must not notice it. `mend` says that a refusal is about
    the form and not about the comment: with another form the same comment may pass.
    """

    act: Act
    rule: str | None = None
    reason: str = ""
    why: tuple[str, ...] = ()
    shadow: bool = False
    mend: bool = False

    @property
    def state(self) -> str:
        """Return the state that a comment gets by it; a refused one gets none and is held where it is there already."""
        return _STATES[self.act]


_STATES = {Act.PUBLISH: "published", Act.HOLD: "pending", Act.SPAM: "spam", Act.REFUSE: "pending"}
PUBLISH = Verdict(Act.PUBLISH)
