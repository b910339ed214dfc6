"""A site's rules in one place, a sentence for each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from service.policy.presets import RULES
from service.policy.settings import Rules


@dataclass(frozen=True)
class Line:
    """A rule: its name, whether it is on, and what it does on this site."""

    name: str
    on: bool
    does: str


def describe(rules: Rules) -> list[Line]:
    """Return every rule in the order in which they are asked."""
    return [Line(name, wanted and name not in rules.off, does) for name, (wanted, does) in _said(rules).items()]


def _said(rules: Rules) -> dict[str, tuple[bool, str]]:
    holds = f"Holds what the spam filter takes for spam from {rules.hold_at} on"
    filters = {
        "off": "The spam filter has no say.",
        "hold": f"{holds}.",
        "mark": f"{holds}, and marks it from {rules.mark_at} on.",
    }
    form = "Refuses what comes without a form that was made here"
    form += "." if rules.form == "required" or not rules.times else ", as nothing else tells how long the writing took."
    said = {
        "banned": (True, "Refuses whoever is banned; or hides what they write from all others, where the ban says so."),
        "form-missing": (rules.needs_form, form),
        "work-missing": (
            rules.work > 0,
            f"Refuses what comes without work of the browser (difficulty {rules.work}); from the plain page holds it.",
        ),
        "trap-filled": (rules.trap, "Marks as spam what fills in a field that people do not see."),
        "too-quick": (rules.min_seconds > 0, f"Holds what was sent within {rules.min_seconds} s of opening the form."),
        "form-stale": (rules.needs_form, "Holds what comes from a form that was open for more than a day."),
        "spam-words": (bool(rules.spam_words), f"Marks as spam what holds {_count(rules.spam_words, 'word')}."),
        "spam-patterns": (
            bool(rules.spam_patterns),
            f"Marks as spam what matches {_count(rules.spam_patterns, 'pattern')}.",
        ),
        "hold-words": (bool(rules.hold_words), f"Holds what has {_count(rules.hold_words, 'word')} in it."),
        "hold-patterns": (bool(rules.hold_patterns), f"Holds what matches {_count(rules.hold_patterns, 'pattern')}."),
        "many-links": (True, f"Holds what has more than {rules.links} links."),
        "repeated": (rules.repeats, "Holds a longer text that was sent to this site within the last day."),
        "looks-like-spam": (rules.spam != "off", filters[rules.spam]),
        "unknown-author": (
            rules.publish == "trusted",
            f"Holds comments of authors with fewer than {rules.trust_after} published before.",
        ),
        "hold-all": (rules.publish == "none", "Holds every comment."),
    }
    return {name: said[name] for name in RULES}


def _count(entries: tuple[str, ...], what: str) -> str:
    return f"one of {len(entries):,} {what}s of a list" if len(entries) > 1 else f"a {what} of a list"
