"""The log is long: what is asked of it is found by an index, also where there is nothing to find."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from service import database
from service.people import audit
from service.people.audit import Wanted
from tests.conftest import statements


@pytest.mark.sqlite(reason="its planner says what it does in other words")
def test_the_entries_of_an_actor_are_found_by_an_index(app: Flask) -> None:
    with statements() as sent, database.read() as connection:
        audit.entries(connection, None, Wanted(actor="nobody"))
        (asked,) = [each for each in sent if "audit" in each]
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {asked.replace('?', '1')}")).all()
    assert any("ix_audit_actor" in step[3] for step in plan), plan
