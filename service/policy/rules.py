"""The visible, ordered list of rules. Pure.

A rule is a function from a submission to a verdict, or None where it has nothing to say. The first verdict counts.
"""

from __future__ import annotations

from collections.abc import Callable

from service.policy.submission import Submission
from service.policy.verdict import PUBLISH, Act, Verdict

#: more links than this in one comment wait for an operator; few readers cite more, most spam does
MOST_LINKS = 5

Rule = Callable[[Submission], Verdict | None]


def many_links(submission: Submission) -> Verdict | None:
    """Hold a comment with more than MOST_LINKS links."""
    if submission.links > MOST_LINKS:
        return Verdict(
            Act.HOLD, "many-links", f"It has {submission.links} links; more than {MOST_LINKS} are looked at first."
        )
    return None


RULES: tuple[Rule, ...] = (many_links,)


def judge(submission: Submission) -> Verdict:
    """Return the first verdict of the rules, or to publish."""
    for rule in RULES:
        verdict = rule(submission)
        if verdict is not None:
            return verdict
    return PUBLISH
