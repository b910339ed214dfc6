"""A PostgreSQL server of the tests' own, in memory, and databases on it that tests take turns with.

The server keeps every promise that the service asks of one (fsync and the rest); it is quick since its folder lies in
memory, where there is such a place. It sorts text as a dictionary does, so that what relies on another order is seen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakSet

import psycopg
from psycopg import sql
from sqlalchemy import Engine

_MEMORY = Path("/dev/shm")
#: the service's own role is none of those that may do everything
ROLE = "afterword"
PATIENCE = 30  # seconds


def programs() -> Path:
    """Return the folder of PostgreSQL's programs, the newest that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise RuntimeError("These tests need PostgreSQL: install the package postgresql.")
    return found[-1] if found else Path(str(on_path)).resolve().parent


class Server:
    """A server that is reached by a socket in its own folder, and by nothing else."""

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="afterword-", dir=_MEMORY if _MEMORY.is_dir() else None))
        self.data = self.folder / "data"
        self.settings = {"listen_addresses": "", "max_connections": "200", "timezone": "UTC"}
        self.settings |= {"unix_socket_directories": str(self.folder)}
        self.settings |= settings
        # PostgreSQL refuses to run as root
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(self.folder, "nobody", "nogroup")
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make the server's folder, start it, and make the service's role."""
        how = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self.runs("initdb", "-D", str(self.data), *how, "--locale-provider=icu", "--icu-locale=en")
        self.start()
        self.does(f"CREATE ROLE {ROLE} LOGIN CREATEDB")

    def follow(self, primary: Server) -> None:
        """Become a replica of another server, and start."""
        self.runs(
            "pg_basebackup", "-D", str(self.data), "-h", str(primary.folder), "-U", "postgres", "-R", "-c", "fast"
        )
        self.start()

    def runs(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, whose output is told only if it fails."""
        command = [str(programs() / program), *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self._as)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start, and return when it answers."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs() / "postgres"), "-D", str(self.data), *options]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True, **self._as
            )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.does("SELECT 1")
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text()) from error
                time.sleep(0.02)

    def is_running(self) -> bool:
        """Tell whether it was started and not stopped."""
        return self._process is not None

    def stop(self) -> None:
        """Stop at once, connections or not; what was committed is kept."""
        if self._process is not None:
            self._process.send_signal(2)  # SIGINT: PostgreSQL's "fast" shutdown
            self._process.wait(PATIENCE)
            self._process = None

    def kill(self) -> None:
        """End it at once, as a crash would; returns when none of its processes is left, so that it can be started."""
        assert self._process is not None
        # each has a process group of its own; those whose master is gone end by themselves
        own = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._process.kill()
        self._process.wait(PATIENCE)
        self._process = None
        deadline = time.monotonic() + PATIENCE
        while any(Path(f"/proc/{pid}").exists() for pid in own):
            assert time.monotonic() < deadline, "a process of the server does not end"
            time.sleep(0.02)

    def remove(self) -> None:
        """Stop, and remove everything."""
        self.stop()
        shutil.rmtree(self.folder)

    def connect(self, name: str = "postgres", role: str = "postgres") -> psycopg.Connection[Any]:
        """Return a connection to a database, in which every statement commits by itself."""
        return psycopg.connect(host=str(self.folder), user=role, dbname=name, autocommit=True)

    def does(self, statement: str, name: str = "postgres") -> None:
        """Run a statement as the role that may do everything."""
        with self.connect(name) as connection:
            connection.execute(statement)

    def url(self, name: str) -> str:
        """Return the address of a database, for the service."""
        return f"postgresql+psycopg://{ROLE}@/{name}?host={self.folder}"

    def add(self, name: str, template: str = "template0") -> str:
        """Make a database, and return its address."""
        with self.connect(role=ROLE) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


class Databases:
    """Databases of the newest schema, one for each data folder that would otherwise hold a file of SQLite."""

    def __init__(self) -> None:
        self.server = Server()
        self._names: dict[Path, str] = {}
        self._free: list[str] = []
        self._made: set[str] = set()
        self._links: dict[str, psycopg.Connection[Any]] = {}
        self._count = 0
        #: engines that were made since a database was last given back; their connections are closed with it
        self.opened: list[Engine] = []
        self._closed = WeakSet[Engine]()

    def make(self, template: str, migrate: Callable[[str], object]) -> None:
        """Start the server; `template` is the name of the database that the others will be copies of, once migrated."""
        self.server.make()
        self.server.add(template)
        self._template = template
        migrate(self.server.url(template))
        with self.server.connect(template) as link:
            (self._revision,) = link.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)

    def url(self, folder: Path) -> str:
        """Return the address of the folder's database."""
        if folder not in self._names:
            if not self._free:
                self._count += 1
                self._free.append(f"afterword_{self._count}")
            self._names[folder] = self._free.pop()
        return self.server.url(self._names[folder])

    def ensure(self, url: str) -> None:
        """Make the database with this address, if it is one of these and was never asked for before."""
        for name in self._names.values():
            if url == self.server.url(name) and name not in self._made:
                self.server.add(name, self._template)
                self._made.add(name)

    def release(self, folder: Path) -> None:
        """Empty the folder's database for the next one that needs any."""
        self._close()
        name = self._names.pop(folder, None)
        if name is not None:
            if name in self._made:
                if name not in self._links:
                    self._links[name] = self.server.connect(name)
                empty(self._links[name], self._revision)
            self._free.append(name)

    def remove(self) -> None:
        """Stop the server, and remove everything."""
        self._close()
        for engine in self._closed:
            engine.dispose()  # those that were used again
        for link in self._links.values():
            link.close()
        self.server.remove()

    def _close(self) -> None:
        while self.opened:
            engine = self.opened.pop()
            engine.dispose()
            self._closed.add(engine)


_USED = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.refobjid = c.oid AND d.deptype IN ('a', 'i')
 AND d.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class s WHERE s.oid = d.objid AND s.relkind = 'S')
WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'alembic_version'
 AND (pg_relation_size(c.oid) > 0 OR pg_sequence_last_value(d.objid) IS NOT NULL)
"""


def empty(link: psycopg.Connection[Any], revision: str) -> None:
    """Empty a database as if it had never been used: ids begin anew, and its schema is said to be of that revision."""
    link.execute("UPDATE alembic_version SET version_num = %s WHERE version_num <> %s", (revision, revision))
    used = [row[0] for row in link.execute(_USED)]
    if used:
        link.execute("SET lock_timeout = '10s'")
        link.execute(
            sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(",").join(map(sql.Identifier, set(used))))
        )


def superior(link: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Return a connection to the same database as the role that may do everything."""
    return psycopg.connect(host=link.info.host, user="postgres", dbname=link.info.dbname, autocommit=True)


def put(link: psycopg.Connection[Any], contents: Mapping[str, list[Any]]) -> None:
    """Give a database these rows and no others; each table's ids go on where they were."""
    with link.transaction():
        lasts = link.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
        ).fetchall()
        link.execute("SET LOCAL session_replication_role = replica")  # in any order, though one refers to another
        names = sql.SQL(",").join(map(sql.Identifier, contents))
        link.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))
        for name, rows in contents.items():
            for row in rows:
                places = sql.SQL(",").join(sql.Placeholder() * len(row))
                link.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(name), places), tuple(row))
        for sequence, last in lasts:
            link.execute("SELECT setval(%s, %s)", (sequence, last))


def await_lock(server: Server) -> None:
    """Return when somebody at the server waits for a lock."""
    deadline = time.monotonic() + PATIENCE
    with server.connect() as link:
        while link.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is None:
            assert time.monotonic() < deadline, "nobody waits for a lock"
            time.sleep(0.01)
