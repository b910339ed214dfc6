"""What a thread costs a reader's browser, beside Isso on the same 200 comments, and ours alone at 10,000.

`python -m tests.bench.widget [--rounds N] [--isso VERSION | --alone]`. Isso is installed into a folder of its own for
the run. One Chromium, a fresh context for each visit, the two taking turns; medians of the rounds. "ready" is the time
from navigation to the last comment of the first view in the DOM; "script" is what the browser spent running scripts.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
#: 50 top-level comments with three replies each: with both, all of them show in the first view
TOP_LEVEL, REPLIES = 50, 3
MANY = 10_000
COMMAND = Path(sys.executable).with_name("afterword")
TEXT = "{place}: It was ten to when I looked up, and I thought: *plenty*. I had bought a bun.\n\nThe train had left."


@dataclass
class Page:
    """A page to visit, and how to count the comments that are in the DOM."""

    name: str
    address: str
    origin: str  # of the service
    count: str
    shown: int


@dataclass
class Visit:
    """What one visit cost."""

    ready: float  # milliseconds
    script: float  # milliseconds
    requests: int
    size: int  # bytes on the wire, from the service
    shift: float


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], address: str, environment: dict[str, str]) -> Iterator[None]:
    """Run a server until the block ends; it answers when the block begins."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(address):
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def hosting(folder: str) -> Iterator[str]:
    """Serve a folder's pages and yield their origin."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def fill(environment: dict[str, str], page: str, top_level: int, replies: int) -> None:
    """Store a thread of ours."""
    code = f"""
from datetime import UTC, datetime
from service import comments, create_app, pages
from tests.bench.widget import TEXT
now = datetime.now(UTC)
with create_app().app_context():
    place = pages.locate_at_once({page!r})
    with comments.write(place, now) as writing:
        for number in range({top_level}):
            parent = None
            for turn in range({replies} + 1):
                author = {{"name": f"Reader {{turn}}", "email": "", "website": ""}}
                fields = {{"page": {page!r}, "body": TEXT.format(place=f"{{number}}.{{turn}}"), "author": author}}
                made = comments.prepare("bench", {page!r} + f" {{number}}.{{turn}}", now, "published", fields)
                top = comments.adopt(writing, made, parent)
                parent = parent or top
"""
    subprocess.run([sys.executable, "-c", code], env=environment | {"PYTHONPATH": os.getcwd()}, check=True)


def fill_isso(database: Path, uri: str) -> None:
    """Store the same thread in Isso's database, which Isso has made."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        thread = connection.execute("INSERT INTO threads (uri, title) VALUES (?, ?)", (uri, "Bench")).lastrowid
        now = time.time()
        for number in range(TOP_LEVEL):
            parent = None
            for turn in range(REPLIES + 1):
                row = connection.execute(
                    "INSERT INTO comments (tid, parent, created, mode, remote_addr, text, author, voters, notification)"
                    " VALUES (?, ?, ?, 1, '127.0.0.1', ?, ?, ?, 0)",
                    (thread, parent, now + number, TEXT.format(place=f"{number}.{turn}"), f"Reader {turn}", bytes(256)),
                ).lastrowid
                parent = parent or row
        connection.commit()


def visit(browser: Browser, page: Page) -> Visit:
    """Visit a page with an empty cache and return what it cost."""
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    try:
        tab = context.new_page()
        session = context.new_cdp_session(tab)
        session.send("Network.enable")
        session.send("Performance.enable")
        origins: dict[str, str] = {}
        sizes: dict[str, int] = {}
        session.on(
            "Network.requestWillBeSent", lambda event: origins.update({event["requestId"]: event["request"]["url"]})
        )
        session.on(
            "Network.loadingFinished",
            lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
        )
        tab.add_init_script(
            f"""window.__shift = 0;
            new PerformanceObserver(list => list.getEntries().forEach(entry => {{ window.__shift += entry.value }}))
                .observe({{ type: "layout-shift", buffered: true }});
            const look = () => ({page.count}) >= {page.shown} ? (window.__ready = performance.now())
                : requestAnimationFrame(look);
            requestAnimationFrame(look);"""
        )
        tab.goto(page.address)
        tab.wait_for_function("window.__ready", timeout=60_000)
        tab.wait_for_load_state("networkidle")
        metrics = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
        ours = [key for key, url in origins.items() if url.startswith(page.origin) and key in sizes]
        return Visit(
            float(tab.evaluate("window.__ready")),
            metrics["ScriptDuration"] * 1000,
            len(ours),
            sum(sizes[key] for key in ours),
            float(tab.evaluate("window.__shift")),
        )
    finally:
        context.close()


@contextlib.contextmanager
def isso(folder: Path, host: str, version: str) -> Iterator[Page]:
    """Run Isso with the thread in it and yield its page."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    install = [str(folder / "venv/bin/pip"), "install", "--quiet", f"isso=={version}"]
    subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    (folder / "isso.cfg").write_text(
        f"[general]\ndbpath = {folder}/comments.db\nhost = {host}\n"
        f"[server]\nlisten = {address}\n[guard]\nenabled = false\n"
    )
    command = [str(folder / "venv/bin/isso"), "-c", str(folder / "isso.cfg"), "run"]
    with running(command, f"{address}/js/embed.min.js", dict(os.environ)):
        fill_isso(folder / "comments.db", "/isso.html")
        tag = (
            f'<script data-isso="{address}/" data-isso-max-comments-top="inf" data-isso-max-comments-nested="inf" '
            f'data-isso-avatar="false" src="{address}/js/embed.min.js"></script><section id="isso-thread"></section>'
        )
        (folder / "pages/isso.html").write_text(_host_page(tag))
        count = 'document.querySelectorAll(".isso-comment").length'
        yield Page(f"Isso {version}, 200 comments", f"{host}/isso.html", address, count, 200)


def _host_page(tag: str) -> str:
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Bench</title><h1>Bench</h1>{tag}</html>'


def measure(browser: Browser, pages: list[Page], rounds: int) -> dict[str, Visit]:
    """Visit the pages in turns and return the medians."""
    found: dict[str, list[Visit]] = {page.name: [] for page in pages}
    for page in pages:
        visit(browser, page)  # the services' own caches are warm in life
    for _ in range(rounds):
        for page in pages:
            found[page.name].append(visit(browser, page))
    return {name: _middle(visits) for name, visits in found.items()}


def _middle(visits: list[Visit]) -> Visit:
    return Visit(
        median(each.ready for each in visits),
        median(each.script for each in visits),
        round(median(each.requests for each in visits)),
        round(median(each.size for each in visits)),
        median(each.shift for each in visits),
    )


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--isso", default="0.14.0", help="version to compare with")
    parser.add_argument("--alone", action="store_true", help="do not install and run Isso")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "pages").mkdir()
        host = stack.enter_context(hosting(str(folder / "pages")))
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        environment = dict(os.environ) | {"AFTERWORD_DATA_DIR": str(folder / "data")}
        subprocess.run([COMMAND, "site", "add", "bench", host], env=environment, check=True, stdout=subprocess.DEVNULL)
        tag = f'<script async src="{address}/embed.js"></script>'
        pages = []
        for name, top_level, replies, shown in (("small", 50, 0, 50), ("middle", 50, 3, 200), ("many", MANY, 0, 50)):
            (folder / f"pages/{name}.html").write_text(_host_page(tag))
            fill(environment, f"{host}/{name}.html", top_level, replies)
            count = 'document.querySelector("afterword-thread")?.shadowRoot?.querySelectorAll("article").length'
            total = top_level * (replies + 1)
            pages.append(Page(f"Afterword, {total:,} comments", f"{host}/{name}.html", address, count, shown))
        stack.enter_context(running([str(COMMAND), "serve", "--port", str(port)], f"{address}/readyz", environment))
        if not chosen.alone:
            pages.append(stack.enter_context(isso(folder, host, chosen.isso)))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        found = measure(browser, pages, chosen.rounds)
        browser.close()
    if chosen.json:
        print(json.dumps({name: vars(cost) for name, cost in found.items()}, indent=2))
        return
    table = Table("a visit with an empty cache", "ready ms", "script ms", "requests", "bytes", "layout shift", box=None)
    for name, cost in found.items():
        table.add_row(
            name,
            f"{cost.ready:.0f}",
            f"{cost.script:.0f}",
            f"{cost.requests:.0f}",
            f"{cost.size:,.0f}",
            f"{cost.shift:.3f}",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
