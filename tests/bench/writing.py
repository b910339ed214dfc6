"""Posts per CPU second with 32 clients at once, beside Isso's.

`python -m tests.bench.writing [--posts N] [--rounds N] [--isso VERSION | --alone]`. Isso is installed into a folder of
its own for the run. Both on SQLite, limits off, each comment another text on one of four pages; CPU time is that of all
processes that serve (user and system), rounds alternate between the two. Only what was taken (201, 202) is counted.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.bench.reading import spent
from tests.bench.widget import COMMAND, free_port, running

CLIENTS, PAGES = 32, 4
ORIGIN = "https://blog.example.org"
TEXT = "It was ten to when I looked up, and I thought: *plenty*. I had bought a bun.\n\nThe train had left."


@dataclass
class Side:
    """One of the two: where it listens, and how it is posted to."""

    name: str
    port: int
    isso: bool

    def request(self, number: int) -> tuple[str, dict[str, object]]:
        """Return path and content of a post."""
        page, text = f"/{number % PAGES}.html", f"{number}. {TEXT}"
        if self.isso:
            return f"/new?uri={page}", {"author": "Ann", "text": text, "title": "A page", "parent": None}
        body = {"page": ORIGIN + page, "title": "A page", "body": text, "author": {"name": "Ann"}}
        return "/api/v1/comments", body

    def spent(self) -> float:
        """Return the CPU seconds of all processes that listen on its port's behalf: the first and its children."""
        found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal() and self._serves(path)]
        return sum(spent(process) for process in found)

    def _serves(self, process: Path) -> bool:
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            return False  # gone meanwhile
        return any(
            part.endswith(f"{self.port}".encode()) or part.endswith(f"{self.port}.cfg".encode()) for part in command
        )


def post(side: Side, first: int, times: int) -> int:
    """Post so many comments over one connection, one after the other, and return how many were taken."""
    taken = 0
    connection = http.client.HTTPConnection("127.0.0.1", side.port, timeout=60)
    for number in range(first, first + times):
        path, body = side.request(number)
        headers = {"Content-Type": "application/json", "Origin": ORIGIN}
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
            taken += answer.status in (201, 202)
        except (OSError, http.client.HTTPException):
            connection.close()  # the next one opens it again
    connection.close()
    return taken


@contextlib.contextmanager
def afterword(folder: Path) -> Iterator[Side]:
    """Run ours, as it comes."""
    port = free_port()
    off = {f"AFTERWORD_LIMIT_{name}": "off" for name in ("POSTS", "PAGE_POSTS", "REPEATS")}
    environment = dict(os.environ) | off | {"AFTERWORD_DATA_DIR": str(folder / "data")}
    subprocess.run([COMMAND, "site", "add", "blog", ORIGIN], env=environment, check=True, stdout=subprocess.DEVNULL)
    command = [str(COMMAND), "serve", "--port", str(port)]
    with running(command, f"http://127.0.0.1:{port}/healthz", environment):
        yield Side("Afterword", port, isso=False)


@contextlib.contextmanager
def isso(folder: Path, version: str) -> Iterator[Side]:
    """Run Isso by its own command."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    install = [str(folder / "venv/bin/pip"), "install", "--quiet", f"isso=={version}"]
    subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
    port = free_port()
    settings = folder / f"isso-{port}.cfg"
    settings.write_text(
        f"[general]\ndbpath = {folder}/comments.db\nhost = {ORIGIN}\n"
        f"[server]\nlisten = http://127.0.0.1:{port}\n[guard]\nenabled = false\n"
    )
    command = [str(folder / "venv/bin/isso"), "-c", str(settings), "run"]
    with running(command, f"http://127.0.0.1:{port}/js/embed.min.js", dict(os.environ)):
        yield Side(f"Isso {version}", port, isso=True)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=640, help="by all clients together, in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--isso", default="0.14.0", help="version to compare with")
    parser.add_argument("--alone", action="store_true", help="do not install and run Isso")
    chosen = parser.parse_args()
    each = chosen.posts // CLIENTS
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sides = [stack.enter_context(afterword(folder))]
        if not chosen.alone:
            sides.append(stack.enter_context(isso(folder, chosen.isso)))
        pool = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        for side in sides:
            assert post(side, 10**9, 8) == 8, f"{side.name} takes no comments"
        rates: dict[str, list[float]] = {side.name: [] for side in sides}
        taken: dict[str, int] = {side.name: 0 for side in sides}
        for turn in range(chosen.rounds):
            for side in sides:
                before = side.spent()
                starts = [turn * 10**6 + client * each for client in range(CLIENTS)]
                done = sum(pool.map(lambda first, side=side: post(side, first, each), starts))
                rates[side.name].append(done / (side.spent() - before))
                taken[side.name] += done
    table = Table(f"{CLIENTS} clients at once", "posts per CPU second", "taken of all", "ratio", box=None)
    for name, found in rates.items():
        ratio = median(ours / theirs for ours, theirs in zip(rates["Afterword"], found, strict=True))
        share = f"{taken[name] / (each * CLIENTS * chosen.rounds):.1%}"
        table.add_row(name, f"{median(found):.0f}", share, f"{ratio:.2f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
