"""What the rules say of a comment before it is stored, and how that is stored with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service import database
from service.comments.draft import Form
from service.errors import FormNeeded, Refused
from service.pages import Place
from service.policy import Filled, From, Rules, Submission, Verdict, Written, gather, judge, traps, work
from service.policy.verdict import Act


@dataclass(frozen=True)
class Judged:
    """A verdict, and what it was made from."""

    submission: Submission
    verdict: Verdict

    def columns(self) -> dict[str, Any]:
        """Return what of it is stored with the comment."""
        verdict, spam = self.verdict, self.submission.spam
        return {
            "rule": verdict.rule,
            "why": json.dumps(verdict.why, ensure_ascii=False) if verdict.why else None,
            "spam_score": spam and spam.probability,
            "shadow": verdict.shadow,
        }


def look(
    place: Place,
    rules: Rules,
    written: Written,
    sent: From,
    now: datetime,
    *,
    filled: Filled = traps.UNASKED,
    editing: int | None = None,
    earlier: tuple[str, ...] = (),
) -> Judged:
    """Return what the rules say. Raises Refused, or FormNeeded where another form would do."""
    with database.read() as connection:
        submission = gather(
            connection, place.site, rules, written, sent, now, filled=filled, editing=editing, earlier=earlier
        )
    verdict = judge(submission, rules)
    if verdict.act is Act.REFUSE:
        raise (FormNeeded if verdict.mend else Refused)(verdict.rule or "", verdict.reason)
    return Judged(submission, verdict)


def filled(form: Form | None, place: Place, rules: Rules, secret: str, now: datetime) -> Filled:
    """Return what a form that came with a comment tells."""
    if form is None:
        return traps.NONE
    state, seconds = traps.read_token(secret, place, form.token, now) if form.token else ("none", None)
    spends = work.spends(secret, place, rules.work, form.work, now) if rules.works and form.work else None
    return Filled(state, seconds, bool(form.trap), "good" if spends else "none", spends)
