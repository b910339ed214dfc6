"""Clients that write down what they send before they send it, and what they were told."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.faults.harness import ORIGIN, PATIENCE, Answer, Service, await_

#: comments that one client posts at most, so that no storm outlives a test that failed
MOST_POSTS = 2_000

T = TypeVar("T")


@dataclass
class Sent:
    """A comment that was sent, and all that was answered."""

    key: str
    page: str
    body: str
    parent: int | None = None
    answers: list[Answer] = field(default_factory=list)

    @property
    def acknowledged(self) -> set[int]:
        """The ids under which it was acknowledged: one, or none."""
        return {answer.content["comment"]["id"] for answer in self.answers if answer.status in (201, 202)}

    @property
    def unknown(self) -> bool:
        """Whether it may or may not have been stored: it was sent, and no answer told."""
        told = any(answer.status in (201, 202) for answer in self.answers)
        return not told and any(answer.status == 0 or answer.status >= 500 for answer in self.answers)

    def request(self) -> tuple[bytes, dict[str, str]]:
        """Return the body and the headers that carry it."""
        content: dict[str, Any] = {"page": self.page, "body": self.body, "author": {"name": "Ann"}}
        if self.parent is not None:
            content["parent"] = self.parent
        headers = {"Content-Type": "application/json", "Origin": ORIGIN, "Idempotency-Key": self.key}
        return json.dumps(content).encode(), headers


class Ledger:
    """Everything that the clients of one test sent and were told; also in a file beside the data.

    The file has a line before anything is sent, on the disk, and one for each answer.
    """

    def __init__(self, service: Service, name: str = "ledger") -> None:
        self.service = service
        self.sent: list[Sent] = []
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._counts: Counter[int] = Counter()
        #: how long each acknowledged post took, in seconds; read it when nobody posts any more
        self.waits: list[float] = []
        self._file = service.folder / f"{name}.jsonl"
        self._noted: set[str] = set()

    def note(self, page: str, parent: int | None = None, text: str = "") -> Sent:
        """Write down a new comment, with a key and a text of its own, before it is sent."""
        made = Sent(secrets.token_urlsafe(18), page, "", parent)
        with self._lock:
            made.body = f"Comment {next(self._numbers)} of {made.key}. {text}".strip()
            self.sent.append(made)
            self._noted.add(made.key)
            self._write(made, "sent")
        with self._file.open("rb") as file:
            os.fdatasync(file.fileno())
        return made

    def send(self, sent: Sent) -> Answer:
        """Send it, once more where it was sent before, and write down the answer."""
        body, headers = sent.request()
        begun = time.monotonic()
        answer = self.service.ask("POST", "/api/v1/comments", body, headers)
        if answer.status == 201:
            self.waits.append(time.monotonic() - begun)
        self.told(sent, answer)
        return answer

    def told(self, sent: Sent, answer: Answer) -> None:
        """Write down an answer."""
        with self._lock:
            if not answer.refused:
                sent.answers.append(answer)
                self._counts[answer.status] += 1
            self._write(sent, "refused" if answer.refused else answer.status)

    def post(self, page: str, parent: int | None = None, text: str = "") -> Answer:
        """Send a new comment."""
        return self.send(self.note(page, parent, text))

    def counts(self) -> Counter[int]:
        """Return how often each status was answered, 0 for no answer."""
        with self._lock:
            return Counter(self._counts)

    def pages(self, count: int) -> list[str]:
        """Return addresses of `count` pages of this ledger's own."""
        return [f"{ORIGIN}/{self._file.stem}/{number}" for number in range(count)]

    def settle(self) -> None:
        """Send what is unknown once more under its own key: every one of them must now be acknowledged."""
        for sent in [sent for sent in self.sent if sent.unknown]:
            answer = self.send(sent)
            assert answer.status == 201, answer

    def faults_of_file(self) -> list[str]:
        """Read the file back, and return where it does not say what is remembered."""
        if not self._noted:
            return []
        with self._lock, self._file.open(encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        told: dict[str, set[int]] = {}
        begun: dict[str, tuple[str, str]] = {}
        for _, key, page, text, what, ids in lines:
            begun.setdefault(key, (page, text if what == "sent" else "not noted before it was sent"))
            told.setdefault(key, set()).update(ids)
        return [
            f"{sent.key} is {begun.get(sent.key)} in the file, acknowledged as {told.get(sent.key)}"
            for sent in self.sent
            if sent.key in self._noted
            and (begun.get(sent.key), told.get(sent.key)) != ((sent.page, _digest(sent.body)), sent.acknowledged)
        ]

    def _write(self, sent: Sent, what: str | int) -> None:
        line = [time.time(), sent.key, sent.page, _digest(sent.body), what, sorted(sent.acknowledged)]
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Storm:
    """Clients that post comments one after another, from the beginning of a `with` block to its end.

    `pause` is how long each waits before its next, in seconds: it leaves something of the machine to others.
    """

    def __init__(self, ledger: Ledger, pages: Sequence[str], clients: int, pause: float = 0.0) -> None:
        self._ledger, self._pages, self._pause = ledger, pages, pause
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._post, args=(number,)) for number in range(clients)]

    def __enter__(self) -> Storm:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads), "a client hangs"

    def await_more(self, count: int) -> None:
        """Wait until `count` more comments were acknowledged."""
        goal = self._ledger.counts()[201] + count
        await_(f"{count} more comments", lambda: self._ledger.counts()[201] >= goal)

    def _post(self, number: int) -> None:
        for turn in range(MOST_POSTS):
            if self._over.is_set():
                return
            posted = self._ledger.post(self._pages[(number + turn) % len(self._pages)])
            # turned away, or nobody there for now: hammering on would only hold up the others
            self._over.wait(self._pause if posted.status == 201 else max(self._pause, 0.03))


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Run `act(0)` to `act(count - 1)`, all begun at the same moment, and return what each returned."""
    results: dict[int, T] = {}
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait(PATIENCE)
        results[number] = act(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(results) == count, "not all came to an end"
    return [results[number] for number in range(count)]
