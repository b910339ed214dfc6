"""What was closed stays as it was at that moment, however many are posting: a page, a site, one that is full."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable

import pytest

from tests.faults.accounting import query, settle_accounts
from tests.faults.clients import Ledger, Storm, at_once
from tests.faults.harness import Service, await_

#: pages that are closed while comments pour in on all of them: ROUNDS times TOGETHER
ROUNDS, TOGETHER = 3, 3
CLIENTS = 8
#: seconds between the comments of one client; without it the commands that close would hardly get to run
PAUSE = 0.1


def _close_amid_a_storm(service: Service, ledger: Ledger, pages: list[str], chance: random.Random) -> None:
    closed: dict[str, int] = {}
    running: dict[str, subprocess.Popen[str]] = {}

    def has_one_ended() -> str | None:
        # The first look that sees a page closed also tells how many comments it has, of the same moment: no more may
        # come, though the command is still on its way to its end.
        for page in query(service, "SELECT url, count FROM pages WHERE closed_at IS NOT NULL"):
            closed.setdefault(page["url"], page["count"])
        return next((page for page, process in running.items() if process.poll() is not None), None)

    with Storm(ledger, pages, CLIENTS, PAUSE) as storm:
        for page in pages:
            storm.await_more(chance.randint(0, 12))
            running[page] = service.launch("page", "close", page, "--reason", "Enough was said.")
        while running:
            page = await_("a page to be closed", has_one_ended)
            assert running.pop(page).returncode == 0
            assert page in closed
            assert ledger.post(page).status == 403
            assert service.read(page).content["page"]["closed"] is True
        refusals = ledger.counts()[403]
        await_("refusals of every client", lambda: ledger.counts()[403] >= refusals + CLIENTS)
    assert ledger.counts().keys() == {201, 403}
    now = {page["url"]: page["count"] for page in query(service, "SELECT url, count FROM pages")}
    assert {page: closed[page] for page in pages} == {page: now[page] for page in pages}


@pytest.mark.slow
@pytest.mark.fault("F13")
def test_nothing_is_stored_on_a_page_once_closing_it_has_returned(
    service: Service, ledger: Ledger, chance: random.Random
) -> None:
    pages = ledger.pages(ROUNDS * TOGETHER)
    for start in range(0, len(pages), TOGETHER):
        together = pages[start : start + TOGETHER]
        _close_amid_a_storm(service, ledger, together, chance)
        assert min(service.read(page).content["page"]["count"] for page in together) > 0, "a round proved nothing"
    settle_accounts(ledger, further_changes=len(pages))

    page = pages[0]
    refusal = ledger.post(page)
    assert refusal.status == 403
    assert refusal.content["type"].endswith("page-closed")
    assert refusal.content["reason"] == "Enough was said."
    assert service.run("page", "open", page).returncode == 0
    assert ledger.post(page).status == 201
    _close_amid_a_storm(service, ledger, [page], chance)
    settle_accounts(ledger, further_changes=len(pages) + 2)


#: what one page may hold, and how many post at the same moment when it has all but one of them
FULL, AT_ONCE = 8, 16


@pytest.mark.slow
@pytest.mark.fault("F13")
def test_nothing_is_stored_on_a_site_once_freezing_it_has_returned(service: Service, ledger: Ledger) -> None:
    pages = ledger.pages(3)
    frozen: dict[str, int] = {}

    def count() -> dict[str, int]:
        found = query(service, "SELECT url, count FROM pages WHERE site_id = 1")
        return {page["url"]: page["count"] for page in found}

    def is_frozen() -> bool:
        # both of one moment, as the page's own closing is looked at above
        rows = query(
            service,
            "SELECT url, count FROM pages JOIN sites ON sites.id = site_id WHERE sites.closed_at IS NOT NULL",
        )
        frozen.update({row["url"]: row["count"] for row in rows})
        return bool(rows)

    try:
        with Storm(ledger, pages, CLIENTS, PAUSE) as storm:
            storm.await_more(12)
            process = service.launch("site", "freeze", "blog", "--reason", "We are moving.")
            await_("the site to be frozen", is_frozen)
            assert process.wait() == 0
            for page in [*pages, f"{pages[0]}/without-comments"]:
                refusal = ledger.post(page)
                assert (refusal.status, refusal.content["reason"]) == (403, "We are moving.")
                assert service.read(page).content["page"]["closed"] is True
            refusals = ledger.counts()[403]
            await_("refusals of every client", lambda: ledger.counts()[403] >= refusals + CLIENTS)
        assert ledger.counts().keys() == {201, 403}
        assert {page: frozen[page] for page in pages} == {page: count()[page] for page in pages}
    finally:
        assert service.run("site", "thaw", "blog").returncode == 0
    assert ledger.post(pages[0]).status == 201
    settle_accounts(ledger)


@pytest.mark.slow
@pytest.mark.fault("F13")
def test_the_last_comment_that_a_page_may_hold_is_taken_once(service: Service, ledger: Ledger) -> None:
    pages = ledger.pages(4)
    assert service.run("site", "closing", "blog", "--after-comments", str(FULL)).returncode == 0
    try:
        for page in pages[:-1]:
            while len(query(service, "SELECT 1 FROM pages WHERE url = ? AND count >= ?", page, FULL - 1)) == 0:
                assert ledger.post(page).status == 201
            statuses = [answer.status for answer in at_once(AT_ONCE, lambda _, page=page: ledger.post(page))]
            assert sorted(statuses) == [201] + [403] * (AT_ONCE - 1)
        with Storm(ledger, pages[-1:], CLIENTS):
            await_("a full page", lambda: ledger.counts()[403] >= AT_ONCE * len(pages))
        counts = {page["url"]: page["count"] for page in query(service, "SELECT url, count FROM pages")}
        assert [counts[page] for page in pages] == [FULL] * len(pages)
    finally:
        assert service.run("site", "closing", "blog", "--off").returncode == 0
    settle_accounts(ledger)


#: of the long one
MANY_ROUNDS, MANY_CLIENTS, MOST_POSTS = 1_000, 16, 50


@pytest.mark.long
@pytest.mark.fault("F13")
def test_a_thousand_pages_that_are_closed_amid_a_storm_stay_as_they_were(
    make_service: Callable[..., Service], chance: random.Random
) -> None:
    service = make_service(workers=2)
    assert service.run("operator", "add", "mia", "--site", "blog").returncode == 0
    token = service.run("operator", "token", "mia", "--name", "storm", "--scope", "pages").stdout.strip()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    service.start()
    ledger, storms = Ledger(service), 0

    def closes(page: str, act: str) -> None:
        sent = json.dumps({"act": act, "page": page}).encode()
        answer = service.ask("POST", "/api/v1/admin/pages", sent, headers)
        assert answer.status == 200, answer

    def count(page: str) -> int:
        return sum(int(row["count"]) for row in query(service, "SELECT count FROM pages WHERE url = ?", page))

    def storm(number: int, page: str, posts_before: int) -> int:
        if number == 0:  # amid the posts of the others
            await_("posts", lambda: count(page) >= posts_before)
            closes(page, "close")
            return count(page)
        posted = [ledger.post(page).status]
        while posted[-1] == 201 and len(posted) < MOST_POSTS:
            posted.append(ledger.post(page).status)
        assert posted[-1] == 403, posted
        return len(posted) - 1

    for page in ledger.pages(MANY_ROUNDS):
        before = chance.randint(0, MANY_CLIENTS)
        closed_with, *taken = at_once(
            MANY_CLIENTS + 1, lambda number, page=page, before=before: storm(number, page, before)
        )
        assert count(page) == closed_with == sum(taken)
        assert ledger.post(page).status == 403
        storms += closed_with > 0
    print(f"{storms} of {MANY_ROUNDS} pages were closed amid {ledger.counts()[201]} posts")
    assert storms > MANY_ROUNDS / 2
    for page in ledger.pages(MANY_ROUNDS)[::100]:
        closes(page, "open")
        assert ledger.post(page).status == 201
    assert ledger.counts().keys() == {201, 403}
