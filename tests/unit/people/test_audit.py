"""The log is long: what is asked of it is found by an index, also where there is nothing to find."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from service import database, pages
from service.people import audit
from service.people.audit import COMMAND_LINE, Wanted
from service.policy import spam
from tests.conftest import NOW, statements


@pytest.mark.sqlite(reason="its planner says what it does in other words")
def test_the_entries_of_an_actor_are_found_by_an_index(app: Flask) -> None:
    with statements() as sent, database.read() as connection:
        audit.entries(connection, None, Wanted(actor="nobody"))
        (asked,) = [each for each in sent if "audit" in each]
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {asked.replace('?', '1')}")).all()
    assert any("ix_audit_actor" in step[3] for step in plan), plan


def test_whoever_reads_an_export_slowly_keeps_no_transaction_open(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_STEP", 2)
    for number in range(4):
        pages.add(f"site-{number}", [f"https://site-{number}.example.org"], NOW, COMMAND_LINE)
    spam.load([*spam.export()], COMMAND_LINE, NOW)
    for lines in (audit.export(), spam.export()):
        seen = [database.db.engine.pool.checkedout() for _ in lines]  # type: ignore[attr-defined]
        assert seen
        assert not any(seen)
    assert len([*audit.export()]) == 6
