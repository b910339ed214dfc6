"""What other rules would have said of the last thirty days, before they are on.

Only what is stored of a comment can be judged again: forms, traps and work are not, and bans are no rules of a site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service import database
from service.database import AnyRow
from service.pages import Site
from service.policy import store
from service.policy.rules import judge
from service.policy.settings import Rules
from service.policy.submission import REPEATED, Submission, same_bucket
from service.policy.verdict import Verdict
from service.text import linked, to_text

PERIOD = timedelta(days=30)
#: comments looked at, the newest; so many are read at once
MOST = 20_000
_BATCH = 500


@dataclass(frozen=True)
class Changed:
    """A comment that would have been given another state."""

    comment_id: int
    state: str
    verdict: Verdict


@dataclass
class Tried:
    """How many comments were looked at, how many each rule would have stopped, and what would be otherwise."""

    total: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)
    would_change: list[Changed] = field(default_factory=list)


@dataclass(frozen=True)
class _Stored:
    """What the filter said when the comment came."""

    probability: float
    signs: tuple[tuple[str, float], ...] = ()


def tryout(site: Site, rules: Rules, now: datetime) -> Tried:
    """Return what the rules would have said of the site's comments of thirty days. Nothing is changed by it."""
    since = now - PERIOD
    rows = _rows(site, since)
    with database.read() as connection:
        readers = {row.reader_id for row in rows if row.reader_id is not None}
        first = rows[0].id if rows else 0
        approved = Counter(store.approved_before(connection, sorted(readers), first))
    seen: dict[str, datetime] = {}
    tried, by_rule = Tried(len(rows)), Counter[str]()
    for row in rows:
        same = same_bucket(site.id, row.body)
        repeated = same is not None and same in seen and row.created - seen[same] <= REPEATED
        verdict = judge(_submission(row, approved[row.reader_id], repeated), rules)
        if verdict.rule:
            by_rule[verdict.rule] += 1
        if verdict.state != row.state:
            tried.would_change.append(Changed(row.id, row.state, verdict))
        if same is not None:
            seen[same] = row.created
        if row.reader_id is not None and row.state == "published" and (row.checked or row.rule is None):
            approved[row.reader_id] += 1
    tried.by_rule = dict(by_rule.most_common())
    return tried


def _rows(site: Site, since: datetime) -> Sequence[AnyRow]:
    found: list[AnyRow] = []
    before = None
    while len(found) < MOST:
        with database.read() as connection:
            part = store.newest(connection, site.id, since, before, min(_BATCH, MOST - len(found)))
        found.extend(part)
        if len(part) < _BATCH:
            break
        before = part[-1].id
    return found[::-1]


def _submission(row: AnyRow, approved: int, repeated: bool) -> Submission:
    return Submission(
        text=to_text(row.html),
        body=row.body,
        links=linked(row.html),
        name=row.name,
        website=row.website,
        email=row.email,
        approved=approved,
        repeated=repeated,
        spam=None if row.spam_score is None else _Stored(row.spam_score),
    )
