"""Reading a thread out of the proxy's cache, against a static file of the same bytes from the same nginx.

`python -m tests.bench.proxy [--requests N] [--rounds N]`. CPU time is that of all processes of nginx (user and system);
rounds alternate between the two. Each is asked over one connection, plain and over TLS.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from tests.bench.reading import PAGE, fill, spent
from tests.deploy.proxy import BEHIND, NAME, Proxy, free_port
from tests.faults.harness import HOST, Service

THREAD, STATIC = f"/api/v1/thread?page={quote(PAGE, safe='')}", "/static.json"


def ask(connection: socket.socket, path: str, times: int) -> bytes:
    """Send a request so many times over one connection, and return the last answer's content."""
    request = f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    for _ in range(times):
        connection.sendall(request)
        head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(body) < size:
            body += connection.recv(65_536)
    return body


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=15_000, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as after:
        folder = Path(name)
        service = Service(folder / "service", **BEHIND)
        fill(str(service.data))
        service.start()
        after.callback(service.kill)
        plain = free_port()
        # one connection lasts for all requests, or what is measured is connecting
        lasting = {"keepalive_timeout 30s;": "keepalive_timeout 1h; keepalive_requests 10000000;"}
        static = f"location = {STATIC} {{ root {folder}; gzip_static always; default_type application/json; }}\n    "
        proxy = Proxy(
            folder,
            service.port,
            lasting
            | {
                " ssl http2;": f" ssl http2;\n    listen {HOST}:{plain};",
                "location @service {": static + "location @service {",
            },
        )
        proxy.start()
        after.callback(proxy.stop)
        with socket.create_connection((HOST, plain)) as connection:
            (folder / "static.json.gz").write_bytes(ask(connection, THREAD, 1))
        table = Table(
            "one connection", "answer", "CPU µs a request", "requests a second", "of the static file", box=None
        )
        for way in ("plain", "TLS"):
            connection = socket.create_connection((HOST, plain)) if way == "plain" else proxy.connect()
            figures: dict[str, list[tuple[float, float]]] = {STATIC: [], THREAD: []}
            for path in figures:
                ask(connection, path, 500)
            for _ in range(chosen.rounds):
                for path, found in figures.items():
                    before, begun = sum(map(spent, proxy.processes())), time.perf_counter()
                    body = ask(connection, path, chosen.requests)
                    seconds = time.perf_counter() - begun
                    cpu = sum(map(spent, proxy.processes())) - before
                    found.append((cpu / chosen.requests * 1e6, chosen.requests / seconds))
            base = [median(column) for column in zip(*figures[STATIC], strict=True)]
            for path, found in figures.items():
                cpu, rate = (median(column) for column in zip(*found, strict=True))
                what = "static file" if path == STATIC else "thread of 200 comments, cached"
                table.add_row(
                    way, what, f"{cpu:.1f}", f"{rate:.0f}", f"{base[0] / cpu:.2f} by CPU, {rate / base[1]:.2f} by time"
                )
    Console(width=120).print(table)
    Console().print(f"{len(body)} bytes in gzip, {chosen.rounds} rounds of {chosen.requests} requests, medians")


if __name__ == "__main__":
    main()
