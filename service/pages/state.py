"""When a page is closed. Pure: the answer depends on site, page and the time that is passed in.

In this order: the whole site is frozen; the page was closed by hand, until its time is over; the page was opened by
hand, which the automatic rules do not undo; the site's automatic rules. All but the page's own hold where there is no
page yet as well.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.pages import automatic, hours
from service.pages.automatic import Automatic
from service.pages.pages import Page
from service.pages.sites import Site


@dataclass(frozen=True)
class Closing:
    """Whether a page is closed, why, when it opens again by itself, and by which rule.

    The rule is freeze, hand, or one of automatic.RULES. `reopens` is the first moment at which comments are taken again
    if nobody does anything, None where that is not known: the end of one closing may fall into another.
    """

    closed: bool
    reason: str | None = None
    reopens: datetime | None = None
    rule: str | None = None


OPEN = Closing(closed=False)


def state_at(site: Site, page: Page | None, now: datetime) -> Closing:
    """Return the closing state at `now` of a page, None for one of this site that does not exist yet."""
    state = _state(site, page, now)
    reopens = state.reopens
    while reopens is not None and (then := _state(site, page, reopens)).closed:
        reopens = then.reopens
    return state if reopens == state.reopens else replace(state, reopens=reopens)


def next_change(site: Site, page: Page | None, now: datetime) -> datetime | None:
    """Return until when the state holds if nobody does anything, None for ever: no answer may be cached beyond it."""
    if is_frozen(site, now):
        return site.reopens
    if page is not None and closed_by_hand(page, now):
        return page.reopens
    rules = automatic.read(site.closing)
    if rules.is_off or (page is not None and (page.opened or _ended(rules, page, now))):
        return None
    changes = [moment for _, moment in _ends(rules, page) if moment > now]
    if rules.hours is not None:
        changes.append(hours.at(rules.hours, now)[1])
    return min(changes, default=None)


def is_frozen(site: Site, now: datetime) -> bool:
    """Tell whether all pages of the site are closed."""
    return site.closed_at is not None and (site.reopens is None or site.reopens > now)


def closed_by_hand(page: Page, now: datetime) -> bool:
    """Tell whether somebody closed this page, and the time for it is not over."""
    return page.closed_at is not None and (page.reopens is None or page.reopens > now)


def _state(site: Site, page: Page | None, now: datetime) -> Closing:
    if is_frozen(site, now):
        return Closing(True, site.closed_reason, site.reopens, "freeze")
    if page is not None and closed_by_hand(page, now):
        return Closing(True, page.closed_reason, page.reopens, "hand")
    rules = automatic.read(site.closing)
    if rules.is_off or (page is not None and page.opened):
        return OPEN
    if page is not None and (rule := _ended(rules, page, now)):
        return Closing(True, rules.words(rule), None, rule)
    if rules.hours is not None:
        is_open, change = hours.at(rules.hours, now)
        if not is_open:
            return Closing(True, rules.words("hours"), change, "hours")
    return OPEN


def _ended(rules: Automatic, page: Page, now: datetime) -> str | None:
    """Return the rule that has closed the page for good, None for none.

    It is the one that came first, and so stays the same when the time of another comes.
    """
    if rules.after_comments is not None and page.count >= rules.after_comments:
        return "after_comments"
    past = [(moment, rule) for rule, moment in _ends(rules, page) if moment <= now]
    return min(past)[1] if past else None


def _ends(rules: Automatic, page: Page | None) -> list[tuple[str, datetime]]:
    """Return at which moments, past or to come, the page closes for good, with the rules that say so."""
    ends: list[tuple[str, datetime]] = []
    if page is None:
        return ends
    for rule, days, since in (
        ("days_after_first", rules.days_after_first, page.first_comment),
        ("days_after_last", rules.days_after_last, page.last_comment),
    ):
        if days is not None and since is not None:
            with suppress(OverflowError):  # an imported date may be near the end of the calendar
                ends.append((rule, since + timedelta(days=days)))
    return ends
