"""Much at once: a large import while readers post, and the texts that cost most, from many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

import pytest

from tests.cli.test_import import comment, export, item
from tests.faults.accounting import query, settle_accounts
from tests.faults.clients import Ledger, Storm, at_once
from tests.faults.harness import ORIGIN, Service
from tests.faults.waits import is_idle, told, took
from tests.unit.text.test_text_cost import REPEATED, fill

pytestmark = pytest.mark.long
IMPORTED, PAGES = 100_000, 500


def exported(folder: Path, each: int) -> Path:
    """Return an export of PAGES pages with so many comments on each."""
    items = []
    for page in range(PAGES):
        said = [comment(each * page + number) for number in range(1, each + 1)]
        items.append(item(*said, link=f"{ORIGIN}/old/{page}", number=page + 1))
    return export(folder, *items)


@pytest.mark.fault("F24")
def test_readers_go_on_posting_while_thousands_of_comments_are_imported(
    make_service: Callable[..., Service], tmp_path: Path
) -> None:
    path = exported(tmp_path, IMPORTED // PAGES)
    service = make_service(workers=2)
    service.start()
    ledger = Ledger(service)
    with Storm(ledger, ledger.pages(4), clients=8, pause=0.5) as storm:
        storm.await_more(20)
        running = service.launch("import", "wordpress", str(path), "--site", "blog")
        rounds = 0
        while running.poll() is None:
            storm.await_more(5)
            rounds += 1
        storm.await_more(10)
    waits = quantiles(ledger.waits, n=100)
    print(f"{len(ledger.waits)} posts meanwhile: half within {waits[49]:.3f} s, 99 of 100 within {waits[98]:.3f} s")
    assert running.returncode == 0
    assert rounds > 5, "it was over before anybody could notice"
    assert ledger.counts().keys() == {201}
    assert settle_accounts(ledger) == ledger.counts()[201]
    (found,) = query(service, "SELECT count(*) AS count FROM comments WHERE source IS NOT NULL")
    assert found["count"] == IMPORTED
    counts = query(service, "SELECT count FROM pages WHERE url LIKE ?", f"{ORIGIN}/old/%")
    assert [page["count"] for page in counts] == [IMPORTED // PAGES] * PAGES


@pytest.mark.fault("F25")
def test_the_costliest_texts_from_many_at_once_hold_up_nobody_else(make_service: Callable[..., Service]) -> None:
    idle = is_idle()
    service = make_service(workers=2)
    service.start()
    ledger = Ledger(service)
    page = f"{ORIGIN}/costly"
    health: list[float] = []
    waits: list[tuple[int, float]] = []

    def ask(number: int, text: str) -> int:
        if number == 0:
            seconds, answer = took(lambda: service.ask("GET", "/healthz"))
            health.append(seconds)
        else:
            seconds, answer = took(lambda: ledger.post(page, text=text))
            waits.append((answer.status, seconds))
        return answer.status

    for unit in REPEATED:
        text = fill(unit)[:9_900]  # each has a line of its own in front
        answers = at_once(21, lambda number, text=text: ask(number, text))
        assert answers[0] == 200
        assert set(answers[1:]) <= {201, 422, 503}, (unit, answers)
    told("/healthz meanwhile", health, 1, asserted=True)
    told("a costly text that was taken", [each for status, each in waits if status == 201], 2, asserted=idle, share=1)
    told("an answer of any kind", [each for _, each in waits], 2, asserted=False, share=1)
    assert ledger.counts().keys() <= {201, 422, 503}
    assert ledger.counts()[201] > 0
