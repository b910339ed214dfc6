"""Every fact that a rule may look at, and how they are gathered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from sqlalchemy import Connection

from service.pages import Site
from service.people import readers
from service.policy import bans, lists, spam, store
from service.policy.bans import Ban
from service.policy.settings import Rules
from service.policy.traps import UNASKED, Filled

#: how far back a text counts as a repetition: what is kept of texts for longer belongs to their comments
REPEATED = timedelta(days=1)
#: "Thank you!" may be said twice; a text of so many characters is no coincidence
LONG = 40


class Score(Protocol):
    """What the spam filter says: how likely it is spam, and the strongest signs of it with their weights."""

    @property
    def probability(self) -> float:
        """Return 0 to 1."""

    @property
    def signs(self) -> tuple[tuple[str, float], ...]:
        """Return the signs, the strongest first."""


@dataclass(frozen=True)
class Written:
    """What somebody wrote: the body as typed, as text and as HTML, its links, and who is said to have written it.

    `title` is the page's, where the comment would give it one.
    """

    body: str
    text: str
    links: tuple[str, ...] = ()
    name: str = ""
    website: str = ""
    email: str = ""
    html: str = ""
    title: str = ""


@dataclass(frozen=True)
class Submission:
    """A comment that wants to be published, seen before anything is stored."""

    text: str  # the body as plain text, after rendering
    body: str = ""  # as typed
    links: tuple[str, ...] = ()
    name: str = ""
    website: str = ""
    email: str = ""
    title: str = ""  # of the page, where the comment would give it one
    approved: int = 0  # published comments of its reader, counted as far as it matters
    filled_seconds: float | None = None  # how long its form was open, where that is known
    trap: bool = False  # a field that nobody sees was filled in
    form: str = "unasked"  # good, stale, none; "unasked" where there is no form, as for an edit
    work: str = "unasked"  # good, none, impossible; "unasked" as above
    repeated: bool = False
    ban: Ban | None = None
    spam: Score | None = None

    @cached_property
    def whole(self) -> str:
        """Everything that was written, for patterns: a line each for text, name, website, e-mail, title and links."""
        told = [each for each in (self.title,) if each]
        return "\n".join([self.text, self.name, self.website, self.email, *told, *self.links])

    @cached_property
    def spread(self) -> str:
        """Everything that was written, as lists of words look at it."""
        return lists.spread(self.whole)


@dataclass(frozen=True)
class From:
    """Who sends: the reader key, if any, and the network address, which bans look at."""

    reader_key: str | None = None
    address: str = ""


def gather(
    connection: Connection,
    site: Site,
    rules: Rules,
    written: Written,
    sent: From,
    now: datetime,
    *,
    filled: Filled = UNASKED,
    editing: int | None = None,
    earlier: tuple[str, ...] = (),
) -> Submission:
    """Return what there is to know of a submission, by three queries at most and those of the spam filter.

    An edit names the comment that it changes, which does not count for its author, and the texts that the comment had,
    which it may have again.
    """
    reader_id = readers.find(connection, site.id, sent.reader_key) if sent.reader_key else None
    approved, repeated = 0, False
    same = same_bucket(site.id, written.body) if rules.repeats and written.body not in earlier else None
    asks = rules.publish == "trusted" and reader_id is not None
    if asks or same:
        approved, repeated = store.history(
            connection, reader_id if asks else None, editing, rules.trust_after, same, now - REPEATED
        )
    ban = bans.matching(connection, site.id, bans.Subject.of(written, reader_id, sent.address), now)
    return Submission(
        text=written.text,
        body=written.body,
        links=written.links,
        name=written.name,
        website=written.website,
        email=written.email,
        title=written.title,
        approved=approved,
        filled_seconds=filled.seconds,
        trap=filled.trap,
        form=filled.form,
        work=filled.work,
        repeated=repeated,
        ban=ban,
        spam=_score(connection, rules, written),
    )


def _score(connection: Connection, rules: Rules, written: Written) -> Score | None:
    if rules.spam == "off":
        return None
    score = spam.score(connection, lambda: spam.facts_of(written.html, written.name, written.website))
    return score if score.ready else None


def same_bucket(site_id: int, body: str) -> str | None:
    """Return the name under which a text is remembered, None for one that may be said again."""
    same = " ".join(body.casefold().split())
    if len(same) < LONG:
        return None
    return f"same:{site_id}:{hashlib.sha256(same.encode()).hexdigest()[:40]}"


def remember(connection: Connection, site_id: int, rules: Rules, body: str, now: datetime) -> None:
    """Remember a text, in the transaction that stores it, so that it can be known again."""
    if rules.repeats and (bucket := same_bucket(site_id, body)):
        store.add_spent(connection, bucket, now)
