"""What the rules say of a comment before it is stored, what its author is told, and how that is stored with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.comments.draft import Form
from service.comments.gate import Writing
from service.errors import FormNeeded, Refused
from service.pages import Place, Site
from service.policy import (
    Act,
    Filled,
    From,
    Rules,
    Submission,
    Verdict,
    Written,
    ban_store,
    bans,
    gather,
    judge,
    rules,
    settings_of,
    traps,
    work,
)

#: what is said of a comment in the shadow that no ban of its own put there
_HIDDEN = Verdict(Act.SPAM, "banned", "It answers a comment that is hidden.", shadow=True)


def _unasked(_: Rules) -> Filled:
    return traps.UNASKED


@dataclass(frozen=True)
class Case:
    """A comment that is to be judged.

    `form` tells how its form was filled in, which depends on what the rules ask for. An edit names the comment that it
    changes, and the texts that it had.
    """

    place: Place
    written: Written
    sent: From
    now: datetime
    form: Callable[[Rules], Filled] = _unasked
    editing: int | None = None
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A verdict, what it was made from, and the state that its author is told.

    `stamp` is what must still be the same for it to hold: the site's version, and the newest ban.
    """

    case: Case
    rules: Rules
    submission: Submission
    filled: Filled
    verdict: Verdict
    told: str
    stamp: tuple[int, int]

    def columns(self) -> dict[str, Any]:
        """Return what of it is stored with the comment."""
        verdict, spam = self.verdict, self.submission.spam
        return {
            "rule": verdict.rule,
            "why": json.dumps(verdict.why, ensure_ascii=False) if verdict.why else None,
            "spam_score": spam and spam.probability,
            "shadow": verdict.shadow,
            "told": self.told if verdict.shadow else None,
        }

    def hidden(self) -> Judged:
        """Return the same for a comment that only its author is to see, whatever the rules say."""
        return self if self.verdict.shadow else replace(self, verdict=_HIDDEN)


def look(connection: Connection, case: Case) -> Judged:
    """Return what the rules say. Raises Refused, or FormNeeded where another form would do."""
    return _judged(connection, case.place.site, case)


def look_again(writing: Writing, judged: Judged) -> Judged:
    """Return what the rules say now that nobody else writes: the same, unless rules or bans have changed meanwhile.

    Raises Refused and FormNeeded, too.
    """
    if _stamp(writing.connection, writing.site) == judged.stamp:
        return judged
    return _judged(writing.connection, writing.site, judged.case)


def refuse_banned(connection: Connection, site: Site, reader_id: int | None, address: str, now: datetime) -> bool:
    """Raise Refused for a banned reader or address, as a comment is refused; tell whether it is banned in the shadow.

    For what is no comment and so has neither a name nor links.
    """
    given = settings_of(site)
    if rules.name_of(rules.banned) in given.off:
        return False
    subject = bans.Subject(reader_id, network=address)
    verdict = rules.banned(Submission("", ban=bans.matching(connection, site.id, subject, now)), given)
    return verdict is not None and _unless_refused(verdict).shadow


def _judged(connection: Connection, site: Site, case: Case) -> Judged:
    stamp, given = _stamp(connection, site), settings_of(site)
    filled = case.form(given)
    submission = gather(
        connection,
        site,
        given,
        case.written,
        case.sent,
        case.now,
        filled=filled,
        editing=case.editing,
        earlier=case.earlier,
    )
    verdict = _unless_refused(judge(submission, given))
    # who is banned without being told is told what anybody would be
    told = _unless_refused(judge(replace(submission, ban=None), given)) if verdict.shadow else verdict
    # that something was taken for spam is told to nobody
    state = "pending" if told.act is Act.SPAM else told.state
    return Judged(case, given, submission, filled, verdict, state, stamp)


def _stamp(connection: Connection, site: Site) -> tuple[int, int]:
    return site.version, ban_store.newest(connection)


def _unless_refused(verdict: Verdict) -> Verdict:
    if verdict.act is Act.REFUSE:
        raise (FormNeeded if verdict.mend else Refused)(verdict.rule or "", verdict.reason)
    return verdict


def filled(form: Form | None, place: Place, rules: Rules, secret: str, now: datetime) -> Filled:
    """Return what a form that came with a comment tells."""
    if form is None:
        return traps.NONE
    state, seconds = traps.read_token(secret, place, form.token, now) if form.token else ("none", None)
    spends = work.spends(secret, place, rules.work, form.work, now) if rules.works and form.work else None
    return Filled(state, seconds, bool(form.trap), "good" if spends else "none", spends)
