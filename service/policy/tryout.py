"""What other rules would change: where, of the last thirty days, they say otherwise than those that hold now.

How a comment stands is no measure of that: an operator may have decided on it, and the rules of its day were others.
Only what is stored of a comment can be judged again: forms, traps and work are not, and bans are no rules of a site.
What operators write and what was imported was never put to the rules, and is not here either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from service import database
from service.database import AnyRow
from service.pages import Site
from service.policy import store
from service.policy.rules import judge
from service.policy.settings import Rules, settings_of
from service.policy.spam import bayes, facts_of
from service.policy.spam import store as learnt
from service.policy.spam.tokens import tokens as tokens_of
from service.policy.submission import REPEATED, Score, Submission, same_bucket
from service.policy.verdict import Verdict
from service.text import linked, to_text

PERIOD = timedelta(days=30)
#: comments looked at, the newest; so many are read at once
MOST = 20_000
_BATCH = 500
#: comments whose words are looked up at once
_AT_ONCE = 100
#: after so long no more are judged: somebody waits for the answer, and others for the processor
ENOUGH = timedelta(seconds=5)


@dataclass(frozen=True)
class Changed:
    """A comment that would be given another state.

    `state` is the one that it has, `now` what the rules that hold say of it, `verdict` what the others would;
    `decided`, that an operator has let it stand otherwise than these others would.
    """

    comment_id: int
    state: str
    now: Verdict
    verdict: Verdict
    decided: bool


@dataclass
class Tried:
    """How many comments were looked at, the newest of so many; how many each rule would have stopped; what would be
    otherwise, first what would not show any more, and of each the newest first.
    """

    total: int = 0
    of: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)
    would_change: list[Changed] = field(default_factory=list)

    @property
    def decided(self) -> int:
        """How many of those that would change an operator has decided otherwise."""
        return sum(each.decided for each in self.would_change)

    @property
    def looked_at(self) -> str:
        """What it speaks of, in words."""
        if self.total < self.of:
            return f"the last {self.total:,} of {self.of:,} comments"
        return f"{self.total:,} comment{'' if self.total == 1 else 's'}"


@dataclass(frozen=True)
class _Stored:
    """What the filter said when the comment came."""

    probability: float
    signs: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class _Known:
    """What was known of a comment when it came: how many of its author's were published, and was its text there."""

    approved: int
    repeated: bool


def tryout(site: Site, rules: Rules, now: datetime, clock: Callable[[], datetime] | None = None) -> Tried:
    """Return what the rules would say otherwise of the site's comments of thirty days. Nothing is changed by it.

    The newest are judged first: all of them or, where a clock says so, as many as there is time for.
    """
    holds = settings_of(site)
    rows = [row for row in _rows(site, now - PERIOD) if row.rule != "banned"]
    known = _known(site, rows)
    tried, by_rule = Tried(of=len(rows)), Counter[str]()
    for row, score in _scored(reversed(rows), scores=rules.spam != "off" or holds.spam != "off"):
        submission = _submission(row, known[row.id], score)
        verdict, held = judge(submission, rules), judge(submission, holds)
        tried.total += 1
        if verdict.rule:
            by_rule[verdict.rule] += 1
        if verdict.state != held.state:
            decided = row.checked and verdict.state != row.state
            tried.would_change.append(Changed(row.id, row.state, held, verdict, decided))
        if clock is not None and clock() - now > ENOUGH:
            break
    tried.would_change.sort(key=lambda each: each.verdict.state == "published")
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


def _known(site: Site, rows: Sequence[AnyRow]) -> dict[int, _Known]:
    with database.read() as connection:
        readers = {row.reader_id for row in rows if row.reader_id is not None}
        first = rows[0].id if rows else 0
        approved = Counter(store.approved_before(connection, sorted(readers), first))
    known, seen = {}, dict[str, datetime]()
    for row in rows:
        same = same_bucket(site.id, row.body)
        repeated = same is not None and same in seen and row.created - seen[same] <= REPEATED
        known[row.id] = _Known(approved[row.reader_id], repeated)
        if same is not None:
            seen[same] = row.created
        if row.reader_id is not None and row.state == "published" and (row.checked or row.rule is None):
            approved[row.reader_id] += 1
    return known


def _scored(rows: Iterable[AnyRow], *, scores: bool) -> Iterator[tuple[AnyRow, Score | None]]:
    """Yield comments with what the filter said of them; of those that came while it had no say, what it says now."""
    rows = iter(rows)
    while batch := list(islice(rows, _AT_ONCE)):
        facts = {
            row.id: tokens_of(facts_of(row.html, row.name, row.website))
            for row in batch
            if row.spam_score is None and scores
        }
        with database.read() as connection:
            counts, totals = learnt.known(connection, sorted({token for found in facts.values() for token in found}))
        for row in batch:
            score = bayes.classify(facts[row.id], counts, totals) if row.id in facts else None
            if row.spam_score is not None:
                yield row, _Stored(row.spam_score)
            else:
                yield row, score if score is not None and score.ready else None


def _submission(row: AnyRow, known: _Known, score: Score | None) -> Submission:
    return Submission(
        text=to_text(row.html),
        body=row.body,
        links=linked(row.html),
        name=row.name,
        website=row.website,
        email=row.email,
        approved=known.approved,
        repeated=known.repeated,
        spam=score,
    )
