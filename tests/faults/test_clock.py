"""A clock that jumps: comments keep their order, limits end with their window, nobody meets an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.accounting import settle_accounts
from tests.faults.clients import Ledger
from tests.faults.harness import ORIGIN, Service

LIBRARIES = ("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
LIBRARY = next((path for path in LIBRARIES if Path(path).exists()), None)
#: libfaketime 0.9.10 lets nobody sleep until a moment of the clock that it leaves alone, which Python's sleep does
AWAKE = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"
HOUR, DAY = 3_600, 86_400

pytestmark = [
    pytest.mark.fault("F7"),
    pytest.mark.long,
    pytest.mark.skipif(LIBRARY is None, reason="needs the package libfaketime: it gives one process another clock"),
]


class Clock:
    """The clock that a service goes by: `set` says how many seconds it is off, at once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set(0)
        told = {"FAKETIME_TIMESTAMP_FILE": str(self._file), "LD_PRELOAD": str(LIBRARY)}
        # its waiting goes by the machine's own clock, and so do the times of files
        told |= {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        (folder / "sitecustomize.py").write_text(AWAKE)
        told["PYTHONPATH"] = str(folder)
        self.before = ["env", *(f"{name}={value}" for name, value in told.items())]

    def set(self, seconds: int) -> None:
        """Move the clock."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self._file)


@pytest.mark.parametrize("jump", [DAY, -DAY, -3_650 * DAY], ids=["a day on", "a day back", "ten years back"])
def test_a_clock_that_jumps_disturbs_neither_order_nor_limits(
    make_service: Callable[..., Service], tmp_path: Path, jump: int
) -> None:
    service = make_service(workers=2, LIMIT_POSTS="4/hour")
    clock = Clock(tmp_path)
    service.start(*clock.before)
    ledger = Ledger(service)
    page = f"{ORIGIN}/clock"
    assert [ledger.post(page).status for _ in range(5)] == [201] * 4 + [429]

    clock.set(jump)
    assert {ledger.post(page).status for _ in range(5)} <= {201, 429}
    assert service.read(page).status == 200
    assert service.ask("GET", "/readyz").status in (200, 503)
    clock.set(jump + HOUR + 60)  # one window later, nobody is held up any more
    assert [ledger.post(page).status for _ in range(5)] == [201] * 4 + [429]
    settle_accounts(ledger)  # now: ten years later, keys of today are forgotten as they should
    clock.set(0)
    assert {ledger.post(page).status for _ in range(3)} <= {201, 429}
    clock.set(HOUR + 60)
    assert ledger.post(page).status == 201

    acknowledged = [min(sent.acknowledged) for sent in ledger.sent if sent.acknowledged]
    assert acknowledged == sorted(acknowledged)
    shown = service.ask("GET", f"/api/v1/thread?sort=oldest&page={page}").content
    assert [each["id"] for each in shown["comments"]] == acknowledged
    assert ledger.counts().keys() == {201, 429}
    assert shown["page"]["count"] == len(acknowledged)
