"""The systemd unit: systemd understands it, finds little exposed, and it stops and starts the service as that needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from service.settings import PREFIX
from tests.deploy.known import ROOT, unknown_settings

UNIT = ROOT / "deploy" / "afterword.service"
#: of 100, as systemd weighs it: 12 when this was written; below 20 nothing that could be taken away is left
MOST_EXPOSED = 20

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it is, but with a program that is there."""
    text = UNIT.read_text(encoding="utf-8").replace("/opt/afterword/bin/afterword", "/bin/true")
    path = tmp_path / UNIT.name
    path.write_text(text, encoding="utf-8")
    return path


def _analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_systemd
def test_systemd_understands_every_line(unit: Path) -> None:
    done = _analyze("verify", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    unit.write_text(unit.read_text().replace("NoNewPrivileges=yes", "NoNewPrivilege=yes"))
    assert "NoNewPrivilege" in _analyze("verify", unit).stderr, "a misspelt line would be found"


@needs_systemd
def test_little_of_the_system_is_exposed(unit: Path) -> None:
    ask = ("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager")
    assert _analyze(*ask, unit).returncode == 0
    text = unit.read_text()
    unit.write_text("\n".join(line for line in text.splitlines() if not line.startswith(("System", "Capab", "Prot"))))
    assert _analyze(*ask, unit).returncode != 0, "a unit that exposes more would be found"


def test_systemd_waits_longer_than_the_service_takes_to_end() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(), re.MULTILINE)
    assert found is not None
    graceful = re.search(r'"graceful-timeout": "(\d+)"', (ROOT / "service" / "cli" / "serve.py").read_text())
    assert graceful is not None
    assert int(found[1]) > int(graceful[1])


def test_every_setting_in_the_unit_is_one() -> None:
    text = UNIT.read_text()
    assert text.count(PREFIX) > 3
    assert unknown_settings(text) == set()
