"""How every command ends: 0 done, 1 refused or failed with one clear line, 2 wrong usage; never with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from service import database
from service.cli.output import told
from service.errors import Invalid, Unavailable
from service.policy.settings import NAMES
from service.settings import load
from tests.conftest import Operator

ROOT = Path(__file__).parents[2]

REFUSED = [
    ("site", "set", "nothing", "--names", "optional"),
    ("site", "remove", "nothing", "--yes"),
    ("site", "add", "Blog!", "https://blog.example.org"),
    ("site", "add", "blog", "https://blog.example.org/news"),
    ("site", "add", "blog", "ftp://blog.example.org"),
    ("site", "add", "blog", ""),
    ("page", "list", "--site", "nothing"),
    ("page", "close", "https://elsewhere.example/"),
    ("page", "close", "null"),
    ("page", "open", "https://elsewhere.example/"),
    ("comment", "list", "--site", "nothing"),
    ("comment", "show", "7"),
    ("comment", "approve", "7"),
    ("comment", "delete", "1", "2", "3"),
    ("import", "wordpress", __file__, "--site", "nothing"),
]
WRONG = [
    ("site", "add", "blog"),
    ("site", "set", "blog", "--www", "maybe"),
    ("page", "close"),
    ("page", "close", "https://blog.example.org/", "--until", "tomorrow"),
    ("page", "close", "https://blog.example.org/", "--until", ""),
    ("page", "close", "https://blog.example.org/", "--until", "2027-02-30"),
    ("page", "close", "https://blog.example.org/", "--until", "0001-01-01"),
    ("page", "close", "https://blog.example.org/", "--until", "9999-12-31T23:59-12:00"),
    ("comment", "show", "x"),
    ("comment", "show", "0"),
    ("comment", "show", "99999999999999999999"),
    ("comment", "approve"),
    ("comment", "approve", "99999999999999999999"),
    ("comment", "list", "--limit", "0"),
    ("comment", "list", "--state", "gone"),
    ("import", "blogger", __file__, "--site", "blog"),
    ("import", "wordpress", "no-such-file.xml", "--site", "blog"),
    ("import", "wordpress", __file__),
    ("serve", "--port", "0"),
    ("serve", "--workers", "0"),
    ("nothing",),
    ("site", "nothing"),
    ("--nothing",),
]


@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_what_is_refused_ends_with_1_and_one_line(operator: Operator, command: tuple[str, ...]) -> None:
    result = operator.tries(*command)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", WRONG, ids=" ".join)
def test_wrong_usage_ends_with_2(operator: Operator, command: tuple[str, ...]) -> None:
    result = operator.tries(*command)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Error: " in result.stderr


@pytest.mark.parametrize(
    "command",
    ["", "site", "page", "comment", "serve", "migrate", "doctor", "tidy", "import",
     "site add", "page close", "comment list"],
)  # fmt: skip
def test_help_says_what_a_command_does(operator: Operator, command: str) -> None:
    for flag in ("--help", "-h"):
        shown = operator.runs(*command.split(), flag)
        assert shown.startswith("Usage: ")
        assert len(shown.splitlines()) > 4


def test_the_version_is_told(operator: Operator) -> None:
    assert operator.runs("--version").startswith("afterword, version 0.")


SETTINGS = {
    "AFTERWORD_LIMIT_POSTS": "many",
    "AFTERWORD_SECRET_KEY": "short",
    "AFTERWORD_DATABASE_URL": "mysql://localhost/x",
    "AFTERWORD_TRUSTED_PROXIES": "everybody",
    "AFTERWORD_PUBLIC_URL": "comments.example.org",
    "AFTERWORD_CACHE_MB": "lots",
    "AFTERWORD_DATA_DIR": "/dev/null/data",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_is_wrong_is_named(operator: Operator, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, SETTINGS[name])
    result = operator.tries("site", "list")
    assert result.exit_code == 1
    assert name in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert SETTINGS["AFTERWORD_SECRET_KEY"] not in result.stderr.replace("shorter", "").replace("shortest", "")


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to be taken for one\n" * 40])
def test_a_file_that_is_no_database_ends_with_one_line(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "other.db").write_bytes(content)
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    result = operator.tries("site", "list")
    assert result.exit_code == (1 if content else 0), result.output  # an empty file is a new database
    assert len(result.stderr.splitlines()) == (1 if content else 0)


def test_a_database_in_a_folder_that_cannot_be_made_ends_with_one_line(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", "sqlite:////dev/null/x/y.db")
    result = operator.tries("site", "list")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_a_database_that_is_away_ends_with_one_line(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    result = operator.tries("site", "list")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql+psycopg://ann:geheim@127.0.0.1:1/none", "port 1 failed: Connection refused"),
        ("postgresql+psycopg://ann:geheim@127.0.0.1:1/none?foo=1", 'invalid connection option "foo"'),
        ("sqlite:///{folder}/other.db", "file is not a database"),
        ("sqlite:///{folder}", "unable to open database file"),
    ],
)
def test_why_a_database_cannot_be_reached_is_told_here_and_nowhere_else(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, said: str
) -> None:
    (tmp_path / "other.db").write_bytes(b"not a database, but long enough to be taken for one\n" * 40)
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", address.format(folder=tmp_path))
    for command in (("site", "list"), ("migrate",)):
        result = operator.tries(*command)
        assert result.exit_code == 1
        assert said in result.stderr.split("The database says: ")[1]
        assert "geheim" not in result.stderr
    app = Flask("afterword")
    database.open_database(app, load())
    with app.app_context(), pytest.raises(Unavailable) as caught, database.read():
        pass
    assert said in caught.value.said
    assert caught.value.sentence() == "The comment service cannot reach its database just now. Please try again."


def test_faults_are_told_with_their_fields() -> None:
    faults = Invalid({"author": {"name": ["Too long.", "Too odd."]}, "body": "Missing.", "off": {0: ["No."]}})
    assert told(faults) == "author.name: Too long. Too odd. body: Missing. off.0: No."
    assert told(Invalid({})) == "Some fields need a change."


@pytest.mark.usefixtures("app")
def test_a_fault_names_its_field(operator: Operator) -> None:
    result = operator.tries("rules", "set", "blog", "links=99", "trap=maybe")
    assert (result.exit_code, result.stderr) == (1, "Error: links: Must be 0 to 50. trap: Not a valid boolean.\n")
    helped = operator.runs("rules", "set", "--help")
    for line in ("links=0 to 50", "trap=on|off", "publish=all|trusted|none", "hold_words=WORD,...", "off=RULE,..."):
        assert line in helped
    assert all(f"  {name}=" in helped for name in NAMES)


@pytest.mark.sqlite(reason="hosts of the release before go on with the new schema elsewhere")
def test_a_database_of_a_newer_release_is_left_alone(operator: Operator, settings: object) -> None:
    import sqlite3

    operator.runs("migrate")
    path = Path(os.environ["AFTERWORD_DATA_DIR"]) / "afterword.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = operator.tries("site", "list")
    assert result.exit_code == 1
    assert "newer release" in result.stderr


@pytest.mark.parametrize(("command", "status"), [(("site", "list"), 0), (("comment", "show", "7"), 1), (("page",), 2)])
def test_the_shell_sees_the_same(settings: object, command: tuple[str, ...], status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main(prog_name='afterword')", *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    if status == 1:
        assert done.stderr == "Error: There is no such comment as 7.\n"
        assert done.stdout == ""
