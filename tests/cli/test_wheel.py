"""What `pip install` brings: the package with the script and the migrations, which lie outside it in a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_an_installed_wheel_finds_its_script_and_its_migrations(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("afterword-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(installed)
        names = packed.namelist()
    assert not [name for name in names if name.startswith(("tests/", "demo/", "widget/", "migrations/"))]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AFTERWORD_")}
    environment |= {"PYTHONPATH": str(installed), "AFTERWORD_DATA_DIR": str(tmp_path / "data")}
    asked = """
import service
assert "installed" in service.__file__, service.__file__
client = service.create_app().test_client()
assert client.get("/embed.js").status_code == client.get("/").status_code == 200
assert client.get("/static/front.css").status_code == 200
print(client.get("/readyz").json)
"""
    done = subprocess.run([sys.executable, "-c", asked], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "{'status': 'ready', 'faults': []}", done.stderr
