"""A reader posts a comment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service import database, pages, text
from service.comments import gate, judging, retry, store
from service.comments.draft import Draft
from service.errors import AfterwordError, FormNeeded, Invalid
from service.pages import Place
from service.people import readers
from service.policy import Filled, From, Rules, Written, limits, remember
from service.settings import Settings


@dataclass(frozen=True)
class Sender:
    """Who sends, as far as it is known: the names of the address for limits, the reader key, the idempotency key.

    `network` is the truncated address, which is kept with a comment for a while; `address` the whole one, which is
    never stored. `filled` is what the form tells where that is known already, as of the plain page's.
    """

    buckets: tuple[str, ...]
    reader_key: str | None = None
    retry_key: str | None = None
    network: str | None = None
    address: str = ""
    filled: Filled | None = None


@dataclass(frozen=True)
class Posted:
    """What came of it. `reader_key` is the reader's new key when none was sent; `replayed`, that this was a retry.

    `hidden` says that only its author is to see the comment; `state` and `rule` are what the rules said, if it is new.
    """

    comment_id: int
    reader_key: str | None
    replayed: bool
    hidden: bool = False
    state: str = ""
    rule: str | None = None


def post(place: Place, draft: Draft, sender: Sender, settings: Settings, now: datetime) -> Posted:
    """Store a comment under the place's page.

    Raises PageClosed, Invalid, TooMany, Duplicate, Refused; nothing is stored then.
    """
    answered = _already(place, draft, sender, settings, now)
    if answered:
        return answered
    try:
        return _new(place, draft, sender, settings, now)
    except AfterwordError:
        # what is in the way may be the comment itself: the same request, stored a moment ago
        answered = _already(place, draft, sender, settings, now)
        if answered:
            return answered
        raise


def _new(place: Place, draft: Draft, sender: Sender, settings: Settings, now: datetime) -> Posted:
    gate.refuse_closed(place.site, place.page, now)
    with database.read() as connection:
        # looked at before the work of rendering, so that a flood costs little; what counts is the look in the gate
        if place.page is not None:
            repeat = limits.repeat_use(place.page.id, draft.body, settings.limit_repeats)
            limits.refuse_repeat(connection, repeat, now)
        limits.refuse_spent(connection, _uses(place, sender, settings), now)
        if place.site.names == "required" and not text.visible(draft.author.name):
            raise Invalid({"author": {"name": ["Please give a name."]}})
        rendered = text.to_html(draft.body)
        judged = judging.look(connection, _case(place, draft, rendered, sender, settings, now))

    author = draft.author
    key = sender.reader_key or _new_key(place, sender, settings, now)
    with gate.write(place, now) as writing:
        connection, page = writing.connection, writing.page
        kept = retry.find(connection, place.site.id, sender.retry_key, draft, now)
        if kept is not None:
            return _repeated(connection, kept, place, sender, settings)
        judged = judging.look_again(writing, judged)
        reader_id = readers.take(connection, place.site.id, key, now, new=sender.reader_key is None)
        parent = store.get_parent(connection, page.id, draft.parent, reader_id) if draft.parent else None
        if parent is not None and parent.hidden:
            judged = judged.hidden()
        repeat = limits.repeat_use(page.id, draft.body, settings.limit_repeats)
        limits.spend_repeat(connection, repeat, now)
        limits.spend(connection, _uses(place, sender, settings, page.id), now)
        spends = judged.filled.spends
        if spends and not limits.spend_once(connection, spends, now):
            raise FormNeeded("work-missing", "The work for this comment was used already. Please send it again.")
        remember(connection, place.site.id, judged.rules, draft.body, now)
        if judged.verdict.state == "published":
            pages.introduce(connection, page, place, judged.case.written.title)
        comment_id = store.insert_comment(
            writing,
            parent,
            {
                "body": draft.body,
                "html": rendered.html,
                "pipeline": text.PIPELINE,
                "name": author.name,
                "email": "" if settings.email_days == 0 else author.email,
                "website": author.website,
                "reader_id": reader_id,
                "state": judged.verdict.state,
                "address": (sender.network or None) if settings.address_days else None,
                "created": now,
                **judged.columns(),
            },
        )
        retry.keep(connection, place.site.id, sender.retry_key, draft, comment_id, now)
    verdict = judged.verdict
    return Posted(comment_id, None if sender.reader_key else key, False, verdict.shadow, verdict.state, verdict.rule)


def _case(
    place: Place, draft: Draft, rendered: text.Rendered, sender: Sender, settings: Settings, now: datetime
) -> judging.Case:
    author = draft.author
    written = Written(
        draft.body,
        rendered.text,
        rendered.addresses,
        author.name,
        author.website,
        author.email,
        rendered.html,
        title="" if place.page and place.page.title else draft.title,
    )

    def form(rules: Rules) -> Filled:
        return sender.filled or judging.filled(draft.form, place, rules, settings.secret_key, now)

    return judging.Case(place, written, From(sender.reader_key, sender.address), now, form)


def _uses(place: Place, sender: Sender, settings: Settings, page_id: int | None = None) -> list[limits.Use]:
    uses = [limits.Use(sender.buckets, settings.limit_posts)]
    page_id = page_id or (place.page.id if place.page else None)
    return uses + ([limits.page_use(page_id, settings.limit_page_posts)] if page_id else [])


def _already(place: Place, draft: Draft, sender: Sender, settings: Settings, now: datetime) -> Posted | None:
    # before everything else: a retry gets its answer even if the page was closed since
    if sender.retry_key is None:
        return None
    with database.read() as connection:
        kept = retry.find(connection, place.site.id, sender.retry_key, draft, now)
        return None if kept is None else _repeated(connection, kept, place, sender, settings)


def _repeated(connection: Connection, kept: retry.Kept, place: Place, sender: Sender, settings: Settings) -> Posted:
    row = store.find_comment(connection, kept.comment_id)
    key = None if sender.reader_key else _new_key(place, sender, settings, kept.created)
    return Posted(kept.comment_id, key, replayed=True, hidden=row is not None and store.is_hidden(row))


def _new_key(place: Place, sender: Sender, settings: Settings, now: datetime) -> str:
    # of that moment: when the answer is no longer kept, nobody is told the same key by sending the same again
    seed = f"{place.site.id} {sender.retry_key} {now.isoformat()}" if sender.retry_key else None
    return readers.new_key(settings.secret_key, seed)
