"""The table of requirements holds what it says: every test that it names is there, and SECURITY.md says no more."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.security.requirements import REQUIREMENTS

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
IDS = [f"{kind}{number}" for kind, most in (("X", 12), ("A", 15), ("S", 6), ("G", 10)) for number in range(1, most + 1)]


def is_there(named: str) -> bool:
    """Tell whether a file of tests, or a test in one, is there."""
    file, _, test = named.partition("::")
    path = TESTS / file
    if not path.is_file():
        return False
    found = {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}
    return test in found if test else any(name.startswith("test_") for name in found)


def test_every_requirement_has_its_row() -> None:
    assert list(REQUIREMENTS) == IDS


@pytest.mark.parametrize("asked", REQUIREMENTS)
def test_a_row_names_tests_that_are_there_or_says_why_there_is_none(asked: str) -> None:
    row = REQUIREMENTS[asked]
    assert bool(row.shown) != bool(row.none)
    assert [named for named in row.shown if not is_there(named)] == []


def test_the_threat_model_names_tests_that_are_there() -> None:
    named = re.findall(r"`tests/([\w/]+\.py(?:::\w+)?)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    assert [each for each in named if not is_there(each)] == []


@pytest.mark.parametrize("named", ["security/nothing.py", "security/test_requirements.py::test_nothing", "oracle.py"])
def test_what_is_not_there_is_found_missing(named: str) -> None:
    assert not is_there(named)
