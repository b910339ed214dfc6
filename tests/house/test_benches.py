"""Benchmarks that nobody runs for a while must not fall behind what they measure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("bench", "told"),
    [
        (("flat", "--comments", "2000", "--rounds", "1"), "first page, ready: 100,000 in the thread"),
        (("queue", "--comments", "2000", "--rounds", "1"), "pending"),
        (("writing", "--posts", "64", "--rounds", "1", "--alone"), "Afterword"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_it_runs_and_prints_a_table(bench: tuple[str, ...], told: str) -> None:
    name, *options = bench
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert told in done.stdout
