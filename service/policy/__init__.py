"""Submission -> verdict: closing, limits, links; an ordered list of small functions."""

from service.policy.closing import Closing, next_change, state_at
from service.policy.rules import judge
from service.policy.settings import Rules, settings_of
from service.policy.submission import From, Submission, Written, gather, remember
from service.policy.traps import Filled
from service.policy.verdict import Act, Verdict

__all__ = [
    "Act",
    "Closing",
    "Filled",
    "From",
    "Rules",
    "Submission",
    "Verdict",
    "Written",
    "gather",
    "judge",
    "next_change",
    "remember",
    "settings_of",
    "state_at",
]
