"""Submission -> verdict: closing, limits, links; an ordered list of small functions."""

from service.policy.closing import Closing, next_change, state_at
from service.policy.rules import judge
from service.policy.submission import Submission
from service.policy.verdict import Act, Verdict

__all__ = ["Act", "Closing", "Submission", "Verdict", "judge", "next_change", "state_at"]
