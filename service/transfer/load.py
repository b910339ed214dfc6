"""Records -> pages and comments: merges into what is there, brings nothing twice, says beforehand what it would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from service import comments, database, pages
from service.comments import Adopted
from service.errors import Invalid, NotAPage, UnknownSite
from service.pages import Place, Site, key
from service.people import audit
from service.people.audit import Actor
from service.policy import state_at
from service.transfer.record import CommentRecord, PageRecord, Record, Skipped

#: comments in one transaction: readers' own comments never wait for longer than these take
BATCH = 200
_CLOSED = "its page is closed here"
_ELSEWHERE = "its page is not one of this site"
#: origins that are told one by one
_MOST_NAMED = 20


@dataclass(frozen=True)
class _Wanted:
    """A prepared comment, the id in the source of the one it answers, and whether it was refused.

    A refused one comes as a placeholder for its replies, and is counted as skipped already.
    """

    adopted: Adopted
    parent: str | None
    refused: bool = False


@dataclass
class Report:
    """What an import did, or would do. Every comment of the file is counted once: brought or skipped.

    `here` and `elsewhere` are how many of the file's pages are at this site, and are not; `foreign` the origins of the
    latter that are no site's.
    """

    pages: int = 0
    closed: int = 0
    comments: int = 0
    pending: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    here: int = 0
    elsewhere: int = 0
    foreign: list[str] = field(default_factory=list)

    def sentence(self, dry_run: bool) -> str:
        """Return the result in words."""
        would = "Would bring" if dry_run else "Brought"
        held = f", {self.pending} of them pending" if self.pending else ""
        closed = f"; {self.closed} of the pages closed" if self.closed else ""
        return f"{would} {self.comments} comments on {self.pages} pages{held}{closed}; skipped {self.skipped.total()}."


def merge(site: Site, source: str, records: Iterable[Record], now: datetime, actor: Actor, *, dry_run: bool) -> Report:
    """Bring records into a site and return what was done; with `dry_run` only what would be.

    What was brought before, by its id in the source, is left as it is. A reply whose parent is nowhere to be found
    stands on its own. A page that was closed there is closed here by the run that first brings something of it. Through
    the API nothing comes to a page that is closed here, as through no other door there; raises PageClosed where one is
    closed meanwhile. The command line may bring to closed pages too.
    """
    report = Report()
    try:
        for page, found in _by_page(records, report):
            _merge_page(site, source, page, found, now, actor, dry_run, report)
    finally:
        # what was brought before a fault in the file is there, and so is its entry
        if report.pages and not dry_run:
            _record(site, source, report, now, actor)
    return report


def _record(site: Site, source: str, report: Report, now: datetime, actor: Actor) -> None:
    # a transaction of its own: an import has several for each page, and what it came to is known at its end
    counts = {"pages": report.pages, "closed": report.closed, "comments": report.comments, "pending": report.pending}
    details = {"format": source} | counts | {"skipped": report.skipped.total()}
    with database.write() as connection:
        audit.record(connection, actor, "site.import", now, site_id=site.id, subject=site.name, details=details)


def _by_page(records: Iterable[Record], report: Report) -> Iterator[tuple[PageRecord, list[CommentRecord]]]:
    page: PageRecord | None = None
    found: list[CommentRecord] = []
    for record in records:
        if isinstance(record, Skipped):
            report.skipped[record.reason] += 1
        elif isinstance(record, CommentRecord):
            found.append(record)
        else:
            if page is not None:
                yield page, found
            page, found = record, []
    if page is not None:
        yield page, found


def _merge_page(
    site: Site,
    source: str,
    page: PageRecord,
    found: list[CommentRecord],
    now: datetime,
    actor: Actor,
    dry_run: bool,
    report: Report,
) -> None:
    place = _place(site, page, report)
    if isinstance(place, str):
        report.elsewhere += 1
        if found:
            report.skipped[place] += len(found)
        return
    report.here += 1
    ids = [record.source_id for record in found]
    with database.read() as connection:
        here = comments.known(connection, site.id, source, ids)
    wanted = _prepared(source, page, found, here, report)
    by_hand = place.page is not None and pages.closed_by_hand(place.page, now)
    closes = page.closed and not by_hand and (bool(wanted) or place.page is None)
    if not wanted and not closes:
        return
    if actor.via == "api" and state_at(place.site, place.page, now).closed:
        report.skipped[_CLOSED] += _counted(wanted)
        return
    brought = wanted if dry_run else _bring(source, place, page.title, wanted, here, now, actor)
    if overtaken := _counted(wanted) - _counted(brought):
        report.skipped["brought before"] += overtaken
    report.pages += bool(brought) or closes
    report.closed += closes
    report.comments += _counted(brought)
    report.pending += sum(each.adopted.state == "pending" for each in brought)
    if closes and not dry_run:
        pages.close_place(place, now, page.title, actor)


def _counted(some: list[_Wanted]) -> int:
    return sum(not each.refused for each in some)


def _bring(
    source: str, place: Place, title: str, wanted: list[_Wanted], here: dict[str, int], now: datetime, actor: Actor
) -> list[_Wanted]:
    brought = []
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        with comments.write(place, now, title=title, operator=actor.via != "api") as writing:
            # looked up once more under the lock: the same file may be coming by another hand
            ids = [each.adopted.source_id for each in part]
            known = comments.known(writing.connection, place.site.id, source, ids)
            here |= known
            new = [each for each in part if each.adopted.source_id not in known]
            for each in new:
                parent = here.get(each.parent) if each.parent else None
                here[each.adopted.source_id] = comments.adopt(writing, each.adopted, parent)
        brought += new
    return brought


def _place(site: Site, page: PageRecord, report: Report) -> Place | str:
    """Return where a page of the file is here, or why it is nowhere.

    An export is often older than a site's https, or than its www: an origin that is no site's stands for one of this
    site's that differs in these alone.
    """
    try:
        place = pages.locate_at_once(page.url)
        return place if place.site.id == site.id else _ELSEWHERE
    except NotAPage:
        return _ELSEWHERE
    except UnknownSite as error:
        origin = error.origin
    for other in _alike(origin):
        with suppress(NotAPage, UnknownSite):
            place = pages.locate_at_once(other + key.parse(page.url).url.removeprefix(origin))
            if place.site.id == site.id:
                return place
    if origin not in report.foreign:
        if len(report.foreign) == _MOST_NAMED:
            return _ELSEWHERE
        report.foreign.append(origin)
    return f"{origin} is no origin of this site"


def _alike(origin: str) -> list[str]:
    scheme, _, host = origin.partition("://")
    other = key.other_www(host)
    secure = "http" if scheme == "https" else "https"
    return [f"{secure}://{host}", f"{scheme}://{other}", f"{secure}://{other}"]


def _prepared(
    source: str, page: PageRecord, found: list[CommentRecord], here: dict[str, int], report: Report
) -> list[_Wanted]:
    answered = {record.parent for record in found if record.parent}
    wanted = []
    ordered = _parents_first(found)
    if len(ordered) < len(found):
        report.skipped["twice in the file"] += len(found) - len(ordered)
    for record in ordered:
        if record.source_id in here:
            report.skipped["brought before"] += 1
            continue
        if record.state == "deleted" and record.source_id not in answered:
            report.skipped["deleted"] += 1
            continue
        author = {"name": record.name, "email": record.email, "website": record.website}
        fields = {"page": page.url, "body": record.body, "author": author}
        try:
            adopted = comments.prepare(source, record.source_id, record.created, record.state, fields)
        except Invalid as error:
            report.skipped[f"not accepted as a comment: {error.sentence()}"] += 1
            if record.source_id in answered:
                held = comments.prepare(source, record.source_id, record.created, "deleted", fields)
                wanted.append(_Wanted(held, record.parent, refused=True))
            continue
        wanted.append(_Wanted(adopted, record.parent))
    return wanted


def _parents_first(found: list[CommentRecord]) -> list[CommentRecord]:
    # In the order of their dates, for the numbers' sake, except that no reply comes before what it answers. A loop of
    # parents, which only a broken file has, is entered at its earliest comment.
    by_id = {record.source_id: record for record in found}
    ordered: list[CommentRecord] = []
    placed: set[str] = set()
    for record in sorted(found, key=lambda record: record.created):
        chain = []
        above: CommentRecord | None = record
        while above is not None and above.source_id not in placed:
            placed.add(above.source_id)
            chain.append(above)
            above = by_id.get(above.parent) if above.parent else None
        ordered.extend(reversed(chain))
    return ordered
