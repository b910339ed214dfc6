"""The table of what may go wrong, and of what became of it: python -m tests.faults.table RESULTS.xml ...

RESULTS are what pytest --junit-xml wrote, one file for each database, which the file is named after. Ends with 1 if any
test failed or a run left no results.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

from defusedxml.ElementTree import parse

#: what is done, by the id that a test names in its mark `fault`
FAULTS = {
    "F1": "a worker is killed, again and again",
    "F2": "master and workers are killed",
    "F3": "the database server, or a process of it, is killed",
    "F4": "power is lost: is a comment on the disk before its answer?",
    "F5": "the disk is full",
    "F6": "the data can no longer be written",
    "F7": "the clock jumps a day on, a day back, ten years back",
    "F8": "500 clients send byte by byte",
    "F9": "10,000 connections lie idle",
    "F10": "workers are replaced, the service is stopped, under load",
    "F11": "comments are sent up to five times, answers cut off",
    "F12": "one key for two texts, and fifty times at once",
    "F13": "pages are closed in a storm",
    "F14": "edits, deletions and decisions race",
    "F15": "bodies without end, of wrong length, in two readings",
    "F16": "text that is no text",
    "F17": "100,000 comments on a page",
    "F18": "text that looks like another",
    "F19": "a migration under load, killed halfway",
    "F20": "two processes begin to migrate at once",
    "F21": "mail and hooks go nowhere",
    "F22": "backup and restore under load",
    "F23": "a reader looks at one moment for a minute",
    "F24": "an import while readers post",
    "F25": "the costliest texts, twenty at once",
    "F26": "a worker stands still",
    "F27": "a long time",
}


def read(path: Path) -> dict[str, Counter[str]]:
    """Return how often each outcome was met, by fault; `path` is what pytest wrote."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for case in parse(path).iter("testcase"):
        parts = {part.tag for part in case}
        outcome = "failed" if parts & {"failure", "error"} else "skipped" if "skipped" in parts else "passed"
        for fault in case.iter("property"):
            if fault.get("name") == "fault":
                found[str(fault.get("value"))][outcome] += 1
    return found


def lines(results: dict[str, dict[str, Counter[str]]]) -> list[str]:
    """Return the table; `results` is by database what `read` returns."""
    width = max(map(len, FAULTS.values()))
    heads = "".join(f"  {name:<14}" for name in results)
    table = [f"{'id':<4} {'what is done':<{width}}{heads}".rstrip()]
    for fault, what in FAULTS.items():
        cells = "".join(f"  {_told(found.get(fault, Counter())):<14}" for found in results.values())
        table.append(f"{fault:<4} {what:<{width}}{cells}".rstrip())
    return table


def _told(outcomes: Counter[str]) -> str:
    if outcomes["failed"]:
        return f"{outcomes['failed']} failed"
    if outcomes["passed"]:
        return f"{outcomes['passed']} passed"
    return "not here"


def main(paths: list[Path]) -> int:
    """Print the table of these files; returns the exit status."""
    print("\n".join(lines({path.stem: read(path) for path in paths if path.exists()})))
    return int(not all(path.exists() and _is_green(path) for path in paths))


def _is_green(path: Path) -> bool:
    return not any(part.tag in ("failure", "error") for case in parse(path).iter("testcase") for part in case)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
