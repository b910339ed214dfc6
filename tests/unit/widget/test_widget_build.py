"""What is shipped: made from the sources that lie beside it, small, and free of what a host page may forbid."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import brotli
import pytest

from tests.unit.widget.conftest import WIDGET

SCRIPT = WIDGET / "dist" / "embed.js"
MOST = 9 * 1024  # bytes, by brotli 11: less than half of the smallest peer's script, which has no styles in it
FORBIDDEN = r"(?:inner|outer)HTML|insertAdjacentHTML|DOMParser|document\.write|\beval\b|new Function|\.cssText|<style"


def test_the_script_stays_small() -> None:
    assert len(brotli.compress(SCRIPT.read_bytes(), quality=11)) <= MOST


def test_the_script_is_made_from_the_sources_beside_it(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (WIDGET / "node_modules" / "esbuild").is_dir():
        pytest.skip("Node or widget/node_modules is not here: npm ci in widget/ brings the second")
    subprocess.run([node, WIDGET / "build.mjs", "--out", tmp_path], check=True, capture_output=True)
    assert (tmp_path / "embed.js").read_bytes() == SCRIPT.read_bytes(), "run npm run build in widget/"


def test_nothing_is_made_from_strings() -> None:
    assert re.findall(FORBIDDEN, SCRIPT.read_text(encoding="utf-8")) == []


def test_the_lock_file_names_no_place_that_packages_came_from() -> None:
    lock = (WIDGET / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert re.findall(r"https?://(?!opencollective\.com|github\.com)[^\"]*", lock) == []


def test_versions_of_what_builds_it_are_exact() -> None:
    wanted = json.loads((WIDGET / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_every_sentence_is_used_and_none_is_missing() -> None:
    sentences = set(json.loads((WIDGET / "locales" / "en.json").read_text(encoding="utf-8")))
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (WIDGET / "src").glob("*.js"))
    # fields are called what their labels are
    quoted = set(re.findall(r'"(\w+)"', sources)) | {"name", "email", "website"}
    assert sentences <= quoted
