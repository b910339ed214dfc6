"""The service calls nobody: not for titles of pages, not for pictures, not for anything (S1, G9)."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from pathlib import Path

import pytest

from service import pages
from service.people.audit import COMMAND_LINE
from tests import outbound
from tests.conftest import NOW, Reader

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("2001:db8::1", 9), ("169.254.169.254", 80)])
def test_the_watch_sees_who_leaves(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as leaving:
        leaving.setblocking(False)
        leaving.connect(address)
    # no IPv6 on this machine: then there is nothing to see
    assert outbound.left or ":" in address[0]
    outbound.left.clear()


def test_the_watch_lets_this_machine_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert outbound.left == []


def test_a_page_that_is_posted_to_is_never_asked_for(reader: Reader) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        host = f"http://127.0.0.1:{server.getsockname()[1]}"
        pages.add("local", [host], NOW, COMMAND_LINE)
        there = Reader(reader.client, host)
        body = f"See ![x]({host}/x.png) and {host}/y"
        sent = {"website": f"{host}/ann", "name": "Ann"}
        assert there.posts(body, page=f"{host}/page", title="T", author=sent).status_code == 201
        there.sees(f"{host}/page")
        assert threading.active_count() < 50
        with pytest.raises(BlockingIOError):
            server.accept()


def test_no_module_of_the_service_can_call_anybody() -> None:
    """Until there is one that may: then it stands here."""
    modules = r"requests|httpx|aiohttp|urllib3|urllib\.request|http\.client|smtplib|socket"
    callers = re.compile(rf"^\s*(?:import|from) (?:{modules})\b", re.MULTILINE)
    files = (ROOT / "service").rglob("*.py")
    found = [str(path.relative_to(ROOT)) for path in files if callers.search(path.read_text(encoding="utf-8"))]
    assert [path for path in found if not path.startswith("service/notify/")] == []
