"""SQL of the queue: walks along indexes in the order of the answer, none of them longer than it says.

What is asked for is split in two. A walk takes comments from one index, or from several side by side, in order; what
the index does not know is looked at on the way, on at most SCAN comments for one answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import aliased

from service.comments.asked import Cursor
from service.comments.decision_store import NEWEST_EDIT
from service.database import AnyRow
from service.models import LARGEST_ID, Comment, CommentEdit, Reader, Report, Site

#: comments looked at for one answer where no index knows what is asked for
SCAN = 20_000
#: walks side by side; beyond it one walk over all and a look at each comment is no slower
_MOST_WALKS = 100
_STATES = ("published", "pending", "spam", "deleted")
#: a count beyond this is "more"
COUNTED = 1_000
#: comments of one author that are looked at for how they were decided
HISTORY = 200
#: reports read for a comment, on average
_REPORTS = 20
#: code points of the comment that was answered
_EXCERPT = 400
#: written out, not bound: a partial index serves a query only when both say the same words
_HELD: ColumnElement[bool] = cast(ColumnElement[bool], text("rule IS NOT NULL"))
_REPORTED: ColumnElement[bool] = cast(ColumnElement[bool], text("reports > 0"))
_HAS_EMAIL: ColumnElement[bool] = cast(ColumnElement[bool], text("email <> ''"))
_LOOKED_AT = (
    Comment.id,
    Comment.created,
    Comment.site_id,
    Comment.page_id,
    Comment.state,
    Comment.rule,
    Comment.reports,
    Comment.name,
    Comment.email,
    Comment.reader_id,
)


@dataclass(frozen=True)
class Wanted:
    """What is asked for, with everything that had to be looked up; `sites` is None for all."""

    view: str
    sites: frozenset[int] | None = None
    page_id: int | None = None
    author: str | None = None
    rule: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest: bool = True


@dataclass(frozen=True)
class Walk:
    """Walks side by side, each a range of one index, and what of the wish they leave to be looked at.

    `by_time` walks by when comments were written, all others by id.
    """

    ranges: tuple[tuple[ColumnElement[bool], ...], ...]
    left: frozenset[str]
    by_time: bool = False


@dataclass(frozen=True)
class Found:
    """Ids in order, and the cursor of what follows; `partial`, that the walk ended before the answer was full."""

    ids: list[int]
    next: Cursor | None
    partial: bool


def names_sites(wanted: Wanted) -> bool:
    """Tell whether the walk needs the ids of all sites: names are indexed by site."""
    return wanted.author is not None and wanted.page_id is None and wanted.sites is None


def site_ids(connection: Connection) -> frozenset[int]:
    """Return the ids of all sites."""
    return frozenset(connection.execute(select(Site.id)).scalars())


def walk_for(wanted: Wanted, all_sites: frozenset[int]) -> Walk:
    """Choose the walk that leaves the least to be looked at."""
    asked = {"page_id", "author", "rule", "text", "since", "until"}
    left = {name for name in asked if getattr(wanted, name) is not None}
    left |= ({"sites"} if wanted.sites is not None else set()) | ({"view"} if wanted.view != "all" else set())
    if wanted.page_id is not None:
        return Walk(((Comment.page_id == wanted.page_id,),), frozenset(left - {"page_id", "sites"}))
    if wanted.author is not None:
        ranges = _by_author(wanted.author, wanted.sites or all_sites)
        if len(ranges) <= _MOST_WALKS:
            return Walk(ranges, frozenset(left - {"author"}))
    if wanted.rule is not None:
        return Walk(((_HELD, Comment.rule == wanted.rule),), frozenset(left - {"rule"}))
    if wanted.view == "reported":
        return Walk(((_REPORTED,),), frozenset(left - {"view"}))
    if wanted.view == "all" and left & {"since", "until"}:
        bounds = _times(Comment, wanted)
        return Walk((bounds,), frozenset(left - {"since", "until"}), by_time=True)
    states = _STATES if wanted.view == "all" else (wanted.view,)
    if wanted.sites is not None and len(wanted.sites) * len(states) <= _MOST_WALKS:
        each = [(Comment.site_id == site, Comment.state == state) for site in wanted.sites for state in states]
        return Walk(tuple(each), frozenset(left - {"sites", "view"}))
    if wanted.view == "all":
        return Walk(((),), frozenset(left))
    return Walk(((Comment.state == wanted.view,),), frozenset(left - {"view"}))


def _by_author(author: str, sites: Iterable[int]) -> tuple[tuple[ColumnElement[bool], ...], ...]:
    ranges: list[tuple[ColumnElement[bool], ...]] = [
        (Comment.site_id == site, Comment.name == author) for site in sorted(sites)
    ]
    if _reader_id(author) is not None:
        ranges.append((Comment.reader_id == _reader_id(author),))
    if "@" in author:
        ranges.append((_HAS_EMAIL, Comment.email == author))
    return tuple(ranges)


def _reader_id(author: str) -> int | None:
    return int(author) if author.isascii() and author.isdecimal() and int(author) <= LARGEST_ID else None


def find(connection: Connection, wanted: Wanted, walk: Walk, at: Cursor | None, limit: int) -> Found:
    """Return the first `limit` comments behind `at` that are wanted; one query, or two where the walk ends early."""
    if not walk.ranges:
        return Found([], None, False)
    longest = max(limit + 1, SCAN // len(walk.ranges))
    found = []
    for number, place in enumerate(walk.ranges):
        inner = _range(walk, place, wanted, at)
        if walk.left:
            each = inner.limit(longest).subquery(f"w{number}")
            kept = select(literal(number), each.c.id, each.c.created).where(*_conditions(each.c, wanted, walk.left))
            if connection.dialect.name != "sqlite":
                # SQLite keeps the order of the inner query, and would sort all of it again if asked for it
                kept = kept.order_by(*_order(each.c, walk, wanted))
            kept = kept.limit(limit + 1)
        else:
            kept = inner.with_only_columns(literal(number), Comment.id, Comment.created).limit(limit + 1)
        found.append(select(kept.subquery(f"r{number}")))
    rows = connection.execute(union_all(*found)).all()
    key = (lambda row: (row.created, row.id)) if walk.by_time else (lambda row: (row.id,))
    ordered = sorted({row.id: row for row in rows}.values(), key=key, reverse=wanted.newest)
    by_range: dict[int, list[AnyRow]] = {}
    for row in rows:
        by_range.setdefault(row[0], []).append(row)
    # beyond where any of the walks ended nothing is known of it
    ends = [got[limit] for got in by_range.values() if len(got) > limit]
    short = [number for number in range(len(walk.ranges)) if len(by_range.get(number, ())) <= limit]
    if walk.left and short:
        ends += _ends(connection, walk, wanted, at, short, longest)
    if not ends and len(ordered) <= limit:
        return Found([row.id for row in ordered], None, False)
    ends = ends or ordered[-1:]
    end = (max if wanted.newest else min)(ends, key=key)
    known = [row for row in ordered if (key(row) >= key(end) if wanted.newest else key(row) <= key(end))]
    if len(known) > limit:
        known, end = known[:limit], known[limit - 1]
        return Found([row.id for row in known], _cursor(end, walk), False)
    return Found([row.id for row in known], _cursor(end, walk), True)


def _cursor(row: AnyRow, walk: Walk) -> Cursor:
    return Cursor(row.id, row.created if walk.by_time else None)


def _range(walk: Walk, place: Sequence[ColumnElement[bool]], wanted: Wanted, at: Cursor | None) -> Select[Any]:
    columns = (*_LOOKED_AT, Comment.body) if "text" in walk.left else _LOOKED_AT
    found = select(*columns).where(*place)
    if not walk.by_time:
        start = at.id if at else LARGEST_ID + 1 if wanted.newest else 0
        found = found.where(Comment.id < start if wanted.newest else Comment.id > start)
    elif at is not None and wanted.newest:
        found = found.where(Comment.created <= at.created, (Comment.created < at.created) | (Comment.id < at.id))
    elif at is not None:
        found = found.where(Comment.created >= at.created, (Comment.created > at.created) | (Comment.id > at.id))
    return found.order_by(*_order(Comment, walk, wanted))


def _order(columns: Any, walk: Walk, wanted: Wanted) -> list[ColumnElement[Any]]:
    keys = [columns.created, columns.id] if walk.by_time else [columns.id]
    return [key.desc() if wanted.newest else key.asc() for key in keys]


def _ends(
    connection: Connection, walk: Walk, wanted: Wanted, at: Cursor | None, numbers: Sequence[int], longest: int
) -> list[AnyRow]:
    # the last comment that each of those walks looked at, absent where it came to its natural end
    found = []
    for number in numbers:
        last = _range(walk, walk.ranges[number], wanted, at).with_only_columns(Comment.id, Comment.created)
        found.append(select(last.limit(1).offset(longest - 1).subquery(f"e{number}")))
    return list(connection.execute(union_all(*found)).all())


def _conditions(columns: Any, wanted: Wanted, left: frozenset[str]) -> list[ColumnElement[bool]]:
    made: list[ColumnElement[bool]] = list(_times(columns, wanted)) if left & {"since", "until"} else []
    if "view" in left:
        made.append(columns.reports > 0 if wanted.view == "reported" else columns.state == wanted.view)
    if "sites" in left:
        made.append(columns.site_id.in_(sorted(wanted.sites or ())))
    if "rule" in left:
        made.append(columns.rule == wanted.rule)
    if "author" in left and wanted.author is not None:
        same = [columns.name == wanted.author, columns.email == wanted.author]
        reader_id = _reader_id(wanted.author)
        made.append(or_(*same, *([columns.reader_id == reader_id] if reader_id is not None else [])))
    if "text" in left and wanted.text is not None:
        # engines fold the case of ASCII at least; of other letters the ways in which words are written are tried
        ways = {wanted.text}
        if not wanted.text.isascii():
            ways |= {wanted.text.lower(), wanted.text.upper(), wanted.text.capitalize()}
        made.append(or_(*(columns.body.icontains(way, autoescape=True) for way in sorted(ways))))
    return made


def _times(columns: Any, wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    since = (columns.created >= wanted.since,) if wanted.since is not None else ()
    return (*since, *((columns.created < wanted.until,) if wanted.until is not None else ()))


_PARENT = aliased(Comment)
_EDITS = select(func.count()).where(CommentEdit.comment_id == Comment.id).scalar_subquery()
#: made once: to put it together costs several times what it takes to run
_DETAILS = (
    select(
        *Comment.__table__.columns,
        _PARENT.name.label("parent_name"),
        _PARENT.state.label("parent_state"),
        func.substr(_PARENT.body, 1, _EXCERPT).label("parent_body"),
        Reader.created.label("first_seen"),
        _EDITS.label("edits"),
        NEWEST_EDIT.label("newest_edit"),
    )
    .outerjoin(_PARENT, _PARENT.id == Comment.parent_id)
    .outerjoin(Reader, Reader.id == Comment.reader_id)
    .where(Comment.id.in_(bindparam("ids", expanding=True)))
)


def details(connection: Connection, comment_ids: Sequence[int]) -> dict[int, AnyRow]:
    """Return comments with what they answer, since when their readers are known, and how often they were edited."""
    return {row.id: row for row in connection.execute(_DETAILS, {"ids": list(comment_ids)})}


def reports_of(connection: Connection, comment_ids: Sequence[int]) -> Sequence[AnyRow]:
    """Return the reports of the comments that nobody has answered, newest first, so many that each may have some."""
    found = select(Report.comment_id, Report.reader_id, Report.reason, Report.created, Report.upheld)
    found = found.where(Report.comment_id.in_(comment_ids), Report.upheld.is_(None))
    rows = connection.execute(found.limit(_REPORTS * len(comment_ids))).all() if comment_ids else ()
    return sorted(rows, key=lambda row: row.created, reverse=True)


_NEWEST = (
    select(Comment.state)
    .where(Comment.reader_id == Reader.id)
    .order_by(Comment.id.desc())
    .limit(HISTORY)
    .correlate(Reader)
    .subquery()
)
_AUTHORS = select(
    Reader.id, select(func.aggregate_strings(_NEWEST.c.state, " ")).correlate(Reader).scalar_subquery().label("states")
).where(Reader.id.in_(bindparam("ids", expanding=True)))


def authors(connection: Connection, reader_ids: Sequence[int]) -> dict[int, Counter[str]]:
    """Return how the newest comments of each reader stand: the number in each state, HISTORY in all at most."""
    rows = connection.execute(_AUTHORS, {"ids": list(reader_ids)})
    return {row.id: Counter((row.states or "").split()) for row in rows}


def counts(connection: Connection, sites: frozenset[int] | None) -> dict[str, int]:
    """Return how many comments there are for each tab, none counted further than COUNTED + 1."""
    ours = () if sites is None else (Comment.site_id.in_(sorted(sites)),)
    # few are reported, so that they are looked through; the sum keeps SQLite from going through the site instead
    among = () if sites is None else ((Comment.site_id + 0).in_(sorted(sites)),)

    def counted(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
        some = select(literal(1)).select_from(Comment).where(*wanted)
        return select(func.count()).select_from(some.limit(COUNTED + 1).subquery()).scalar_subquery()

    tabs = {
        "pending": counted(Comment.state == "pending", *ours),
        "reported": counted(_REPORTED, Comment.id > 0, *among),
        "spam": counted(Comment.state == "spam", *ours),
        "deleted": counted(Comment.state == "deleted", *ours),
        "all": counted(Comment.state.in_(_STATES), *ours),
    }
    row = connection.execute(select(*(column.label(name) for name, column in tabs.items()))).one()
    return dict(row._mapping)
