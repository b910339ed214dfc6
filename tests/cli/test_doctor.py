"""`afterword doctor`: every setting, where it came from, and what is wrong."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings
from tests.conftest import Operator

SECRET = "a-secret-of-more-than-thirty-two-letters"


def reading(operator: Operator, name: str) -> dict[str, Any]:
    """Return what the doctor says of one setting."""
    told = json.loads(operator.tries("doctor", "--json").stdout)
    return next(each for each in told["settings"] if each["name"] == name)


def test_a_sound_service_is_told_so(operator: Operator) -> None:
    shown = operator.runs("doctor")
    assert "Nothing is wrong." in shown
    assert all(f"AFTERWORD_{field.name.upper()}" in shown for field in fields(Settings))
    assert "SQLite" in shown


def test_a_script_can_read_it(operator: Operator) -> None:
    told = json.loads(operator.runs("doctor", "--json"))
    assert told["faults"] == []
    assert [each["name"] for each in told["settings"]] == [
        f"AFTERWORD_{field.name.upper()}" for field in fields(Settings)
    ]
    assert all(each["text"].endswith((".", "off.")) for each in told["settings"])


@pytest.mark.parametrize("name", ["AFTERWORD_SECRET_KEY", "AFTERWORD_SECRET_KEY_FILE"])
def test_a_secret_is_masked(operator: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv(name, str(tmp_path / "secret") if name.endswith("_FILE") else SECRET)
    assert SECRET not in operator.runs("doctor")
    assert SECRET not in operator.runs("doctor", "--json")
    told = reading(operator, "AFTERWORD_SECRET_KEY")
    assert told["shown"] == "********"
    assert told["source"].startswith("file" if name.endswith("_FILE") else "environment")


def test_the_password_in_a_databases_address_is_masked(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", "postgresql+psycopg://ann:pass-word@127.0.0.1:1/comments")
    result = operator.tries("doctor")
    assert result.exit_code == 1
    assert "pass-word" not in result.output
    assert "ann:***@127.0.0.1" in reading(operator, "AFTERWORD_DATABASE_URL")["shown"]


def test_a_secret_that_was_made_is_said_to_be(operator: Operator) -> None:
    assert reading(operator, "AFTERWORD_SECRET_KEY")["source"] == "generated"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIMIT_POSTS", "5 per minute"),
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://x"),
        ("TRUSTED_PROXIES", "all"),
        ("PUBLIC_URL", "example.org"),
        ("CACHE_MB", "-1"),
        ("DATA_DIR", ""),
    ],
)
def test_a_fault_is_named_with_its_setting(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"AFTERWORD_{name}", value)
    result = operator.tries("doctor")
    assert result.exit_code == 1
    assert "Nothing is wrong" not in result.output
    told = json.loads(operator.tries("doctor", "--json").stdout)
    assert any(fault.startswith(f"AFTERWORD_{name} ") for fault in told["faults"])
    assert reading(operator, f"AFTERWORD_{name}")["fault"]


def test_all_faults_are_named_at_once(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIMIT_POSTS", "LIMIT_REPEATS", "CACHE_MB"):
        monkeypatch.setenv(f"AFTERWORD_{name}", "x")
    told = json.loads(operator.tries("doctor", "--json").stdout)
    assert len(told["faults"]) == 3


def test_a_database_that_is_away_is_a_fault(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    told = json.loads(operator.tries("doctor", "--json").stdout)
    (fault,) = told["faults"]
    assert fault.startswith("The comment service cannot reach its database just now. Please try again. The database")
    assert fault.endswith("port 1 failed: Connection refused")


def test_a_data_folder_that_cannot_be_made_is_one_beside_all_settings(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_DATA_DIR", "/dev/null/data")
    told = json.loads(operator.tries("doctor", "--json").stdout)
    assert told["faults"] == ["AFTERWORD_DATA_DIR: /dev/null/data cannot be used: Not a directory."]
    assert told["settings"]


def test_a_folder_for_backups_that_cannot_be_written_is_a_fault(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("AFTERWORD_BACKUPS", f"daily, keep 3, in {tmp_path}/file/copies")
    result = operator.tries("doctor")
    assert result.exit_code == 1
    assert f"Backups cannot be written to {tmp_path}/file/copies: Not a directory." in result.stdout.splitlines()
    monkeypatch.setenv("AFTERWORD_BACKUPS", f"daily, keep 3, in {tmp_path}/some/copies")
    assert "Nothing is wrong." in operator.runs("doctor")
    assert list((tmp_path / "some" / "copies").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("AFTERWORD_LIMITPOSTS", "AFTERWORD_LIMITPOSTS is no setting; did you mean AFTERWORD_LIMIT_POSTS?"),
        ("AFTERWORD_SECRET", "AFTERWORD_SECRET is no setting; did you mean AFTERWORD_SECRET_KEY?"),
        ("AFTERWORD_SECRETKEY_FILE", "AFTERWORD_SECRETKEY_FILE is no setting; did you mean AFTERWORD_SECRET_KEY_FILE?"),
        ("afterword_cache_mb", "afterword_cache_mb is no setting; did you mean AFTERWORD_CACHE_MB?"),
        ("AFTERWORD_DATA_DIR_FILE", "AFTERWORD_DATA_DIR_FILE is no setting; did you mean AFTERWORD_DATA_DIR?"),
        ("AFTERWORD_XYZ", "AFTERWORD_XYZ is no setting."),
    ],
)
def test_a_variable_that_is_no_setting_is_noted(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setenv(name, "a-value-that-may-be-secret")
    monkeypatch.setenv("AFTERWORD_SECRET_KEY", SECRET)
    shown = operator.runs("doctor")
    assert said in shown.splitlines()
    assert "Nothing is wrong." in shown
    assert "may-be-secret" not in shown
    assert json.loads(operator.runs("doctor", "--json"))["notes"][0] == said
