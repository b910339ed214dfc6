"""What the service stands on is kept by somebody, or it is said why not; and all of it is pinned (G10)."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: packages nobody keeps any more, or that others have taken the place of; from their own pages, looked at by hand
UNMAINTAINED = {
    "bleach": "6.4.0 is its last release, security included (its README, 2026)",
    "html5lib": "no release since 2020; tests alone parse with it",
    "feedgen": "no release since 2023",
    "flask-jwt": "archived",
    "flask-script": "archived",
    "misaka": "archived",
    "nose": "archived",
    "pycrypto": "archived",
}
#: those that are used all the same, and why that is sound
STATED = {"bleach": "nh3 stands behind it and can stand alone", "html5lib": "in tests"}


def pinned() -> dict[str, str]:
    """Return what is installed together, by name in lower case."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {
        name.lower().replace("_", "-"): version
        for name, _, version in (line.partition("==") for line in lines if "==" in line)
    }


def test_nothing_is_used_that_nobody_keeps_but_what_is_stated() -> None:
    assert set(pinned()) & set(UNMAINTAINED) == set(STATED)
    assert pinned()["bleach"] == "6.4.0"


def test_the_end_of_bleach_is_told_where_people_look() -> None:
    said = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "bleach" in said
    assert "last release" in said
    assert "AFTERWORD_SANITISER" in said


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=;! ]", each, maxsplit=1)[0].lower() for each in asked}
    assert sorted(names - set(pinned())) == []


@pytest.mark.parametrize(
    ("said", "status", "ends", "told"),
    [
        ("No known vulnerabilities found", 0, 0, "No known vulnerabilities found"),
        ("Found 1 known vulnerability in 1 package", 1, 1, "Found 1 known vulnerability"),
        ("requests.exceptions.ConnectionError: no route", 1, 0, "could not be looked up"),
    ],
)
def test_the_audit_fails_for_what_is_known_and_not_for_being_offline(
    tmp_path: Path, said: str, status: int, ends: int, told: str
) -> None:
    auditor = tmp_path / "pip-audit"
    auditor.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit {status}\n", encoding="utf-8")
    auditor.chmod(0o755)
    done = subprocess.run([ROOT / "scripts" / "audit.sh", auditor], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == ends
    assert told in done.stdout
