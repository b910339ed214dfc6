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

DIST = WIDGET / "dist"
SCRIPTS = ("count.js", "embed.js", "more.js")
#: bytes, by brotli 11
MOST = {"count.js": 1024, "embed.js": 12 * 1024, "more.js": 8_448}
FORBIDDEN = r"(?:inner|outer)HTML|insertAdjacentHTML|DOMParser|document\.write|\beval\b|new Function|\.cssText|<style"


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_stay_small(name: str) -> None:
    assert len(brotli.compress((DIST / name).read_bytes(), quality=11)) <= MOST[name]


def test_what_is_shipped_is_made_from_the_sources_beside_it(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (WIDGET / "node_modules" / "esbuild").is_dir():
        pytest.skip("Node or widget/node_modules is not here: npm ci in widget/ brings the second")
    subprocess.run([node, WIDGET / "build.mjs", "--out", tmp_path], check=True, capture_output=True)
    built, shipped = (
        {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.js*")}
        for folder in (tmp_path, DIST)
    )
    assert sorted(built) == sorted(shipped)
    assert [name for name in built if built[name] != shipped[name]] == [], "run npm run build in widget/"


def test_no_name_that_the_service_or_the_browser_keeps_is_shortened() -> None:
    build = (WIDGET / "build.mjs").read_text(encoding="utf-8")
    listed = re.search(r"const OURS = \[(.+?)\]", build, re.DOTALL)
    assert listed is not None
    shortened = set(re.findall(r"\w+", listed[1]))
    answers = (WIDGET.parent / "service" / "web" / "api" / "schemas.py").read_text(encoding="utf-8")
    stored = {"key", "parent", "body", "aside", "author", "sent", "name", "email", "website"}
    assert shortened & (set(re.findall(r"^    (\w+) = ", answers, re.MULTILINE)) | stored) == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_nothing_is_made_from_strings(name: str) -> None:
    assert re.findall(FORBIDDEN, (DIST / name).read_text(encoding="utf-8")) == []


def test_every_translation_is_shipped_and_known_to_the_script() -> None:
    source = (WIDGET / "src" / "i18n.js").read_text(encoding="utf-8")
    known = re.search(r'LOCALES = "([^"]+)"', source)
    assert known is not None
    for folder in (WIDGET / "locales", DIST / "locales"):
        assert sorted(path.stem for path in folder.glob("*.json") if path.stem != "en") == sorted(known[1].split())


def test_the_second_script_brings_the_words_that_the_first_does_not() -> None:
    def unquoted(code: str) -> str:
        return re.sub(r":([\"'`])", ":", code)

    sentences = json.loads((WIDGET / "locales" / "en.json").read_text(encoding="utf-8"))
    first, second = ((DIST / name).read_text(encoding="utf-8") for name in ("embed.js", "more.js"))
    for key, sentence in sentences.items():
        english = f"{key}:" + (sentence if isinstance(sentence, str) else "{one:" + sentence["one"])
        assert (english in unquoted(first)) != (english in unquoted(second)), key


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
