"""A disk that is full, or that can no longer be written, stops the writing and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.accounting import settle_accounts, stored
from tests.faults.clients import Ledger
from tests.faults.harness import ORIGIN, Service, await_

PAGE = f"{ORIGIN}/disk"
#: mounts of a process of its own, seen by nobody else and gone with it
OWN_MOUNTS = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
#: runs the command behind the folder $1 with a copy of the folder in its place, on a disk of 4 MiB
ON_A_SMALL_DISK = """
    set -e; cp -a "$1" "$1.before"; mount -t tmpfs -o size=4m none "$1"; cp -a "$1.before/." "$1/"; shift; exec "$@"
"""
#: runs the command behind the folder $1 with that folder mounted so that nothing in it can be written
READ_ONLY = 'set -e; mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; shift; exec "$@"'
#: writes what is received, sent and brought to the disk by the command behind it to a file
CALLS = "trace=recvfrom,read,sendto,sendmsg,write,writev,fsync,fdatasync"
TRACING = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "60", "-e", CALLS, "-o"]


def _may_mount(folder: Path) -> str:
    """Return why mounts of one's own are not to be had here, nothing if they are."""
    if shutil.which("unshare") is None:
        return "there is no unshare command"
    tried = subprocess.run(
        [*OWN_MOUNTS, "mount", "-t", "tmpfs", "none", str(folder)], capture_output=True, text=True, check=False
    )
    return tried.stderr.strip() or ("" if tried.returncode == 0 else "it may not")


@pytest.fixture
def own_mounts(tmp_path: Path) -> None:
    """Skips the test where this user may not mount anything, not even for a process of its own."""
    if reason := _may_mount(tmp_path):
        pytest.skip(f"needs mounts of its own: {reason}")


@pytest.mark.fault("F5")
@pytest.mark.usefixtures("own_mounts")
@pytest.mark.sqlite(reason="its file lies in the folder; a server of its own keeps its disk")
def test_a_full_disk_refuses_comments_and_nothing_else(make_service: Callable[..., Service], tmp_path: Path) -> None:
    service = make_service(workers=1)
    # never ready: a disk of this size has less than the free space that /readyz asks for
    service.start(*OWN_MOUNTS, "sh", "-c", ON_A_SMALL_DISK, "sh", str(service.data), ready="/healthz")
    data = Path(f"/proc/{service.pid}/root{service.data}")  # the folder as the service sees it
    (data / "ballast").write_bytes(bytes(1_000_000))
    ledger = Ledger(service)
    long = "word " * 1_800
    for _ in range(400):
        if ledger.post(PAGE, text=long).status != 201:
            break
    kept = ledger.counts()[201]
    assert kept >= 20
    for _ in range(5):
        answer = ledger.post(PAGE, text=long)
        assert answer.status in (503, 507), answer
        assert int(answer.headers["Retry-After"]) > 0
    assert ledger.counts()[507] >= 5
    assert service.read(PAGE).content["page"]["count"] == kept
    newest = service.ask("GET", f"/api/v1/thread?sort=newest&page={PAGE}")
    assert newest.content["comments"][0]["number"] == kept
    assert service.ask("GET", "/readyz").status == 503

    said_no = {sent.key for sent in ledger.sent if sent.unknown}
    # SQLite would follow that path to the wrong folder; a copy does while nobody writes
    shutil.copytree(data, tmp_path / "full")
    assert not said_no & {row["key"] for row in stored(tmp_path / "full")}, (
        "stored, though it was said that nothing was"
    )
    (data / "ballast").unlink()
    ledger.settle()
    shutil.copytree(data, tmp_path / "freed")
    assert settle_accounts(ledger, tmp_path / "freed") == len(ledger.sent)


@pytest.mark.slow
@pytest.mark.fault("F6")
@pytest.mark.usefixtures("own_mounts")
@pytest.mark.sqlite(reason="its file lies in the folder; a server of its own keeps its disk")
def test_data_that_cannot_be_written_can_still_be_read(make_service: Callable[..., Service]) -> None:
    service = make_service(workers=1)
    service.start()
    ledger = Ledger(service)
    assert [ledger.post(PAGE).status for _ in range(3)] == [201] * 3
    service.kill()  # as a failing disk would leave it: with a log that was not folded into the database

    service.start(*OWN_MOUNTS, "sh", "-c", READ_ONLY, "sh", str(service.data), ready="/healthz")
    for _ in range(8):
        assert service.read(PAGE).content["page"]["count"] == 3
        answer = ledger.post(PAGE)
        assert answer.status == 503, answer
        assert int(answer.headers["Retry-After"]) > 0
    answer = service.ask("GET", "/readyz")
    assert answer.status == 503
    assert "DATA_DIR cannot be written." in answer.content["faults"]

    enter = ["nsenter", "--target", str(service.pid), "--mount"]
    enter += [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    subprocess.run([*enter, "mount", "-o", "remount,rw,bind", str(service.data)], check=True)
    service.await_ready()
    ledger.settle()
    assert settle_accounts(ledger) == len(ledger.sent)


#: what has every process of Python begin with a database that does not wait for the disk
CARELESS = """
from service.database import engine
engine._PRAGMAS = tuple(each.replace("synchronous=FULL", "synchronous=NORMAL") for each in engine._PRAGMAS)
"""
_SAID = r'(?:sendto|sendmsg|write|writev)\(.*"HTTP/1.1 201 '
POSTS, MANY_POSTS = 3, 10_000


def _traced_posts(service: Service, posts: int, *before: str) -> list[str]:
    """Post one comment after another to a service that is traced; return those acknowledged before they were stored."""
    trace = service.folder / "trace"
    tracing = [*TRACING, str(trace)]
    if shutil.which("strace") is None or subprocess.run([*tracing, "true"], check=False).returncode:
        pytest.skip("needs strace, and that it may be used: it shows what a process asks of the kernel")
    service.start(*before, *tracing)
    ledger = Ledger(service)
    for _ in range(posts):
        assert ledger.post(PAGE).status == 201
    await_("the answers in the trace", lambda: _traced(trace, _SAID, posts))
    synced, too_early, acknowledged = "", [], 0
    for _, call in _lines(trace):  # of all threads: the one that stores is not the one that answers
        if "POST /api/v1/comments" in call:
            synced = ""
        elif re.match(r"f(data)?sync\(\d+<.*/afterword\.db-wal>", call):
            synced = call
        elif re.match(_SAID, call):
            acknowledged += 1
            too_early += [] if synced.endswith("= 0") else [f"{synced} {call}"]
    print(f"{acknowledged} comments were acknowledged, {len(too_early)} of them before they were on the disk")
    assert acknowledged == posts
    return too_early


@pytest.mark.fault("F4")
@pytest.mark.sqlite(reason="its file lies in the folder; a server of its own keeps its disk")
@pytest.mark.parametrize("posts", [POSTS, pytest.param(MANY_POSTS, marks=pytest.mark.long)])
def test_a_comment_is_on_the_disk_before_it_is_acknowledged(make_service: Callable[..., Service], posts: int) -> None:
    assert _traced_posts(make_service(workers=1, threads=2), posts) == []


@pytest.mark.long
@pytest.mark.fault("F4")
@pytest.mark.sqlite(reason="its file lies in the folder; a server of its own keeps its disk")
def test_one_that_is_not_would_be_seen(make_service: Callable[..., Service], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(CARELESS, encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    assert len(_traced_posts(make_service(workers=1, threads=2), 20, "env", f"PYTHONPATH={paths}")) > 10


def _lines(trace: Path) -> list[tuple[str, str]]:
    """Return (thread, call) for each line of the trace, calls that others interrupted put together again."""
    whole: list[tuple[str, str]] = []
    begun: dict[str, str] = {}
    for line in trace.read_text(errors="replace").splitlines():
        thread, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[thread] = call.removesuffix("<unfinished ...>")
        elif resumed := re.match(r"<\.\.\. \w+ resumed>", call):
            whole.append((thread, begun.pop(thread, "") + call[resumed.end() :]))
        else:
            whole.append((thread, call))
    return whole


def _traced(trace: Path, pattern: str, count: int) -> list[tuple[str, str]]:
    found = [line for line in _lines(trace) if re.match(pattern, line[1])]
    return found if len(found) >= count else []
