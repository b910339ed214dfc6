"""PostgreSQL's own programs for backups: pg_dump and pg_restore."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import URL

from service.errors import Unavailable


def dump(url: URL, target: Path, view: str) -> None:
    """Write the database to a file in pg_dump's own format, but for what was spent of limits, which is kept for a day.

    `view` names the moment that it is written of, see copy_store.shared_view(). Raises Unavailable with what it says
    when it fails.
    """
    options = ["--format=custom", "--no-owner", "--no-privileges", "--exclude-table-data=spent"]
    _run("pg_dump", url, [*options, f"--snapshot={view}", f"--file={target}"], "--dbname")
    _run("pg_restore", None, ["--list", str(target)])  # can it be read?


def load(url: URL, source: Path) -> None:
    """Put what a dump holds in the place of what is in the database, all of it or nothing. Raises Unavailable."""
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", url, [*options, str(source)], "--dbname")


def _run(program: str, url: URL | None, options: Sequence[str], named: str = "") -> None:
    found = shutil.which(program)
    if found is None:
        raise Unavailable(f"Backups of PostgreSQL need its program {program}, which is not installed here.")
    with tempfile.TemporaryDirectory(prefix="afterword-") as folder:
        database = []
        if url is not None:
            database = [f"{named}={written(url, Path(folder) / 'pass')}"]
        done = subprocess.run([found, *database, *options], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Unavailable(f"{program} failed: {said[0] if said else done.returncode}")


def written(url: URL, passfile: Path) -> str:
    """Return an address as libpq takes it, with the password, if there is one, in a file at `passfile`."""
    # as libpq takes it; the password in a file, since everybody on the machine may read a command's arguments
    parts = {"dbname": url.database, "host": url.host, "port": url.port, "user": url.username}
    parts |= {name: value for name, value in url.query.items() if isinstance(value, str)}
    if url.password is not None:
        passfile.touch(mode=0o600)
        secret = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
        passfile.write_text(f"*:*:*:*:{secret}\n", encoding="utf-8")
        parts["passfile"] = str(passfile)
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in parts.items() if value is not None)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
