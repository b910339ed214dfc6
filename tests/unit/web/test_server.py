"""What gunicorn's master does for us must never end it."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The configuration file, read as the master reads it."""
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / "data"))
    return importlib.reload(importlib.import_module("service.web.server"))


def counts(path: Path) -> dict[str, float]:
    """Return what a file of counts says."""
    return {key: value for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path))}


@pytest.mark.parametrize("damage", [b"", b"\0\0", b"\x40" + bytes(7) + b"\xff\x7f\0\0" * 14])
def test_a_damaged_file_of_counts_costs_those_counts_only(server: ModuleType, tmp_path: Path, damage: bytes) -> None:
    folder = tmp_path / "counts"
    folder.mkdir()
    told: list[Any] = []
    master = SimpleNamespace(
        cfg=SimpleNamespace(env={"PROMETHEUS_MULTIPROC_DIR": str(folder)}),
        log=SimpleNamespace(exception=lambda *words: told.append(words)),
    )
    key = mmap_key("posts", "posts_total", [], [], "")
    for pid in (7, 9):
        whole = MmapedDict(str(folder / f"counter_{pid}.db"))
        whole.write_value(key, float(pid), 0.0)
        whole.close()
    (folder / "counter_8.db").write_bytes(damage)
    for pid in (7, 8, 9):
        server.child_exit(master, SimpleNamespace(pid=pid))
    assert counts(folder / "counter_ended.db") == {key: 16.0}
    assert sorted(path.name for path in folder.glob("*.db")) == ["counter_ended.db"]
    assert [words[1] for words in told] == [8]
