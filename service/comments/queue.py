"""The queue: what waits for an operator over all sites, filtered, each comment in its context. It writes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from service import database, pages, policy
from service.comments import asked as asking
from service.comments import by_hand, counted, queue_store, version
from service.comments.asked import Asked, Cursor
from service.comments.by_hand import ByHand, Hands
from service.comments.counted import Counted
from service.comments.history import Reported
from service.comments.queue_store import Wanted
from service.database import AnyRow
from service.errors import Invalid, NotFound, UnknownSite
from service.pages import Place

#: entries of one answer
PAGE = 50
#: characters of the comment that was answered
_EXCERPT = 140


@dataclass(frozen=True)
class OnPage:
    """Where a comment stands, and whether anything can be added there now."""

    id: int
    url: str
    title: str
    closed: bool


@dataclass(frozen=True)
class Parent:
    """The comment that was answered."""

    id: int
    name: str
    state: str
    excerpt: str


@dataclass(frozen=True)
class History:
    """What is known of a reader: since when, and how the newest comments stand; `more`, that there are older ones."""

    reader: int
    first_seen: datetime
    published: int
    pending: int
    spam: int
    deleted: int
    more: bool


@dataclass(frozen=True)
class Entry:
    """A comment in its context.

    `rule` is what held it and `why` that rule's signs; `reports` are those that nobody has answered, `reported` how
    many; `edits` how many former versions are kept; `version` says to whoever decides later what was looked at (see
    version.py); `ban` by what its author can be banned, kind by value; `by_hand` is absent where a rule, or nobody,
    keeps it from showing.
    """

    id: int
    site: str
    site_id: int
    page: OnPage
    parent: Parent | None
    name: str
    email: str
    website: str
    operator: bool
    body: str
    html: str
    state: str
    rule: str | None
    why: tuple[str, ...]
    spam_score: float | None
    shadow: bool
    checked: bool
    reported: int
    reports: tuple[Reported, ...]
    author: History | None
    address: str | None
    created: datetime
    edited: datetime | None
    edits: int
    version: str
    ban: dict[str, str]
    by_hand: ByHand | None


@dataclass(frozen=True)
class Part:
    """A part of the queue. `partial`: the walk was cut short, and `next` goes on with it."""

    entries: list[Entry]
    next: str | None
    partial: bool
    counts: dict[str, Counted]


@dataclass(frozen=True)
class Listed:
    """A comment in a list of the command line's."""

    id: int
    page: str
    state: str
    rule: str | None
    name: str
    created: datetime
    body: str


def look(asked: Asked, allowed: frozenset[int] | None, now: datetime) -> Part:
    """Return a part of the queue of the `allowed` sites, None for all; at most nine queries, each over an index.

    Raises NotFound for a site or a page that is not there or not allowed, Invalid for a cursor of another list.
    """
    with database.read() as connection:
        wanted = _wanted(connection, asked, allowed)
        found = _find(connection, wanted, asked.after, PAGE)
        entries = _entries(connection, found.ids, now)
        counts = counted.by_tab(connection, wanted.sites)
    following = asking.write(found.next) if found.next else None
    return Part(entries, following, found.partial, counts)


def get_entry(comment_id: int, allowed: frozenset[int] | None, now: datetime) -> Entry:
    """Return one comment in its context. Raises NotFound when there is none, or it is of no `allowed` site."""
    with database.read() as connection:
        entries = _entries(connection, [comment_id], now)
    if not entries or (allowed is not None and entries[0].site_id not in allowed):
        raise NotFound(f"comment as {comment_id}")
    return entries[0]


def listing(asked: Asked, limit: int) -> list[Listed]:
    """Return up to `limit` comments, however far they lie apart. For the command line, which has time."""
    listed: list[Listed] = []
    at = asked.after
    with database.read() as connection:
        wanted = _wanted(connection, asked, None)
        while len(listed) < limit:
            found = _find(connection, wanted, at, min(PAGE, limit - len(listed)))
            rows = queue_store.details(connection, found.ids)
            urls = {page_id: place.url for page_id, place in _places(connection, rows.values()).items()}
            for row in (rows[comment_id] for comment_id in found.ids):
                listed.append(Listed(row.id, urls[row.page_id], row.state, row.rule, row.name, row.created, row.body))
            if found.next is None:
                break
            at = found.next
    return listed


def _find(connection: Connection, wanted: Wanted, at: Cursor | None, limit: int) -> queue_store.Found:
    sites = queue_store.site_ids(connection) if queue_store.names_sites(wanted) else frozenset()
    walk = queue_store.walk_for(wanted, sites)
    if at is not None and walk.by_time and at.created is None:
        raise Invalid({"after": ["This is no cursor of this list."]})
    return queue_store.find(connection, wanted, walk, at, limit)


def _wanted(connection: Connection, asked: Asked, allowed: frozenset[int] | None) -> Wanted:
    sites, page_id = allowed, None
    if asked.page is not None:
        place = _place(connection, asked.page)
        fits = asked.site in (None, place.site.name) and (allowed is None or place.site.id in allowed)
        if place.page is None or not fits:
            raise NotFound(f"page as {asked.page}")
        sites, page_id = frozenset([place.site.id]), place.page.id
    elif asked.site is not None:
        site = pages.get_site(asked.site)
        if allowed is not None and site.id not in allowed:
            raise NotFound(f"site as {asked.site}")
        sites = frozenset([site.id])
    newest = asked.order == "newest"
    wanted = Wanted(asked.view, sites, page_id, asked.author, asked.rule, asked.text, newest=newest)
    return replace(wanted, since=asked.since, until=asked.until)


def _place(connection: Connection, page: str) -> Place:
    if page.isascii() and page.isdecimal():
        found = pages.places_of(connection, [int(page)] if len(page) < 16 else [])
        if not found:
            raise NotFound(f"page as {page}")
        return found[int(page)]
    try:
        return pages.locate(connection, page)
    except UnknownSite as error:
        raise NotFound(f"page as {page}") from error  # the same as one of a site that is not the asker's


def _places(connection: Connection, rows: Iterable[AnyRow]) -> dict[int, Place]:
    return pages.places_of(connection, {row.page_id for row in rows})


def _entries(connection: Connection, comment_ids: Sequence[int], now: datetime) -> list[Entry]:
    if not comment_ids:
        return []
    rows = queue_store.details(connection, comment_ids)
    places = _places(connection, rows.values())
    reports: dict[int, list[Reported]] = {}
    for row in queue_store.reports_of(connection, [row.id for row in rows.values() if row.reports]):
        reports.setdefault(row.comment_id, []).append(Reported(row.reader_id, row.reason, row.created, row.upheld))
    readers = {row.reader_id for row in rows.values() if row.reader_id is not None}
    authors = queue_store.authors(connection, sorted(readers))
    wanted = [rows[comment_id] for comment_id in comment_ids if comment_id in rows]
    hands = by_hand.find(connection, wanted)
    return [
        _entry(row, places[row.page_id], tuple(reports.get(row.id, ())), authors.get(row.reader_id), hands, now)
        for row in wanted
    ]


def _entry(
    row: AnyRow, place: Place, reports: tuple[Reported, ...], author: Counter[str] | None, hands: Hands, now: datetime
) -> Entry:
    closed = policy.state_at(place.site, place.page, now).closed
    title = place.page.title if place.page else ""
    by = {"reader": row.reader_id, "name": row.name, "email": row.email, "address": row.address}
    return Entry(
        id=row.id,
        site=place.site.name,
        site_id=row.site_id,
        page=OnPage(row.page_id, place.url, title, closed),
        parent=_parent(row),
        name=row.name,
        email=row.email,
        website=row.website,
        operator=row.operator,
        body=row.body,
        html=row.html,
        state=row.state,
        rule=row.rule,
        why=tuple(str(sign) for sign in json.loads(row.why)) if row.why else (),
        spam_score=row.spam_score,
        shadow=row.shadow,
        checked=row.checked,
        reported=row.reports,
        reports=reports,
        author=_history(row, author),
        address=row.address,
        created=row.created,
        edited=row.edited,
        edits=row.edits,
        version=version.of(row),
        ban={kind: str(value) for kind, value in by.items() if value},
        by_hand=hands.get(row.id),
    )


def _parent(row: AnyRow) -> Parent | None:
    if row.parent_id is None:
        return None
    said = " ".join((row.parent_body or "").split())
    excerpt = said if len(said) <= _EXCERPT else f"{said[:_EXCERPT].rstrip()}…"
    return Parent(row.parent_id, row.parent_name, row.parent_state, excerpt)


def _history(row: AnyRow, author: Counter[str] | None) -> History | None:
    if author is None:
        return None
    return History(
        row.reader_id,
        row.first_seen,
        published=author["published"],
        pending=author["pending"],
        spam=author["spam"],
        deleted=author["deleted"],
        more=author.total() >= queue_store.HISTORY,
    )
