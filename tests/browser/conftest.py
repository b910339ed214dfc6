"""A real service, host pages on another origin under a strict policy, and a real browser.

Every host page forbids everything but the service's script and connections and demands Trusted Types, in every test;
a violation of that policy, or an error in the page, fails the test that caused it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page

from service import cli, settings

#: what a test waits for at the longest, in milliseconds; conditions are awaited, never durations
PATIENCE = 15_000
COMMAND = Path(sys.executable).with_name("afterword")
DEMO = Path(__file__).parents[2] / "demo"
PASSWORD = "a clock that is right twice"


@dataclass
class Service:
    """A running service; `host` is the origin of the pages that carry its threads."""

    address: str
    host: str
    environment: dict[str, str]
    pages: dict[str, str]
    #: what it printed as it started
    said: str = ""

    def runs(self, *arguments: str, typed: str | None = None) -> str:
        """Run a command of the product, here in this process, and return what it printed."""
        done = CliRunner(env=self.environment).invoke(cli.main, arguments, input=typed, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def hosts(self, name: str, body: str | None = None, head: str = "") -> str:
        """Serve a host page and return its address. Without a body it holds a heading and the tag, nothing else."""
        tag = f'<script async src="{self.address}/embed.js"></script>'
        content = f"<h1>{name}</h1>{tag}" if body is None else body.replace("{tag}", tag)
        self.pages[f"/{name}"] = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>'
            f"<body><main>{content}</main></body></html>"
        )
        return f"{self.host}/{name}"

    def posts(self, page: str, body: str, **fields: Any) -> dict[str, Any]:
        """Post a comment as some other reader would and return it."""
        sent = {"page": page, "body": body, "author": {"name": "Ben"}} | fields
        request = urllib.request.Request(
            f"{self.address}/api/v1/comments",
            json.dumps(sent).encode(),
            {"Content-Type": "application/json", "Origin": self.host},
        )
        with urllib.request.urlopen(request) as answer:
            comment: dict[str, Any] = json.load(answer)["comment"]
        return comment

    def acts(self, method: str, path: str, key: str, **sent: Any) -> None:
        """Do something as the reader with this key, who is not the one whose browser is watched."""
        headers = {"Content-Type": "application/json", "Origin": self.host, "Authorization": f"Bearer {key}"}
        body = json.dumps(sent).encode() if sent else None
        request = urllib.request.Request(f"{self.address}/api/v1/{path}", body, headers, method=method)
        urllib.request.urlopen(request).close()

    def thread(self, page: str) -> dict[str, Any]:
        """Return a page's thread as the API gives it."""
        with urllib.request.urlopen(f"{self.address}/api/v1/thread?page={page}") as answer:
            thread: dict[str, Any] = json.load(answer)
        return thread


def _host_pages(service: Callable[[], Service]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Serves the pages of a site that has nothing to do with the service."""

        def do_GET(self) -> None:
            page = service().pages.get(self.path.split("?")[0])
            self.send_response(200 if page is not None else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            address = service().address
            policy = (
                f"default-src 'none'; script-src {address}; connect-src {address}; style-src 'self'; img-src 'self'; "
                "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
            )
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving(folder: Path, workers: int = 2) -> Iterator[Service]:
    """Serve the site `news`, whose pages another server on another port serves, with all data in a folder."""
    running: list[Service] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _host_pages(lambda: running[0]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AFTERWORD_")}
    environment |= {"AFTERWORD_DATA_DIR": str(folder)}
    default = settings._default_database(folder)
    if not default.startswith("sqlite"):  # what tests in this process take for the default, others have to be told
        environment |= {"AFTERWORD_DATABASE_URL": default}
    environment |= {"AFTERWORD_LIMIT_POSTS": "off", "AFTERWORD_LIMIT_PAGE_POSTS": "off"}
    environment |= {"AFTERWORD_LIMIT_ACTS": "off"}
    host = f"http://127.0.0.1:{server.server_port}"
    running.append(Service(f"http://127.0.0.1:{port}", host, environment, {"/favicon.ico": ""}))
    running[0].runs("site", "add", "news", host)
    running[0].runs("rules", "set", "news", "repeats=false")  # the tests of one service say the same things
    command = [COMMAND, "serve", "--port", str(port), "--workers", str(workers)]
    with (folder / "said").open("w", encoding="utf-8") as said:
        process = subprocess.Popen(command, env=environment, stdout=said)
    try:
        _await_ready(running[0].address, process)
        running[0].said = (folder / "said").read_text(encoding="utf-8")
        yield running[0]
    finally:
        process.terminate()
        process.wait(30)
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with the site `news`, one for all tests of a process."""
    with serving(tmp_path_factory.mktemp("service")) as running:
        yield running


def free_port() -> int:
    """Return a port that nobody uses."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_that(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail loudly when it does not within half a minute."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited half a minute in vain")


def _await_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    def ready() -> bool:
        assert process.poll() is None, "afterword serve ended by itself"
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/readyz") as answer:
            return bool(answer.status == 200)
        return False

    await_that(ready)


@dataclass
class Desk:
    """A moderator's own site at a service, where every comment waits."""

    service: Service
    site: str
    name: str
    host: str

    def at(self, path: str) -> str:
        """Return the address of a page of the operators."""
        return f"{self.service.address}/admin/{path}"

    def posts(self, body: str, **fields: Any) -> int:
        """Post a comment; it is held."""
        reader = Service(self.service.address, self.host, {}, {})
        return int(reader.posts(f"{self.host}/clock", body, **fields)["id"])

    def states(self) -> dict[int, str]:
        """Return how all comments of the site stand."""
        listed = json.loads(self.service.runs("comment", "list", "--site", self.site, "--json"))
        return {each["id"]: each["state"] for each in listed}


_numbers = count()


@pytest.fixture
def desk(service: Service) -> Iterator[Desk]:
    """A site with a moderator of its own, who sees this site alone."""
    number = next(_numbers)
    made = Desk(service, f"blog{number}", f"mia{number}", f"https://blog{number}.example.org")
    service.runs("site", "add", made.site, made.host)
    service.runs("rules", "set", made.site, "publish=none")
    service.runs("operator", "add", made.name, "--site", made.site, "--password-stdin", typed=f"{PASSWORD}\n")
    yield made
    service.runs("site", "remove", made.site, "--yes")


@pytest.fixture(scope="session")
def owner(service: Service) -> str:
    """The name of an owner."""
    service.runs("operator", "add", "olga", "--role", "owner", "--password-stdin", typed=f"{PASSWORD}\n")
    return "olga"


@dataclass
class Visit:
    """Somebody's browser, and what went wrong in it."""

    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def opens(
        self, address: str, await_thread: bool = True, prepare: Callable[[Page], object] = lambda page: None
    ) -> Page:
        """Open a page, prepared before anything is in it; wait until its thread, or what stands for it, is there."""
        page = self.context.new_page()
        prepare(page)
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", self._heard)
        page.on("request", lambda request: self.requests.append(request.url))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"
        )
        page.goto(address)
        if await_thread:
            page.locator("afterword-thread").first.get_by_role("heading", level=2).first.wait_for()
        return page

    def _heard(self, message: Any) -> None:
        # the browser reports every failed request in its console; those are the subject of some tests
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A reader's browser, new and empty. Afterwards: no error, no dialog, no violated policy."""
    options = getattr(request, "param", {})
    context = browser.new_context(**({"locale": "en-GB", "timezone_id": "UTC"} | options))
    visiting = Visit(context)
    yield visiting
    context.close()
    assert visiting.faults == []


@pytest.fixture(scope="session")
def closed_page(service: Service, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The old article with its closed thread, imported from the demonstration's export."""
    page = service.hosts("closed.html")
    export = (DEMO / "thread.wordpress.xml").read_text(encoding="utf-8")
    moved = tmp_path_factory.mktemp("export") / "thread.xml"
    moved.write_text(export.replace("http://127.0.0.1:8001", service.host), encoding="utf-8")
    service.runs("import", "wordpress", str(moved), "--site", "news")
    return page
