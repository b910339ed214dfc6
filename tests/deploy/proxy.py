"""A real nginx that runs the shipped site, and a relay between it and the service that notes what is asked behind it.

The site is the file of `deploy/`, word for word but for `PUT_IN`: this machine's ports, folders and certificate.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.faults.harness import HOST, PATIENCE, Answer, Service, await_

ROOT = Path(__file__).parents[2]
SITE = ROOT / "deploy" / "nginx.conf"
NAME = "comments.example.org"
#: what the service is told when it stands behind the proxy
BEHIND = {"PUBLIC_URL": f"https://{NAME}", "TRUSTED_PROXIES": HOST}
#: why a machine cannot run these tests; None where it can
MISSING = next((f"{tool} is not installed" for tool in ("nginx", "openssl") if not shutil.which(tool)), None)

_MAIN = """
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 2048; }}
http {{
    sendfile on; tcp_nopush on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
    {more}
}}
"""


class Proxy:
    """An nginx with a folder and ports of its own, in front of the service at `behind`.

    `changed` are further replacements in the shipped file, for tests that would have to wait else; `more` is put into
    the `http` block behind it.
    """

    def __init__(
        self,
        folder: Path,
        behind: int,
        changed: Mapping[str, str] | None = None,
        more: str = "",
        *,
        name: str = "nginx",
    ) -> None:
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self.port, self.plain_port = free_port(), free_port()
        self._main = self.folder / "main.conf"
        self._process: subprocess.Popen[bytes] | None = None
        certificate, key = make_certificate(self.folder)
        self.context = ssl.create_default_context(cafile=str(certificate))
        put_in = {
            "127.0.0.1:8000": f"{HOST}:{behind}",
            "127.0.0.1:8010": f"{HOST}:{free_port()}",
            "listen 80;": f"listen {HOST}:{self.plain_port};",
            "listen 443 ssl": f"listen {HOST}:{self.port} ssl",
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "/etc/letsencrypt/live/comments.example.org/fullchain.pem": str(certificate),
            "/etc/letsencrypt/live/comments.example.org/privkey.pem": str(key),
            "/var/cache/nginx/": f"{self.folder}/cache-",
            "/var/log/nginx/afterword.log": str(self.folder / "access.log"),
        }
        site = SITE.read_text(encoding="utf-8")
        for old, new in (put_in | dict(changed or {})).items():
            assert old in site, f"deploy/nginx.conf has no {old!r} any more"
            site = site.replace(old, new)
        (self.folder / "site.conf").write_text(site, encoding="utf-8")
        user = "user root;" if os.geteuid() == 0 else ""  # or its workers could not enter the test's folder
        self._main.write_text(_MAIN.format(user=user, folder=self.folder, more=more), encoding="utf-8")

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = ["nginx", "-p", str(self.folder), "-c", str(self._main), "-g", "daemon off;"]
        with (self.folder / "out.log").open("wb") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out)

        # all of them: where one is taken for a moment, nginx tries that one again
        said = (self.folder / "site.conf").read_text(encoding="utf-8") + self._main.read_text(encoding="utf-8")
        ports = [int(port) for port in re.findall(rf"listen {re.escape(HOST)}:(\d+)", said)]

        def listens() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "out.log").read_text()
            return all(_listens(port) for port in ports)

        await_("nginx", listens)

    def stop(self) -> None:
        """End it, whatever it is doing."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def processes(self) -> list[int]:
        """Return the ids of its processes."""
        assert self._process is not None
        pid = self._process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def connect(self, source: str = HOST) -> ssl.SSLSocket:
        """Return a connection over TLS, made from the address `source` of this machine."""
        plain = socket.create_connection((HOST, self.port), timeout=PATIENCE, source_address=(source, 0))
        return self.context.wrap_socket(plain, server_hostname=NAME)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        source: str = HOST,
    ) -> Answer:
        """Send a request on a connection of its own and return the answer."""
        return self.exchange(method, path, body, headers, source)[0]

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        source: str = HOST,
    ) -> tuple[Answer, bytes]:
        """Do as `ask`, and return the raw content as well."""
        try:
            with contextlib.closing(self.connect(source)) as connection:
                asked = http.client.HTTPConnection(NAME)
                asked.sock = connection
                asked.request(method, path, body, dict(headers or {}))
                response = asked.getresponse()
                raw = response.read()
                return Answer(response.status, _json(raw), response.headers), raw
        except ConnectionRefusedError:
            return Answer(0, refused=True), b""
        except (OSError, http.client.HTTPException):
            return Answer(0), b""

    def say(self, raw: bytes, source: str = HOST) -> bytes:
        """Send bytes as they are and return all that comes until nginx hangs up."""
        with contextlib.closing(self.connect(source)) as connection:
            connection.sendall(raw)
            return _rest(connection)

    def log(self) -> str:
        """Return the access log."""
        return (self.folder / "access.log").read_text(encoding="utf-8")


class Relay:
    """Stands between proxy and service: passes everything on and keeps each request's head."""

    def __init__(self, service: Service) -> None:
        self.heads: list[str] = []
        self._service = service
        self._lock = threading.Lock()
        self._listener = socket.create_server((HOST, 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def asked(self, path: str) -> list[str]:
        """Return the targets of all requests so far whose path begins so."""
        with self._lock:
            return [target for target in (head.split(" ", 2)[1] for head in self.heads) if target.startswith(path)]

    def stop(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(near,), daemon=True).start()

    def _pass_on(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.create_connection((HOST, self._service.port)) as far:
            back = threading.Thread(target=_pump, args=(far, near), daemon=True)
            back.start()
            while part := near.recv(65_536):
                if re.match(rb"[A-Z]+ \S+ HTTP/1\.[01]\r\n", part):
                    with self._lock:
                        self.heads.append(part.partition(b"\r\n\r\n")[0].decode("latin-1"))
                far.sendall(part)
            far.shutdown(socket.SHUT_WR)
            back.join()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for NAME that is good for a day; return where it and its key lie."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def header(head: str, name: str) -> Sequence[str]:
    """Return the values of a header in a request's head."""
    lines = [line.partition(":") for line in head.split("\r\n")[1:]]
    return [value.strip() for said, _, value in lines if said.lower() == name.lower()]


def _pump(far: socket.socket, near: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := far.recv(65_536):
            near.sendall(part)
    with contextlib.suppress(OSError):
        near.shutdown(socket.SHUT_RDWR)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _rest(connection: Any) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)
