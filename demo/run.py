"""The demonstration: a made-up newspaper at one address, its comments served by Afterword at another.

Only public commands are used, as an operator would: migrate, site add, import, serve. The ports come from PORT (8000,
the service) and DEMO_PORT (8001, the newspaper), the data folder from AFTERWORD_DATA_DIR (demo/data).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import FrameType

HERE = Path(__file__).resolve().parent
COMMAND = str(Path(sys.executable).parent / "afterword")
HOST = "127.0.0.1"
#: the ports that are written into the pages and the export
SERVICE_PORT, PAGES_PORT = 8000, 8001
#: seconds for the first answer; a cold start on a small machine takes three
PATIENCE = 60
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Addresses:
    """Where this run serves from."""

    service: str
    pages: str

    def put_into(self, content: bytes) -> bytes:
        # by way of a mark, since one new address may be the other's old one
        content = content.replace(f"http://{HOST}:{SERVICE_PORT}".encode(), b"\0")
        content = content.replace(f"http://{HOST}:{PAGES_PORT}".encode(), self.pages.encode())
        return content.replace(b"\0", self.service.encode())


def main() -> int:
    port, pages_port = _port("PORT", SERVICE_PORT), _port("DEMO_PORT", PAGES_PORT)
    addresses = Addresses(f"http://{HOST}:{port}", f"http://{HOST}:{pages_port}")
    os.environ["AFTERWORD_DATA_DIR"] = os.environ.get("AFTERWORD_DATA_DIR") or str(HERE / "data")
    os.environ["AFTERWORD_DEMO_URL"] = f"{addresses.pages}/"
    newspaper = ThreadingHTTPServer((HOST, pages_port), _handler(addresses))
    # a site for each port: origins hold a port, and the data may be of an earlier run with another one
    _prepare(addresses, "demo" if pages_port == PAGES_PORT else f"demo-{pages_port}", pages_port)
    Thread(target=newspaper.serve_forever, daemon=True).start()
    return _serve(addresses, port)


def _port(variable: str, default: int) -> int:
    """Return a port that is free right now; ends the program where it is not."""
    text = os.environ.get(variable) or str(default)
    try:
        socket.create_server((HOST, int(text))).close()
    except (OSError, OverflowError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not a port"
        sys.exit(f"{variable}={text}: {reason}. Choose another one: {variable}={default + 10} make run")
    return int(text)


def _handler(addresses: Addresses) -> type[BaseHTTPRequestHandler]:
    # The strictest policy a page may have: nothing inline, no markup out of strings, one foreign origin.
    policy = (
        f"default-src 'none'; script-src {addresses.service}; connect-src {addresses.service}; style-src 'self'; "
        "img-src 'self'; require-trusted-types-for 'script'"
    )

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files = {file.name: file for file in (HERE / "pages").iterdir() if file.suffix in TYPES}
            file = files.get(self.path.partition("?")[0].removeprefix("/") or "index.html")
            if file is None:
                self.send_error(404)
                return
            content = addresses.put_into(file.read_bytes())
            self.send_response(200)
            self.send_header("Content-Type", TYPES[file.suffix])
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Cache-Control", "no-cache")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the service's own lines are enough to read."""

    return Page


def _prepare(addresses: Addresses, site: str, pages_port: int) -> None:
    _afterword("migrate")
    if site not in {known["name"] for known in json.loads(_afterword("site", "list", "--json"))}:
        _afterword("site", "add", site, addresses.pages, f"http://localhost:{pages_port}")
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "thread.wordpress.xml"
        export.write_bytes(addresses.put_into((HERE / "thread.wordpress.xml").read_bytes()))
        _afterword("import", "wordpress", str(export), "--site", site)


def _afterword(*arguments: str) -> str:
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"afterword {' '.join(arguments)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def _serve(addresses: Addresses, port: int) -> int:
    # a process group of its own: a terminal would send Ctrl-C to it as well, and it would arrive twice
    child = subprocess.Popen([COMMAND, "serve", "--host", HOST, "--port", str(port)], process_group=0)
    asked_to_end = False

    def forward(number: int, frame: FrameType | None) -> None:
        nonlocal asked_to_end
        asked_to_end = True
        child.send_signal(number)

    try:
        signal.signal(signal.SIGINT, forward)
        signal.signal(signal.SIGTERM, forward)
        if _is_ready(child, port):
            print(_invitation(addresses), flush=True)
        status = child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
    if not asked_to_end:
        sys.exit(f"The service ended by itself with status {status}; its last lines above may say why.")
    return 0


def _is_ready(child: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the service answers; false when it ended first."""
    deadline = time.monotonic() + PATIENCE
    while child.poll() is None:
        with suppress(OSError, HTTPException):
            connection = HTTPConnection(HOST, port, timeout=2)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return True
        if time.monotonic() > deadline:
            sys.exit(f"The service was not ready within {PATIENCE} seconds.")
        time.sleep(0.1)
    return False


def _invitation(addresses: Addresses) -> str:
    data = _from_here(os.environ["AFTERWORD_DATA_DIR"])
    return f"""
Afterword is running. Open these in a browser:

  {addresses.pages}/closed.html   an old thread, brought over from WordPress, closed
  {addresses.pages}/open.html     a new one: write the first comment

For pages of your own, tell Afterword where they are served from, then paste the tag where the comments shall be:

  AFTERWORD_DATA_DIR={data} {_from_here(COMMAND)} site add NAME ORIGIN     (ORIGIN as in http://localhost:3000)
  <script async src="{addresses.service}/embed.js"></script>

Ctrl-C ends the demonstration; its data stays in {data}.
"""


def _from_here(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # while things are set up; later the signal is the service's
        sys.exit(0)
