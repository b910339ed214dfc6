"""How well the spam filter tells spam from good comments, on labelled comments in the order in which they came.

    python -m tests.bench.spam --train A.csv B.csv --test C.csv D.csv     taught by A and B, walking C and D
    python -m tests.bench.spam --test C.csv D.csv --cold                  taught by nothing, counted from 200 on
    python -m tests.bench.spam --train A.csv B.csv C.csv --cross          each walked, taught by the others

Files are CSV with the columns `text` and `spam` (1 or 0); those of the YouTube Spam Collection as they are published
(`CONTENT`, `CLASS`) are read too. A walk is what an operator does: a comment is judged, then decided on, and the filter
learns from the decision. All is the product's own code, with the counts in memory. None of these files ships with the
product, and nothing in it may be chosen by looking at a file that it is then measured on.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from rich.console import Console
from rich.table import Table

from service.policy.spam import bayes
from service.policy.spam.bayes import NONE, Count
from service.policy.spam.tokens import Facts, tokens
from service.text import clean_body

#: decisions at a cold start before results count
WARM = 200
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_ANCHOR = re.compile(r"<a\b[^>]*?href=\"([^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL)
_TAG = re.compile(r"</?(?:b|i|s|u)>")

Labelled = tuple[tuple[str, ...], bool]
Result = tuple[float, bool]


@dataclass
class Memory:
    """The filter's tables, in memory."""

    counts: dict[str, Count] = field(default_factory=dict)
    totals: Count = NONE

    def judge(self, found: Sequence[str]) -> float:
        """Return how likely a comment is spam."""
        return bayes.classify(found, self.counts, self.totals).probability

    def learn(self, found: Sequence[str], is_spam: bool) -> None:
        """Take a decision in."""
        added = bayes.lesson(is_spam, bayes.is_hard(found, self.counts, self.totals, is_spam))
        for token in found:
            self.counts[token] = self.counts.get(token, NONE).plus(added)
        self.totals = self.totals.plus(added)


def facts_of(markup: str) -> Facts:
    """Return the facts of a comment in YouTube's HTML, which is text with links, line ends and few tags."""
    links = tuple(unescape(address) for address, _ in _ANCHOR.findall(markup))
    text = _TAG.sub("", re.sub(r"<br ?/?>", "\n", _ANCHOR.sub(lambda match: match[2], markup)))
    return Facts(clean_body(unescape(text)), links=links)


def load(path: Path) -> list[Labelled]:
    """Return a file's comments as the tokens and the label of each, in order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    text, label = ("text", "spam") if "spam" in rows[0] else ("CONTENT", "CLASS")
    return [(tokens(facts_of(row[text])), int(row[label]) == 1) for row in rows]


def walk(train: Iterable[Sequence[Labelled]], test: Iterable[Sequence[Labelled]], skip: int = 0) -> list[Result]:
    """Teach `train`, then judge and teach `test` in order; returns the judgements after the first `skip`."""
    memory = Memory()
    for file in train:
        for found, is_spam in file:
            memory.learn(found, is_spam)
    results = []
    for file in test:
        for found, is_spam in file:
            results.append((memory.judge(found), is_spam))
            memory.learn(found, is_spam)
    return results[skip:]


def rates(results: Sequence[Result], threshold: float) -> tuple[float, float]:
    """Return which shares of the spam and of the good comments reach a threshold."""
    spam = [score >= threshold for score, is_spam in results if is_spam]
    good = [score >= threshold for score, is_spam in results if not is_spam]
    return sum(spam) / max(1, len(spam)), sum(good) / max(1, len(good))


def caught_at(results: Sequence[Result], held: float) -> float:
    """Return the share of spam caught by the lowest threshold that holds no more than `held` of the good comments."""
    good = sorted((score for score, is_spam in results if not is_spam), reverse=True)
    spam = [score for score, is_spam in results if is_spam]
    place = int(held * len(good))
    bound = good[place] if place < len(good) else -1.0
    return sum(score > bound for score in spam) / max(1, len(spam))


def show(title: str, results: Sequence[Result]) -> None:
    """Print the table of one measurement."""
    spam = sum(is_spam for _, is_spam in results)
    table = Table("threshold", "caught %", "good held %", "", title=f"{title}: {spam} spam, {len(results) - spam} good")
    marks = {bayes.HOLD_AT: "held for an operator, by default", bayes.MARK_AT: "put among spam, by default"}
    for threshold in sorted({*THRESHOLDS, *marks}):
        caught, held = rates(results, threshold)
        table.add_row(f"{threshold:g}", f"{100 * caught:.1f}", f"{100 * held:.1f}", marks.get(threshold, ""))
    console = Console()
    console.print(table)
    best = ", ".join(f"{100 * caught_at(results, held):.1f} % with {100 * held:g} %" for held in (0.01, 0.02, 0.04))
    console.print(f"whatever threshold it takes, caught with good held: {best}\n", highlight=False)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", nargs="+", type=Path, default=[], metavar="FILE")
    parser.add_argument("--test", nargs="+", type=Path, default=[], metavar="FILE")
    parser.add_argument("--cold", action="store_true", help=f"teach nothing first; count from decision {WARM} on")
    parser.add_argument("--cross", action="store_true", help="walk each file of --train, taught by the others")
    chosen = parser.parse_args()
    if not (chosen.cross and chosen.train) and not chosen.test:
        parser.error("name files to --test, or files to --train with --cross")
    train = [load(path) for path in chosen.train]
    test = [load(path) for path in chosen.test]
    if chosen.cross:
        parts = [walk([*train[:i], *train[i + 1 :]], [file]) for i, file in enumerate(train)]
        for path, part in zip(chosen.train, parts, strict=True):
            show(f"{path.name}, taught by the others", part)
        show("all of these", [result for part in parts for result in part])
    if chosen.test and not chosen.cross:
        title = f"cold, from decision {WARM} on" if chosen.cold else "taught by --train"
        show(
            f"{' '.join(path.name for path in chosen.test)}, {title}",
            walk([] if chosen.cold else train, test, WARM * chosen.cold),
        )


if __name__ == "__main__":
    main()
