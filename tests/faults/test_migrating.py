"""A migration that is killed halfway, again and again, is done by the next start, and nothing is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from service.settings import bundled
from tests.faults.accounting import DRIVER, connect, query, settle_accounts
from tests.faults.clients import Ledger, Storm
from tests.faults.harness import ORIGIN, Service, await_

#: comments on another page than those that are posted, so that there is something to do
OLD = 100_000
PAGE = f"{ORIGIN}/old"
#: bytes of the migration's work that are on the disk when it is killed
KILLED_AT = (1, 2_000_000, 4_000_000)

pytestmark = [pytest.mark.long, pytest.mark.fault("F19")]


def _back_to_the_first(service: Service) -> None:
    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    engine = create_engine(f"sqlite:///{service.data / 'afterword.db'}", module=DRIVER)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        connection.commit()
    engine.dispose()
    assert _revision(service) == "0001"


def _multiply(service: Service) -> None:
    """Have PAGE, which has one comment, have OLD of them; the counts are those of the first revision."""
    with contextlib.closing(connect(service)) as connection:
        names = [row["name"] for row in connection.execute("SELECT name FROM pragma_table_info('comments')")]
        kept = ", ".join(name for name in names if name not in ("id", "number"))
        connection.execute("BEGIN")
        connection.execute(
            f"WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {OLD}) "
            f"INSERT INTO comments (number, {kept}) SELECT i, {kept} FROM n, comments "
            "WHERE page_id = (SELECT id FROM pages WHERE url = ?)",
            (PAGE,),
        )
        connection.execute("UPDATE pages SET count = ?, last_number = ? WHERE url = ?", (OLD, OLD, PAGE))
        connection.execute("COMMIT")


def _revision(service: Service) -> str:
    return str(query(service, "SELECT version_num FROM alembic_version")[0]["version_num"])


@pytest.mark.sqlite(reason="it migrates as it starts; elsewhere see tests/postgresql/test_migrating.py")
def test_a_migration_killed_halfway_is_done_by_the_next_start(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=2)
    newest = _revision(service)
    service.start()
    ledger = Ledger(service)
    pages = ledger.pages(4)
    assert {ledger.post(page).status for page in pages * 5} == {201}
    assert Ledger(service, "old").post(PAGE).status == 201
    service.tell_to_stop()
    assert service.await_end() == 0
    _back_to_the_first(service)
    _multiply(service)

    log = service.data / "afterword.db-wal"
    with Storm(ledger, pages, clients=4, pause=0.3) as storm:
        halfway = 0
        for size in KILLED_AT:
            service.start(ready="")
            await_(
                "a migration under way",
                lambda size=size: (
                    (log.exists() and log.stat().st_size >= size) or service.ask("GET", "/healthz").status == 200
                ),
            )
            service.kill()
            halfway += _revision(service) != newest
        assert halfway > 0, "each was done before it could be killed"
        service.start()
        storm.await_more(20)
    assert _revision(service) == newest
    assert ledger.counts().keys() <= {0, 201, 503}
    settle_accounts(ledger)
    ledger.settle()
    settle_accounts(ledger)
    (old,) = query(service, "SELECT count FROM pages WHERE url = ?", PAGE)
    assert old["count"] == OLD
    rows = query(service, "SELECT count(*) AS count FROM comments JOIN pages ON pages.id = page_id WHERE url = ?", PAGE)
    assert rows[0]["count"] == OLD
