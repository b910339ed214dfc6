"""A real `afterword serve`, with a data folder and a port of its own, to be started, asked, stopped and killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

COMMAND = str(Path(sys.executable).parent / "afterword")
HOST = "127.0.0.1"
ORIGIN = "https://blog.example.org"
#: seconds that anything may take before a test gives up on it: far more than it does, on a machine that is busy
PATIENCE = 60.0
NO_LIMITS = {"LIMIT_POSTS": "off", "LIMIT_PAGE_POSTS": "off", "LIMIT_REPEATS": "off"}

T = TypeVar("T")


def await_(what: str, look: Callable[[], T | None]) -> T:
    """Return the first true result of `look`; fails, naming `what` was awaited, when patience runs out."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"awaited for {PATIENCE:.0f} s in vain: {what}")
        time.sleep(0.005)
    return found


@dataclass(frozen=True)
class Answer:
    """What came back: the status, 0 where no whole answer did, and the content."""

    status: int
    content: Any = None
    headers: Message = field(default_factory=Message)  # found by names in any case
    refused: bool = False  # there was nobody to talk to: not one byte was sent


class Service:
    """An `afterword serve` with a data folder and a port of its own; it can be started, stopped and killed."""

    def __init__(self, folder: Path, workers: int = 2, threads: int = 8, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.workers, self.threads = workers, threads
        self.settings: dict[str, str] = NO_LIMITS | settings
        self.port = _free_port()
        self._log = folder / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *before: str, ready: str = "/readyz") -> None:
        """Start it, behind the words `before`, and wait until `ready` says 200."""
        self.folder.mkdir(parents=True, exist_ok=True)
        counts = ("--workers", str(self.workers), "--threads", str(self.threads))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*before, COMMAND, "serve", "--port", str(self.port), *counts],
                stdout=log, stderr=log, cwd=self.folder, env=self._environment(), start_new_session=True,
            )  # fmt: skip
        if ready:
            self.await_ready(ready)

    def await_ready(self, path: str = "/readyz") -> None:
        """Wait until the service answers 200 at `path`; fails with its log when it ends instead."""

        def look() -> bool:
            assert self._process is None or self._process.poll() is None, f"the service ended:\n{self.log()}"
            return self.ask("GET", path).status == 200

        try:
            await_(f"{path} of the service", look)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.ask('GET', path)}\n{self.log()}") from None

    def is_running(self) -> bool:
        """Tell whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def database(self) -> str:
        """The address of its database, nothing where that is a file of SQLite in its folder."""
        return self.settings.get("DATABASE_URL", "")

    @property
    def pid(self) -> int:
        """The master's process id."""
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        """Return what the service printed."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def processes(self) -> list[int]:
        """Return the ids of all living processes that the start brought about, the master's among them."""
        return [pid for pid, _, group, state in _processes() if group == self.pid and state not in "ZX"]

    def worker_ids(self) -> list[int]:
        """Return the ids of the worker processes."""
        return [pid for pid, parent, _, state in _processes() if parent == self.pid and state not in "ZX"]

    def kill(self) -> None:
        """End the master and all workers at once with SIGKILL, as a crash would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
            await_("the end of all processes", lambda: not self.processes())
            self._process = None

    def tell_to_stop(self) -> None:
        """Send SIGTERM to the master."""
        os.kill(self.pid, signal.SIGTERM)

    def await_end(self) -> int:
        """Wait until the master has ended, and return its exit status."""
        assert self._process is not None
        return self._process.wait(PATIENCE)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line to its end."""
        return subprocess.run(
            [COMMAND, *arguments], cwd=self.folder, env=self._environment(), text=True, capture_output=True, check=False
        )

    def launch(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command of the command line."""
        return subprocess.Popen([COMMAND, *arguments], cwd=self.folder, env=self._environment(), text=True)

    def register(self) -> None:
        """Register the site `blog` at ORIGIN."""
        done = self.run("site", "add", "blog", ORIGIN)
        assert done.returncode == 0, done.stderr

    def _environment(self) -> dict[str, str]:
        # the caller's own settings have no say here
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERWORD_")}
        ours = {"DATA_DIR": str(self.data)} | self.settings
        return clean | {f"AFTERWORD_{name}": value for name, value in ours.items()}

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request on a connection of its own and return the answer."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            try:
                connection.connect()
            except OSError:
                return Answer(0, refused=True)
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            raw = response.read()
            return Answer(response.status, _json(raw), response.headers)
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()

    def read(self, page: str) -> Answer:
        """Ask for the thread of a page."""
        return self.ask("GET", f"/api/v1/thread?page={quote(page, safe='')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _processes() -> Iterator[tuple[int, int, int, str]]:
    # (id, parent, process group, state) of everything that runs; the name may hold blanks and brackets
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal():
                state, parent, group = (
                    (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[:3]
                )
                yield int(entry.name), int(parent), int(group), state


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")
