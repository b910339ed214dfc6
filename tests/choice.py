"""Which tests run, and on which database."""

from __future__ import annotations

from pathlib import Path

import pytest

#: what `make test` runs on PostgreSQL as well: a taste of each room's SQL, in about two minutes
CHOSEN = (
    "api/test_bans.py",
    "api/test_caching.py",
    "api/test_closing.py",
    "api/test_comments.py",
    "api/test_counts.py",
    "api/test_health.py",
    "api/test_limits.py",
    "api/test_moderation.py",
    "api/test_own.py",
    "api/test_paging.py",
    "api/test_replies.py",
    "api/test_retries.py",
    "api/test_thread.py",
    "cli/test_site.py",
    "cli/test_tidy.py",
    "unit/comments/test_bulk.py",
    "unit/comments/test_moderate.py",
    "unit/people",
    "unit/policy/spam",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the database that tests run on be chosen."""
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.addoption("--slow", action="store_true", help="the slow tests as well")
    parser.addoption("--long", action="store_true", help="those that take minutes, and the slow ones")
    parser.addoption("--soak", type=float, default=2.0, help="minutes that the long watch of a service takes")
    parser.addoption("--chosen", action="store_true", help="only the tests of the rooms whose SQL matters most")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    config.addinivalue_line("markers", "sqlite(reason): only of SQLite; why that is so")
    config.addinivalue_line("markers", "slow: takes half a minute; make test SLOW=on and make faults wait for it")
    config.addinivalue_line("markers", "long: takes minutes; only make faults waits for it")
    config.addinivalue_line("markers", "fault(id, ...): shows what tests/faults/table.py lists under that id")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes its time and what is of another database; tell reports which faults are shown."""
    waits = {"long": config.getoption("--long"), "slow": config.getoption("--long") or config.getoption("--slow")}
    for mark, waited_for in waits.items():
        if not waited_for and mark not in config.getoption("markexpr"):
            config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker(mark)])
            items[:] = [item for item in items if not item.get_closest_marker(mark)]
    for item in items:
        item.user_properties += [("fault", each) for mark in item.iter_markers("fault") for each in mark.args]
    if config.getoption("--chosen"):
        kept = {Path(__file__).parent / path for path in CHOSEN}
        config.hook.pytest_deselected(items=[item for item in items if not kept & {item.path, *item.path.parents}])
        items[:] = [item for item in items if kept & {item.path, *item.path.parents}]
    if config.getoption("--database") != "sqlite":
        for item in items:
            for mark in item.iter_markers("sqlite"):
                item.add_marker(pytest.mark.skip(reason=f"of SQLite alone: {mark.kwargs['reason']}"))
