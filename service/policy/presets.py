"""Three sets of rules to begin with; a site's own settings go on top of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.policy.spam import HOLD_AT, MARK_AT

DEFAULT = "balanced"

#: what each preset does, for whoever chooses
MEANINGS = {
    "relaxed": "For a place where people know each other: only what is plainly machine-made waits.",
    "balanced": "Comments show at once; what looks suspicious waits.",
    "strict": "Nobody’s comments show before an operator has published one of theirs; machines have to work.",
}

#: the rules by name, in their order; each can be switched off
RULES = (
    "banned",
    "form-missing",
    "work-missing",
    "trap-filled",
    "too-quick",
    "form-stale",
    "spam-words",
    "spam-patterns",
    "hold-words",
    "hold-patterns",
    "many-links",
    "repeated",
    "looks-like-spam",
    "unknown-author",
    "hold-all",
)

_LISTS = dict.fromkeys(("hold_words", "spam_words", "hold_patterns", "spam_patterns", "off"), ())

#: every setting of each preset
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "relaxed": {
        "publish": "all",
        "trust_after": 1,
        "links": 20,
        "min_seconds": 0,
        "trap": True,
        "form": "off",
        "repeats": False,
        "work": 0,
        "spam": "off",
        "hold_at": 0.8,
        "mark_at": 0.98,
        "reports": 0,
        **_LISTS,
    },
    "balanced": {
        "publish": "all",
        "trust_after": 1,
        "links": 5,
        "min_seconds": 0,
        "trap": True,
        "form": "off",
        "repeats": True,
        "work": 0,
        "spam": "hold",
        "hold_at": HOLD_AT,
        "mark_at": MARK_AT,
        "reports": 3,
        **_LISTS,
    },
    "strict": {
        "publish": "trusted",
        "trust_after": 1,
        "links": 2,
        "min_seconds": 3,
        "trap": True,
        "form": "required",
        "repeats": True,
        "work": 5,
        "spam": "mark",
        "hold_at": 0.5,
        "mark_at": 0.9,
        "reports": 2,
        **_LISTS,
    },
}
