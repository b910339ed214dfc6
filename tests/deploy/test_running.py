"""What `docs/running.md` says is what is there."""

from __future__ import annotations

import re

from tests.conftest import PAGE, Reader
from tests.deploy.known import ROOT, unknown_settings

TEXT = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")


def test_it_names_settings_and_files_that_there_are() -> None:
    assert unknown_settings(TEXT) == set()
    named = set(re.findall(r"\b((?:deploy|tests|docs)/[\w./-]+)", TEXT)) - {"deploy/site.conf"}
    assert len(named) >= 4
    assert not [path for path in named if not (ROOT / path.rstrip(".")).exists()]
    assert "(docs/running.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_headers_of_a_thread_are_those_that_it_explains(reader: Reader) -> None:
    answer = reader.client.get("/api/v1/thread", query_string={"page": PAGE})
    for name in ("Cache-Control", "CDN-Cache-Control", "Vary"):
        assert f"`{name}: {answer.headers[name]}`" in TEXT


def test_the_sizes_are_those_of_the_site_file() -> None:
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    taken = {int(size) << (0 if unit == "k" else 10) for size, unit in re.findall(r"body_size (\d+)([km]);", site)}
    told = re.search(r"413 above (.+) \|", TEXT)
    assert told is not None
    assert {int(size) << (0 if unit == "K" else 10) for size, unit in re.findall(r"(\d+) ([KM])iB", told[1])} == taken
