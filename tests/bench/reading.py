"""CPU time of reading a thread, against a bare Flask route that returns the same bytes, both under gunicorn.

`python -m tests.bench.reading [--requests N] [--rounds N] [--postgresql]`. CPU time is that of the worker process (user
and system), so what the machine does beside it matters little; rounds alternate between the two for the rest.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from tests.postgres import Server

PAGE = "https://blog.example.org/clock"
#: top-level comments and replies to each: 200 comments that come in one answer
TOP_LEVEL, REPLIES = 50, 3
TEXT = "It was ten to when I looked up, and I thought: *plenty*.\n\nThe train left at eight minutes to."
#: who ask at the same time
READERS = 16
GUNICORN = ["--no-control-socket", "--workers", "1", "--keep-alive=300"]
GTHREAD = ["--worker-class", "gthread", "--threads", "8"]
#: as afterword serve runs it
ASGI = ["--worker-class", "service.worker.Worker", "--asgi-loop", "auto", "--asgi-lifespan", "off"]
OURS = ["--config", "service/web/server.py"]
ROOT = Path(__file__).parents[2]


def fill(folder: str) -> None:
    """Store the thread in a new database under `folder`."""
    os.environ["AFTERWORD_DATA_DIR"] = folder
    from service import comments, create_app, database, pages
    from service.people.audit import COMMAND_LINE
    from service.settings import load

    now = datetime.now(UTC) - timedelta(days=1)
    with create_app().app_context():
        database.migrate(load())
        pages.add("blog", ["https://blog.example.org"], now, COMMAND_LINE)
        with database.read() as connection:
            place = pages.locate(connection, PAGE)
        with comments.write(place, now) as writing:
            for number in range(TOP_LEVEL):
                parent = None
                for turn in range(REPLIES + 1):
                    author = {"name": f"Reader {turn}", "email": "", "website": ""}
                    fields = {"page": PAGE, "body": f"{number}.{turn} {TEXT}", "author": author}
                    made = comments.prepare("bench", f"{number}.{turn}", now, "published", fields)
                    parent = comments.adopt(writing, made, parent)


@contextlib.contextmanager
def served(app: str, folder: str, worker: list[str]) -> Iterator[tuple[http.client.HTTPConnection, int]]:
    """Run an application under gunicorn and yield a connection to it and its worker's process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", *GUNICORN, *worker, "--bind", f"127.0.0.1:{port}", app]
    environment = os.environ | {"AFTERWORD_DATA_DIR": folder, "PYTHONPATH": str(ROOT)}
    if OURS[0] in worker:  # its counts, of all workers together, and its log cost what they cost
        environment["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(dir=folder)
    master = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        workers: list[str] = []
        while not (workers and connection.sock):
            if master.poll() is not None:
                raise SystemExit(f"{app} did not start")
            time.sleep(0.1)
            workers = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
            with contextlib.suppress(OSError):
                connection.connect()
        yield connection, int(workers[0])
    finally:
        master.terminate()
        master.wait()


def spent(process: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(connection: http.client.HTTPConnection, path: str, headers: dict[str, str], times: int) -> tuple[int, bytes]:
    """Send a request so many times over one connection and return the last answer."""
    for _ in range(times):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    return answer.status, body


class Crowd:
    """Readers who ask at the same time, each over a connection of its own: the front page of a news aggregator."""

    def __init__(self, port: int) -> None:
        self._connections = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(READERS)]

    def asks(self, path: str, headers: dict[str, str], times: int) -> None:
        """Ask so many times in all, in rounds in which each asks once; fails at an answer that is no 200 or 304."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()
        for _ in range(times // READERS):
            for connection in self._connections:
                connection.sendall(request)
            for connection in self._connections:
                self._read(connection)

    def _read(self, connection: socket.socket) -> None:
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head[9:12] in (b"200", b"304"), head
        length = re.search(rb"(?i)content-length: (\d+)", head)
        left = (int(length[1]) if length and head[9:12] == b"200" else 0) - len(body)
        while left > 0:
            left -= len(connection.recv(65536))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=1600, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgresql", action="store_true", help="on a server of its own, in place of SQLite")
    chosen = parser.parse_args()
    thread = f"/api/v1/thread?page={quote(PAGE, safe='')}"
    links = [quote(f"https://blog.example.org/{number}", safe="") for number in range(19)]
    counts = "/api/v1/counts?" + "&".join(f"page={each}" for each in [quote(PAGE, safe=""), *links])
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ending:
        if chosen.postgresql:
            server = Server()
            ending.callback(server.remove)
            server.make()
            os.environ["AFTERWORD_DATABASE_URL"] = server.url("bench")
            server.add("bench")
        fill(folder)
        with (
            served("service:create_application()", folder, [*ASGI, *OURS]) as (ours, our_worker),
            served("service:create_app()", folder, [*GTHREAD, *OURS]) as (flask, flask_worker),
        ):
            encoded = {"Accept-Encoding": "br"}
            status, body = ask(ours, thread, encoded, 1)
            assert status == 200, status
            Path(folder, "body").write_bytes(body)
            ours.request("GET", thread, headers=encoded)
            answer = ours.getresponse()
            answer.read()
            known = encoded | {"If-None-Match": answer.headers["ETag"]}
            with served("tests.bench.bare:create_app()", folder, GTHREAD) as (bare, bare_worker):
                ways = {
                    "bare Flask route, the same bytes": (bare, bare_worker, "/", encoded),
                    "thread of 200 comments": (ours, our_worker, thread, encoded),
                    "the same, 304": (ours, our_worker, thread, known),
                    "counts of 20 pages": (ours, our_worker, counts, encoded),
                    "embed.js": (ours, our_worker, "/embed.js", encoded),
                    "what Flask answers behind it (/readyz)": (ours, our_worker, "/readyz", encoded),
                    "by Flask alone (QUICK_READS=off)": (flask, flask_worker, thread, encoded),
                    "by Flask alone, 304": (flask, flask_worker, thread, known),
                }
                crowds = {name: Crowd(connection.port) for name, (connection, *_) in ways.items()}
                figures: dict[str, list[float]] = {name: [] for name in ways}
                for name, (_, _, path, headers) in ways.items():
                    crowds[name].asks(path, headers, 20 * READERS)
                for _ in range(chosen.rounds):
                    for name, (_, worker, path, headers) in ways.items():
                        before = spent(worker)
                        crowds[name].asks(path, headers, chosen.requests)
                        figures[name].append((spent(worker) - before) / chosen.requests * 1e6)
    table = Table("CPU time of a read", "µs a request", "ratio", box=None)
    bases = figures["bare Flask route, the same bytes"]
    for name, values in figures.items():
        # of each round, for the machine is not the same in all of them
        ratios = [value / base for value, base in zip(values, bases, strict=True)]
        table.add_row(name, f"{median(values):.0f}", f"{median(ratios):.2f}")
    Console().print(table)
    Console().print(f"{len(body)} bytes in brotli, {chosen.rounds} rounds of {chosen.requests} requests, medians")


if __name__ == "__main__":
    main()
