"""The house keeps its manners; and each check finds a fault that was planted for it, or it would prove nothing."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import PREFIX, Settings
from tests.house import checks
from tests.house.checks import Check, Files

ROOT = Path(__file__).parents[2]
#: files that are tables: a line is a case
_TABLES = {"tests/unit/pages/test_page_key.py"}


def undocumented(files: Files) -> list[str]:
    """Find settings without a row in the README's table, and rows without a setting."""
    rows = set(re.findall(rf"^\| `{PREFIX}(\w+)` \|", files.get("README.md", ""), re.MULTILINE))
    known = {field.name.upper() for field in dataclasses.fields(Settings)}
    return sorted(rows ^ known)


def _home(*parts: str) -> str:
    return "/".join(("", "home", *parts, ""))  # in parts, or this file would be a fault itself


#: check, where a fault is planted, the fault
PLANTED: list[tuple[Check, str, str]] = [
    (checks.too_long, "service/long.py", "x = 1\n" * 351),
    (checks.too_long, "widget/src/long.js", "let x;\n" * 351),
    (checks.too_long, "tests/unit/test_long.py", "x = 1\n" * 351),
    (checks.transactions, "service/comments/post.py", "with read() as c:\n    c.commit()"),
    (checks.transactions, "service/pages/store.py", "connection.begin_nested()"),
    (checks.transactions, "service/pages/store.py", "run('BEGIN IMMEDIATE')"),
    (checks.sql, "service/comments/post.py", "from sqlalchemy import select"),
    (checks.sql, "service/threads/read.py", "import sqlalchemy\nsqlalchemy.delete(Page)"),
    (checks.sql, "service/web/api/comments.py", "db.session.execute(query)"),
    (checks.sql, "service/cli/page.py", "connection.exec_driver_sql('DROP TABLE pages')"),
    (checks.markup, "service/web/templates/front.html", "<p>{{ reason | safe }}"),
    (checks.markup, "service/web/templates/front.html", "{% autoescape false %}"),
    (checks.markup, "service/web/templates/front.html", "{{ comment.html|safe }}"),
    (checks.markup, "service/web/templates/_comment.html", "{{ comment.html|safe }} {{ comment.html|safe }}"),
    (checks.markup, "service/web/templates/_comment.html", "{{ comment.html|safe }} {{ entry.name|safe }}"),
    (checks.markup, "service/web/front.py", "import markupsafe\nmarkupsafe.Markup(reason)"),
    (checks.markup, "service/web/front.py", "from markupsafe import Markup as Safe"),
    *(
        (checks.touched, "service/threads/payload.py", f"def f(row):\n    return {changed}")
        for changed in (
            "row.html.replace('a', 'b')",
            "re.sub('a', 'b', row.html)",
            "_LINK.sub(_link, rendered.html)",
            "Markup(row.html)",
            "f'<p>{row.html}</p>'",
            "row.html + '</p>'",
            "'<p>%s' % row.html",
            "row.html[:200]",
            "clean.sanitize(markup).replace('a', 'b')",
            "linkify(clean.sanitize(markup))",
        )
    ),
    (checks.touched, "service/text/render.py", "html += clean.sanitize(markup)"),
    *(
        (checks.sinks, "widget/src/dom.js", f"'http://x'; {sink} // a comment")
        for sink in (
            "a.innerHTML = b",
            "a.outerHTML",
            "a.insertAdjacentHTML(b)",
            "new DOMParser()",
            "document.write(b)",
        )
    ),
    (checks.sinks, "widget/src/dom.js", "eval(b)"),
    (checks.sinks, "service/web/static/admin.js", "a.innerHTML = b"),
    (checks.sinks, "widget/src/dom.js", "new Function(b)"),
    (checks.environment, "service/database/engine.py", "import os\nos.environ['HOME']"),
    (checks.environment, "service/cli/serve.py", "import os\nos.getenv('HOME')"),
    (checks.environment, "service/cli/serve.py", "from os import environ"),
    (checks.requests, "service/comments/post.py", "from flask import request"),
    (checks.requests, "service/people/address.py", "from flask.wrappers import Request"),
    (checks.requests, "service/people/address.py", "from werkzeug.wrappers import Request"),
    (checks.clocks, "service/comments/post.py", "from datetime import datetime\ndatetime.now()"),
    (checks.clocks, "service/policy/limits.py", "import time\ntime.time()"),
    (checks.clocks, "service/policy/limits.py", "from time import time"),
    (checks.clocks, "service/web/health.py", "import datetime\ndatetime.datetime.now()"),
    (checks.clocks, "service/web/state.py", "from time import monotonic"),
    (checks.workplace, "README.md", f"see {_home('ann', 'notes')}"),
    (checks.workplace, "scripts/setup.sh", "/".join(("cd ", "root", "notes"))),
    (checks.workplace, "widget/package-lock.json", '"resolved": "https://registry' + '.example.org/x.tgz"'),
    (checks.prints, "service/threads/read.py", "print(1)"),
    (undocumented, "README.md", "| `AFTERWORD_DATA_DIR` | | |\n"),
]
ALL: list[Check] = list(dict.fromkeys(check for check, _, _ in PLANTED))


@pytest.fixture(scope="module")
def house() -> dict[str, str]:
    """Every file of the checkout that is kept, or about to be, and is text."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("this is no checkout")
    files = {}
    for path in listed.stdout.splitlines():
        if path not in _TABLES and (ROOT / path).is_file():
            files[path] = (ROOT / path).read_bytes().decode("utf-8", "replace")
    return files


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_the_house_is_without_fault(check: Check, house: dict[str, str]) -> None:
    assert check(house) == []


@pytest.mark.parametrize(("check", "path", "fault"), PLANTED)
def test_a_planted_fault_is_found(check: Check, path: str, fault: str) -> None:
    assert check({path: fault})


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_imports_go_down_only() -> None:
    done = _lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "line", "said"),
    [
        ("service/policy/rules.py", "from service.comments import post", "service.policy is not allowed to import"),
        ("service/comments/draft.py", "from service.threads import view", "service.comments is not allowed to import"),
        ("service/people/address.py", "from service import create_app", "service.people is not allowed to import"),
        ("service/web/state.py", "from service.web import health", "No circles, in any room BROKEN"),
        ("service/helpers/__init__.py", "", "not listed as layers: - service.helpers"),
    ],
)
def test_a_planted_import_is_found(path: str, line: str, said: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "service", tmp_path / "service", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / path
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = _lint_imports(tmp_path)
    assert done.returncode == 1
    assert said in " ".join(done.stdout.split()), done.stdout
