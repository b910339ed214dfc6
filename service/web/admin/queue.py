"""The queue: what waits for a decision over all sites; deciding on one or on many; undoing it."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, current_app, redirect, render_template, request, url_for

from service import comments, pages
from service.comments import Batch, Decision, Part
from service.errors import AfterwordError, Invalid, NotFound
from service.models import LARGEST_ID
from service.people.operators import Principal
from service.text import clean_line
from service.web import errors, state
from service.web.admin import guard, local, wish, words
from service.web.admin.forms import faults_of, whole
from service.web.admin.guard import blueprint

#: tabs of the queue, by what they ask for
_TABS = (("pending", "Pending"), ("reported", "Reported"), ("spam", "Spam"), ("all", "All"), ("deleted", "Deleted"))
#: what the address says of a batch that was just done, of comments that were left alone, of a page with all chosen
_DID, _LEFT, _CHOSEN = "did", "left", "chosen"
#: comments that an address names of those left alone for one reason: it must not grow too long
_NAMED = 20
guard.NOTICES |= {
    "nothing-chosen": "No comment was selected, so nothing was changed.",
    "nothing-changed": "Nothing had to be changed.",
    "nothing-done": "Nothing was changed.",
    "nothing-undone": "Nothing was undone.",
}


@blueprint.get("/queue")
def queue() -> Response:
    """Answer with a part of the queue, and with its filter."""
    who, given = guard.require("read"), wish.typed()
    after = request.args.get("after") or None
    part, error = _look(who, given, after)
    html = render_template(
        "admin/queue.html",
        part=part,
        faults=faults_of(error) if error else {},
        asked=given,
        view=given.get("view", "pending"),
        filtered=[name for name in wish.FILTERS if name in given],
        tabs=_TABS,
        after=after,
        chosen=request.args.get(_CHOSEN) == "all",
        sites=[site.name for site in pages.sites() if who.may(site.id)],
        **shown(who),
    )
    return Response(html, errors.status_of(error) if error else 200)


@blueprint.post("/queue/decide")
def decide() -> Response:
    """Decide on one comment, or on those that were selected, and go back to where one was."""
    who = guard.require("moderate")
    decision, _, one = guard.typed("one").partition(" ")
    ids = _ids([one] if one else request.form.getlist("ids"))
    decision = decision or guard.typed("decision")
    if decision not in comments.DECISIONS:
        raise Invalid({"decision": ["There is no such decision."]})
    if not ids:
        return _back(("done", "nothing-chosen"))
    wanted, reason = comments.DECISIONS[decision], clean_line(guard.typed("reason"))
    made = comments.moderate(ids, wanted, who.actor, state.now(), reason, allowed=who.sites, seen=_seen())
    return _told(made, "nothing-done" if made.skipped else "nothing-changed")


@blueprint.post("/queue/undo")
def undo() -> Response:
    """Undo a batch of decisions as far as no other was made since; what that did can be undone as well."""
    who = guard.require("moderate")
    return _told(comments.undo(guard.typed("batch"), who.actor, state.now(), who.sites), "nothing-undone")


def shown(who: Principal) -> dict[str, Any]:
    """Return what every page that shows comments for a decision needs."""
    batch = comments.find_batch(request.args.get(_DID, ""), who.sites) if _DID in request.args else None
    return {
        "batch": batch,
        "said": _sentence(batch) if batch else None,
        "left": _left(),
        "here": _here(),
        "words": words,
        "may": "moderate" in who.scopes,
        "there_is": lambda endpoint: endpoint in current_app.view_functions,
    }


def _look(who: Principal, given: dict[str, str], after: str | None) -> tuple[Part | None, AfterwordError | None]:
    try:
        return comments.look(wish.load(given, after), who.sites, state.now()), None
    except Invalid as error:
        return None, error
    except NotFound as error:  # a site or a page that was asked for: said at the form, where it can be mended
        missing = NotFound(f"{'page' if 'page' in given else 'site'} here, or it is not one of yours")
        missing.__cause__ = error
        return None, missing


def _ids(given: list[str]) -> list[int]:
    ids = [whole(each) for each in given]
    if any(each is None or not 0 < each <= LARGEST_ID for each in ids):
        raise NotFound("comment")
    return list(dict.fromkeys(cast(list[int], ids)))


def _seen() -> dict[int, str]:
    """Return the versions that the page showed, by the ids of their comments."""
    pairs = [each.partition(" ") for each in request.form.getlist("seen")]
    if any(whole(each) is None or not comments.is_version(version) for each, _, version in pairs):
        raise Invalid({"seen": ["This form is damaged. Open the page again."]})
    return {int(each): version for each, _, version in pairs}


def _told(made: Decision, nothing: str) -> Response:
    left: dict[str, list[int]] = {}
    for each in made.skipped:
        left.setdefault(each.reason, []).append(each.id)
    said = [(_DID, made.batch) if made.changed else ("done", nothing)]
    return _back(
        *said, *((_LEFT, ".".join(map(str, [reason, len(ids), *ids[:_NAMED]]))) for reason, ids in left.items())
    )


def _left() -> list[tuple[str, str, list[int]]]:
    # how many comments were left alone, why, and some of them; as an address says it, which anybody can write
    found = []
    for each in request.args.getlist(_LEFT):
        reason, *numbers = each.split(".")
        number, *ids = [whole(part) or 0 for part in numbers] or [0]
        if reason in words.LEFT and number:
            found.append((words.comments(number), words.LEFT[reason], ids[:_NAMED]))
    return found


def _sentence(batch: Batch) -> str:
    number = words.comments(len(batch.comment_ids))
    if batch.undid:
        return f"Undone: {number} back to what {'it was' if len(batch.comment_ids) == 1 else 'they were'}."
    done = f"{number} {words.DONE[batch.state or 'pending']}"
    if batch.kept and batch.rejected:
        reports = f"{batch.rejected} report{'' if batch.rejected == 1 else 's'} rejected"
        done = f"{'Kept' if len(batch.comment_ids) == 1 else f'{number} kept'}; {reports}"
    return f"Done again: {done[0].lower()}{done[1:]}." if batch.again else f"{done}."


def _here() -> str:
    # the page that is shown, without what was said once
    said = {_DID, _LEFT, _CHOSEN, "done"}
    query = [pair for pair in request.args.items(multi=True) if pair[0] not in said]
    return f"{request.path}?{urlencode(query)}" if query else request.path


def _back(*said: tuple[str, str]) -> Response:
    """Lead to the page of ours that the form names, with something that it is to say."""
    path = local.path_of(guard.typed("back")) or url_for("admin.queue")
    parts = urlsplit(path)
    query = urlencode([*parse_qsl(parts.query), *said])
    return cast(Response, redirect(parts._replace(query=query).geturl(), 303))
