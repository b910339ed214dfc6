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


def test_commands_are_given_the_settings_in_one_way() -> None:
    unit = (ROOT / "deploy" / "afterword.service").read_text(encoding="utf-8")
    told = re.search(r"^export AFTERWORD_DATA_DIR=.*\n.*$", TEXT, re.MULTILINE)
    assert told is not None
    assert told[0].splitlines() == re.findall(r"^#     ((?:export|set) .*)$", unit, re.MULTILINE)
    assert "EnvironmentFile=-/etc/afterword/environment" in unit
    for path in re.findall(r"^Documentation=file:/usr/local/share/doc/afterword/(.+)$", unit, re.MULTILINE):
        assert (ROOT / "docs" / path).exists()
        assert "install -D -m 644 -t /usr/local/share/doc/afterword README.md docs/*.md" in TEXT


def test_what_the_site_of_the_containers_is_made_of_is_in_the_site_file() -> None:
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    changes = re.findall(r"s([/#])(.+?)\1(.+?)\1'", TEXT)
    assert len(changes) == 2
    assert [site.count(old) for _, old, _ in changes] == [2, 2]
    # a server that is looked up anew needs memory that the workers share
    assert len(re.findall(r"^    zone \w+ \d+k;\n(?:    #.*\n)*    server 127\.0\.0\.1:8000", site, re.MULTILINE)) == 2


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
