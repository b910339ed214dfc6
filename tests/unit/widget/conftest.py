"""A real browser, host pages on one origin, and on another a stand-in for the service that says what a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

WIDGET = Path(__file__).parents[3] / "widget"
_TYPES = {".js": "text/javascript", ".json": "application/json", ".css": "text/css"}
_ALLOWED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Content-Type, Authorization, Idempotency-Key",
    "Access-Control-Expose-Headers": "Retry-After",
}


def comment(id: int, html: str = "<p>Fine.</p>", parent: int | None = None, depth: int = 0, **fields: Any) -> Any:
    """Return a comment as the service answers it; a top-level comment's number is its id unless given."""
    author = {"name": "Ann", "website": None, "operator": False}
    answer = {"id": id, "parent": parent, "depth": depth, "number": None if parent else id, "author": author}
    answer |= {"html": html, "created": "2011-05-14T18:20:00Z", "edited": None, "state": "published"}
    return answer | {"score": 0, "replies": 0} | fields


@dataclass
class Service:
    """The stand-in: what it answers, and what it was asked."""

    address: str = ""
    host: str = ""
    comments: list[Any] = field(default_factory=list)
    next: str | None = None
    #: parts of the thread by cursor
    parts: dict[str, tuple[list[Any], str | None]] = field(default_factory=dict)
    page: dict[str, Any] = field(default_factory=dict)
    site: dict[str, Any] = field(default_factory=dict)
    #: answers to writes, the next one first; when none is left a comment is published
    answers: list[tuple[int, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    thread_status: int = 200
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    writes: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def refuses(self, status: int, kind: str, headers: dict[str, str] | None = None, **problem: Any) -> None:
        """Answer the next write with a problem."""
        self.answers.append((status, {"type": f"/problems/{kind}", "status": status} | problem, headers or {}))

    def thread(self, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        self.asked.append(query)
        if self.thread_status != 200:
            kind = "unknown-site" if self.thread_status == 404 else "unavailable"
            return self.thread_status, {"type": f"/problems/{kind}"}
        shown, after = self.parts.get(query.get("after", [""])[0], (self.comments, self.next))
        page = {"url": query["page"][0], "title": "", "closed": False, "reason": None, "reopens": None}
        page |= {"count": sum(one["state"] == "published" for one in self.comments), "version": 1} | self.page
        site = {"name": "blog", "names": "required", "depth": 5, "body": 10_000} | self.site
        return 200, {"page": page, "site": site, "comments": shown, "next": after}

    def write(self, headers: dict[str, str], sent: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
        self.writes.append((headers, sent))
        if self.answers:
            return self.answers.pop(0)
        return 201, {"comment": self.made(sent), "reader_key": "reader-key-of-this-browser"}, {}

    def made(self, sent: dict[str, Any], **fields: Any) -> Any:
        """Return the comment that a write makes."""
        made = comment(900 + len(self.writes), f"<p>{sent['body']}</p>", sent.get("parent"))
        made["author"] = made["author"] | {"name": sent["author"].get("name", "")}
        made["depth"] = 1 if made["parent"] else 0
        return made | fields


class _Handler(BaseHTTPRequestHandler):
    service: Callable[[], Service]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_OPTIONS(self) -> None:
        self.answer(204, b"", "text/plain", _ALLOWED)

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/api/v1/thread":
            status, body = self.service().thread(parse_qs(asked.query))
            return self.answer(status, json.dumps(body).encode(), "application/json", _ALLOWED)
        if asked.path == "/api/v1/reader":
            own = {"comments": [], "votes": {}}
            return self.answer(200, json.dumps(own).encode(), "application/json", _ALLOWED)
        if asked.path in self.service().pages:
            html, headers = self.service().pages[asked.path]
            return self.answer(200, html.encode(), "text/html; charset=utf-8", headers)
        for folder in (WIDGET / "dist", WIDGET):
            file = folder / asked.path.lstrip("/")
            if file.is_file():
                return self.answer(200, file.read_bytes(), _TYPES[file.suffix], {"Access-Control-Allow-Origin": "*"})
        return self.answer(404, b"", "text/plain")

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, body, headers = self.service().write(dict(self.headers), sent)
        self.answer(status, json.dumps(body).encode(), "application/json", _ALLOWED | headers)


@pytest.fixture(scope="session")
def _servers() -> Iterator[list[Any]]:
    """Two origins with one handler: host pages are asked of the first, the service of the second."""
    current: list[Any] = [None]
    handler = type("Handler", (_Handler,), {"service": staticmethod(lambda: current[0])})
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    current += [f"http://127.0.0.1:{server.server_port}" for server in servers]
    yield current
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def service(_servers: list[Any]) -> Service:
    """A stand-in of the test's own, with one comment on every page."""
    _servers[0] = Service(host=_servers[1], address=_servers[2], comments=[comment(1)])
    return _servers[0]


@dataclass
class Visitor:
    """A reader's browser at host pages, and what went wrong in it."""

    context: BrowserContext
    service: Service
    faults: list[str] = field(default_factory=list)
    tabs: list[Page] = field(default_factory=list)

    def opens(
        self,
        path: str = "/page",
        body: str = "{tag}",
        head: str = "",
        csp: str = "",
        script: str = "",
        await_thread: bool = True,
    ) -> Page:
        """Open a host page in a new tab; `{tag}` in its body or head is the script tag, `script` runs before all."""
        fragment = path.partition("#")[2]
        path = path.partition("#")[0]
        tag = f'<script async src="{self.service.address}/embed.js"></script>'
        html = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>{head}</head>'
        html = (html + f"<body><main>{body}</main></body></html>").replace("{tag}", tag)
        headers = {"Content-Security-Policy": csp} if csp else {}
        self.service.pages[path] = (html.replace("{service}", self.service.address), headers)
        page = self.context.new_page()
        self.tabs.append(page)
        page.set_default_timeout(5000)
        if script:
            page.add_init_script(script)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        page.goto(f"{self.service.host}{path}" + (f"#{fragment}" if fragment else ""))
        if await_thread:
            page.locator(".thread:not([aria-busy])").first.wait_for()
        return page

    def _heard(self, message: Any) -> None:
        # failed requests, which the browser reports here, are the subject of some tests
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)


@pytest.fixture(scope="session")
def _context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", timezone_id="UTC")
    yield context
    context.close()


@pytest.fixture
def visitor(_context: BrowserContext, service: Service) -> Iterator[Visitor]:
    """A reader whose browser keeps nothing of the tests before; an error in the page fails the test."""
    visiting = Visitor(_context, service)
    yield visiting
    _context.set_offline(False)
    for page in visiting.tabs:
        clear = {"origin": service.host, "storageTypes": "local_storage"}
        _context.new_cdp_session(page).send("Storage.clearDataForOrigin", clear)
        page.close()
    assert visiting.faults == []


@pytest.fixture(scope="session")
def _module_page(_context: BrowserContext, _servers: list[Any]) -> Iterator[Page]:
    _servers[0] = Service(pages={"/modules": ("<!doctype html><title>Modules</title>", {})})
    page = _context.new_page()
    page.goto(f"{_servers[1]}/modules")
    yield page
    page.close()


@pytest.fixture
def module(_module_page: Page, service: Service) -> Callable[..., Any]:
    """Return a function that runs JavaScript with a source module as `m` and its other arguments as `a`."""

    def run(name: str, script: str, *arguments: Any) -> Any:
        source = f"async (a) => {{ const m = await import('/src/{name}.js'); {script} }}"
        return _module_page.evaluate(source, list(arguments))

    return run


def write(page: Page, text: str = "A thought.", name: str = "Nora") -> Locator:
    """Fill in the form under the thread and return it."""
    form = page.locator(".foot form")
    form.get_by_label("Your comment").fill(text)
    form.get_by_label("Name").fill(name)
    return form


def send(form: Locator) -> None:
    """Press the form's button."""
    form.get_by_role("button", name="Send").click()
