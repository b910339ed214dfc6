"""The image and the compose file, as far as they can be checked where no container runs."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.known import ROOT, unknown_settings

IMAGE, COMPOSE = ROOT / "deploy" / "Dockerfile", ROOT / "deploy" / "compose.yaml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file's content."""
    content: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return content


def copied() -> list[tuple[str, str]]:
    """Return (source, destination) of all that the image takes out of the checkout."""
    pairs = []
    for line in re.findall(r"^COPY (?!--from)(.+)$", IMAGE.read_text(), re.MULTILINE):
        *sources, destination = line.split()
        pairs += [(source, destination) for source in sources]
    return pairs


@pytest.mark.slow
def test_a_wheel_can_be_made_of_what_the_image_copies(tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    for source, destination in copied():
        there = context / destination
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, there)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(context)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("afterword-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("service/bundle/widget/embed.js", "service/bundle/migrations/env.py", "service/cli/serve.py"):
        assert part in names


def test_what_the_image_copies_is_not_ignored() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]

    def ignored(path: str) -> bool:
        # the last rule that a path, or a folder that it lies in, fits decides
        parts = [path[: end.start()] for end in re.finditer("/|$", path)]
        fits = [rule for rule in rules if any(fnmatch.fnmatch(part, rule.lstrip("!")) for part in parts)]
        return bool(fits) and not fits[-1].startswith("!")

    assert not [source for source, _ in copied() if ignored(source)]
    for secret in (".git/config", "data/secret.key", "demo/data/afterword.db", "tests/conftest.py", ".venv/bin/python"):
        assert ignored(secret), secret


def test_the_image_runs_as_nobody_in_particular_and_says_whether_it_lives() -> None:
    image = IMAGE.read_text()
    assert re.findall(r"^USER (.+)$", image, re.MULTILINE) == ["10001"]
    assert re.search(r"^HEALTHCHECK .*\\\n.*/healthz", image, re.MULTILINE)
    assert re.search(r"^VOLUME /data$", image, re.MULTILINE)
    assert "AFTERWORD_DATA_DIR=/data" in image
    assert unknown_settings(image) == set()


def test_the_image_takes_and_restores_backups_of_the_server_beside_it(compose: dict[str, Any]) -> None:
    server = compose["services"]["postgres"]["image"].partition(":")[2]
    assert re.findall(r"postgresql-client\S*", IMAGE.read_text()) == [f"postgresql-client-{server}"]


def test_what_compose_is_told_is_written_down_and_not_shared(compose: dict[str, Any]) -> None:
    service = compose["services"]["afterword"]
    assert "${PUBLIC_URL:?" in service["environment"]["AFTERWORD_PUBLIC_URL"], "no name is made up"
    own = {each["path"].removeprefix("./") for each in service["env_file"]} | {".env"}
    assert own <= set((COMPOSE.parent / ".gitignore").read_text(encoding="utf-8").splitlines())


def test_postgresql_is_ready_before_it_is_migrated_and_missed_by_nobody(compose: dict[str, Any]) -> None:
    wanted = compose["services"]["afterword"]["depends_on"]["postgres"]
    assert wanted == {"condition": "service_healthy", "required": False}
    assert "healthcheck" in compose["services"]["postgres"]


def test_the_compose_file_names_what_there_is(compose: dict[str, Any]) -> None:
    service = compose["services"]["afterword"]
    assert (COMPOSE.parent / service["build"]["context"] / service["build"]["dockerfile"]).resolve() == IMAGE
    assert service["read_only"] is True
    assert unknown_settings(COMPOSE.read_text()) == set()
    named = {part.split(":")[0] for each in compose["services"].values() for part in each["volumes"]}
    assert {name for name in named if name[0] not in "./"} == set(compose["volumes"])
    used = {network for each in compose["services"].values() for network in each["networks"]}
    assert used == set(compose["networks"])
    assert compose["services"]["postgres"]["profiles"] == ["postgres"]
    subnet = compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert service["environment"]["AFTERWORD_TRUSTED_PROXIES"] == subnet, "the proxy's word is believed, and no other's"
    assert "ports" not in service, "and nobody gets round the proxy"
