"""Settings: read once from the environment, each checked, told with its source."""

from __future__ import annotations

import stat
from dataclasses import fields
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Thread

import pytest

from service.errors import Misconfigured
from service.settings import LONGEST_WINDOW, Backups, Limit, Settings, database_address, describe, load

SECRET = "a-secret-of-more-than-thirty-two-letters"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of every test here."""
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def faults() -> list[str]:
    """Return why the settings cannot be used."""
    with pytest.raises(Misconfigured) as caught:
        load()
    return caught.value.faults


@pytest.mark.sqlite(reason="the default is SQLite; to run on PostgreSQL, tests put another in its place")
def test_without_any_the_defaults_hold(folder: Path) -> None:
    settings = load()
    assert settings.data_dir == folder
    assert settings.database_url == f"sqlite:///{folder / 'afterword.db'}"
    assert settings.limit_posts == (Limit(5, 60), Limit(30, 3_600))
    assert settings.limit_page_posts == (Limit(60, 60),)
    assert settings.limit_repeats == (Limit(1, 600),)
    assert settings.trusted_proxies == ()


def test_the_folder_is_made_where_the_setting_points(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERWORD_DATA_DIR", "deep/down")
    assert load().data_dir == tmp_path / "deep" / "down"
    assert (tmp_path / "deep" / "down").is_dir()


@pytest.mark.parametrize(
    ("raw", "limits"),
    [
        ("off", ()),
        (" off ", ()),
        ("5/minute", (Limit(5, 60),)),
        ("1/second", (Limit(1, 1),)),
        ("5/minutes", (Limit(5, 60),)),
        ("1/10 minutes", (Limit(1, 600),)),
        ("1/10minutes", (Limit(1, 600),)),
        ("5/minute,30/hour", (Limit(5, 60), Limit(30, 3_600))),
        (" 5/minute , 30/hour ", (Limit(5, 60), Limit(30, 3_600))),
        ("200/day", (Limit(200, 86_400),)),
        ("10/24 hours", (Limit(10, 86_400),)),
    ],
)
def test_a_limit_is_a_count_in_a_time(monkeypatch: pytest.MonkeyPatch, raw: str, limits: tuple[Limit, ...]) -> None:
    monkeypatch.setenv("AFTERWORD_LIMIT_POSTS", raw)
    assert load().limit_posts == limits


@pytest.mark.parametrize(
    ("raw", "backups"),
    [
        ("off", None),
        ("daily, keep 14", Backups(timedelta(days=1), 14)),
        ("hourly,keep 1", Backups(timedelta(hours=1), 1)),
        (" weekly , keep 8 ", Backups(timedelta(weeks=1), 8)),
        ("daily, keep 7, in /srv/my backups", Backups(timedelta(days=1), 7, Path("/srv/my backups"))),
    ],
)
def test_backups_are_asked_for_in_words(monkeypatch: pytest.MonkeyPatch, raw: str, backups: Backups | None) -> None:
    monkeypatch.setenv("AFTERWORD_BACKUPS", raw)
    assert load().backups == backups


@pytest.mark.parametrize(
    "raw", ["", "daily", "keep 5", "daily, keep 0", "daily, keep -1", "yearly, keep 1", "daily, keep 2, in there"]
)
def test_other_words_about_backups_are_a_fault(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("AFTERWORD_BACKUPS", raw)
    (fault,) = faults()
    assert fault.startswith("AFTERWORD_BACKUPS: must be off, or like")


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("METRICS", "short", "must be off, local, or a token"),
        ("METRICS", "a token with blanks in it", "must be off, local, or a token"),
        ("LOG_FORMAT", "xml", "must be one of auto, json, plain"),
        ("LOG_LEVEL", "loud", "must be one of debug, info, warning, error"),
        ("ACCESS_LOG", "yes", "must be on or off"),
        ("DRAIN_SECONDS", "601", "must be 600 at most"),
    ],
)
def test_what_is_seen_from_outside_is_asked_for_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, raw: str, said: str
) -> None:
    monkeypatch.setenv(f"AFTERWORD_{name}", raw)
    (fault,) = faults()
    assert fault.startswith(f"AFTERWORD_{name}: {said}")


def test_a_token_for_the_counts_is_a_secret_and_a_word_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown() -> str:
        return next(reading.shown for reading in describe() if reading.name == "AFTERWORD_METRICS")

    assert shown() == "local"
    monkeypatch.setenv("AFTERWORD_METRICS", "a-token-of-a-machine")
    assert (shown(), load().metrics) == ("********", "a-token-of-a-machine")


@pytest.mark.parametrize(
    "raw",
    ["", "5", "5/", "/minute", "0/minute", "-1/minute", "5/fortnight", "5 per minute", "5/minute,", "5/0 minutes",
     "OFF", "5/2 days", "5/25 hours", "1e3/minute", "٥/minute;", "5/minute off", "9999999/minute"],
)  # fmt: skip
def test_another_limit_is_a_fault(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("AFTERWORD_LIMIT_POSTS", raw)
    (fault,) = faults()
    assert fault.startswith("AFTERWORD_LIMIT_POSTS: ")


def test_no_limit_looks_back_further_than_addresses_are_known() -> None:
    # they are kept under the names of today and of yesterday
    assert LONGEST_WINDOW == 86_400


@pytest.mark.parametrize(
    ("raw", "networks"),
    [
        ("", []),
        ("127.0.0.1", ["127.0.0.1/32"]),
        ("10.0.0.0/8, 192.168.1.7", ["10.0.0.0/8", "192.168.1.7/32"]),
        ("10.1.2.3/8", ["10.0.0.0/8"]),
        ("::1,2001:db8::/32", ["::1/128", "2001:db8::/32"]),
    ],
)
def test_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch, raw: str, networks: list[str]) -> None:
    monkeypatch.setenv("AFTERWORD_TRUSTED_PROXIES", raw)
    assert load().trusted_proxies == tuple(map(ip_network, networks))


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("TRUSTED_PROXIES", "localhost"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "no address"),
        ("DATABASE_URL", "postgres"),
        ("DATABASE_URL", "postgresql+psycopg://ann@one:54,two:54/x"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("PUBLIC_URL", "comments.example.org"),
        ("PUBLIC_URL", "ftp://comments.example.org"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://comments.example.org/?x"),
        ("PUBLIC_URL", "https://[::1"),
        ("DEMO_URL", "demo"),
        ("CACHE_MB", ""),
        ("CACHE_MB", "64MB"),
        ("CACHE_MB", "-1"),
        ("CACHE_MB", "1.5"),
        ("DATA_DIR", ""),
        ("DATA_DIR", "  "),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 31),
    ],
)
def test_what_cannot_be_used_is_a_fault_that_names_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, raw: str
) -> None:
    monkeypatch.setenv(f"AFTERWORD_{name}", raw)
    (fault,) = faults()
    assert fault.startswith(f"AFTERWORD_{name}: ")
    shown = {reading.name: reading.fault for reading in describe()}
    assert [each for each, found in shown.items() if found] == [f"AFTERWORD_{name}"]


def test_an_address_loses_the_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_PUBLIC_URL", "https://comments.example.org/")
    assert load().public_url == "https://comments.example.org"


class TestSecret:
    """The secret key is given, read from a file, or made once and kept."""

    def test_it_is_made_once_and_kept_from_others(self, folder: Path) -> None:
        first = load().secret_key
        assert len(first) == 64
        assert load().secret_key == first
        kept = folder / "secret.key"
        assert kept.read_text() == first
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert [path.name for path in folder.iterdir()] == ["secret.key"]

    def test_processes_that_start_at_once_agree_on_it(self) -> None:
        found: list[str] = []
        workers = [Thread(target=lambda: found.append(load().secret_key)) for _ in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(found) == 8
        assert len(set(found)) == 1

    def test_what_is_given_is_used_and_nothing_kept(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        monkeypatch.setenv("AFTERWORD_SECRET_KEY", SECRET)
        assert load().secret_key == SECRET
        assert not (folder / "secret.key").exists()

    def test_it_may_come_from_a_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text(f"{SECRET}\n")
        monkeypatch.setenv("AFTERWORD_SECRET_KEY_FILE", str(tmp_path / "secret"))
        assert load().secret_key == SECRET

    def test_what_is_given_comes_before_a_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AFTERWORD_SECRET_KEY", SECRET)
        monkeypatch.setenv("AFTERWORD_SECRET_KEY_FILE", "/nowhere")
        assert load().secret_key == SECRET

    @pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"short"])
    def test_a_file_that_cannot_be_used_is_a_fault(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
    ) -> None:
        if content is not None:
            (tmp_path / "secret").write_bytes(content)
        monkeypatch.setenv("AFTERWORD_SECRET_KEY_FILE", str(tmp_path / "secret"))
        (fault,) = faults()
        assert fault.startswith("AFTERWORD_SECRET_KEY: ")

    def test_a_kept_secret_that_was_damaged_is_a_fault(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "secret.key").write_text("")
        (fault,) = faults()
        assert "secret.key" in fault

    def test_only_secrets_come_from_files(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("https://comments.example.org")
        monkeypatch.setenv("AFTERWORD_PUBLIC_URL_FILE", str(tmp_path / "file"))
        assert load().public_url == ""


def test_a_folder_that_cannot_be_made_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_DATA_DIR", "/dev/null/data")
    (fault,) = faults()
    assert fault.startswith("AFTERWORD_DATA_DIR: /dev/null/data cannot be used: ")


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIMIT_POSTS", "LIMIT_REPEATS", "CACHE_MB", "DATABASE_URL"):
        monkeypatch.setenv(f"AFTERWORD_{name}", "x")
    assert len(faults()) == 4


def test_every_setting_is_described_with_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_CACHE_MB", "8")
    told = {reading.name: reading for reading in describe()}
    assert list(told) == [f"AFTERWORD_{field.name.upper()}" for field in fields(Settings)]
    assert (told["AFTERWORD_CACHE_MB"].shown, told["AFTERWORD_CACHE_MB"].source) == ("8", "environment")
    assert told["AFTERWORD_LIMIT_POSTS"].source == "default"
    assert told["AFTERWORD_SECRET_KEY"].source == "generated"
    assert all(reading.text and reading.fault is None for reading in told.values())


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("postgresql+psycopg://ann:pass-word@db.example/x", "postgresql+psycopg://ann:***@db.example/x"),
        ("sqlite:////var/lib/x.db", "sqlite:////var/lib/x.db"),
        ("pass-word without an address", "********"),
    ],
)
def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch, raw: str, shown: str) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", raw)
    monkeypatch.setenv("AFTERWORD_SECRET_KEY", SECRET)
    told = {reading.name: reading.shown for reading in describe()}
    assert told["AFTERWORD_DATABASE_URL"] == shown
    assert told["AFTERWORD_SECRET_KEY"] == "********"
    assert SECRET not in str(describe())
    assert "pass-word" not in str([reading for reading in describe() if not reading.fault])


@pytest.mark.parametrize("raw", ["postgresql+psycopg://ann:p%40ss@db/x", "postgresql://ann:p%40ss@db/x"])
def test_postgresql_is_reached_by_its_one_driver(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", raw)
    assert load().database_url == "postgresql+psycopg://ann:p%40ss@db/x"
    assert database_address(raw) == "postgresql+psycopg://ann:p%40ss@db/x"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("postgresql+psycopg2://ann:secret@db/x", "write postgresql+psycopg://user@host/name"),
        ("postgresql+asyncpg://ann:secret@db/x", "write postgresql+psycopg://user@host/name"),
        ("postgres://ann:secret@db/x", "write postgresql+psycopg://user@host/name"),
        ("sqlite+aiosqlite:////tmp/x.db", "write sqlite:////folder/file"),
    ],
)
def test_another_driver_is_a_fault_that_says_what_to_write(
    monkeypatch: pytest.MonkeyPatch, raw: str, said: str
) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", raw)
    (fault,) = faults()
    assert fault == f"AFTERWORD_DATABASE_URL: names {raw.partition(':')[0]}, which is not known here; {said}"


def test_a_driver_that_is_not_installed_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.settings.parse.find_spec", lambda _: None)
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", "postgresql+psycopg://db/x")
    (fault,) = faults()
    assert fault.endswith("install afterword with its extra postgres")
