"""Naive Bayes over tokens, from nothing but counts: how many good and how many spam comments had each. Pure.

Three things set it apart from the textbook:

- Tokens depend on each other ("check", "check out" and "eck o" are one sign, not three). So they are weighed in groups,
  words, pairs, letters and looks, and a group's sum is divided by the root of the number of its tokens: a group of n
  counts like root n independent signs.
- A lesson that the filter got wrong, or nearly, is *hard* and counts twice. Which lessons were hard is stored with
  them, so that each can be taken back exactly.
- A token that was never seen says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

from service.policy.spam.signs import in_words

#: below so many lessons of each kind nothing is said
ENOUGH = 10
#: Chances by default: from the first on a comment is held for an operator, from the second on put among spam.
HOLD_AT, MARK_AT = 0.6, 0.95
#: added to each count: what one lesson says of a token is not certain
_SMOOTHING = 1.0
#: by the kind of token, the group it is weighed in; all others are looks
_GROUPS = {"w": "words", "b": "pairs", "g": "pairs", "c": "letters"}
_WEIGHTS = {"words": 1.0, "pairs": 1.0, "letters": 1.5, "looks": 2.0}
#: a sum on the right side of nothing by less than this is a near miss
_NEAR = 3.0
#: sums become chances by a logistic curve; its middle and width make them true on comments that were not learnt from
_MIDDLE, _WIDTH = 4.9, 2.0
_SIGNS = 8


@dataclass(frozen=True)
class Count:
    """How many good comments and how many spam had a token, and how many of those were hard lessons."""

    good: int = 0
    spam: int = 0
    hard_good: int = 0
    hard_spam: int = 0

    def plus(self, other: Count, sign: int = 1) -> Count:
        """Return the sum; with `sign` -1 the difference, never below nothing."""
        return Count(
            max(0, self.good + sign * other.good),
            max(0, self.spam + sign * other.spam),
            max(0, self.hard_good + sign * other.hard_good),
            max(0, self.hard_spam + sign * other.hard_spam),
        )

    def minus(self, other: Count) -> Count:
        """Return the difference, below nothing where the other has more."""
        return Count(
            self.good - other.good,
            self.spam - other.spam,
            self.hard_good - other.hard_good,
            self.hard_spam - other.hard_spam,
        )


NONE = Count()


@dataclass(frozen=True)
class Sign:
    """A token that was decisive: how far it moved the sum (above nothing: towards spam), and where it was seen."""

    token: str
    weight: float
    count: Count


@dataclass(frozen=True)
class Score:
    """How likely spam a comment is (0 to 1), the strongest signs of it in words, and from how many lessons.

    While `ready` is false there were too few lessons to say anything: the probability is 0 and there are no signs.
    """

    probability: float
    signs: tuple[tuple[str, float], ...] = ()
    taught: int = 0
    ready: bool = True
    decisive: tuple[Sign, ...] = ()


def is_ready(totals: Count) -> bool:
    """Tell whether there were lessons enough to judge."""
    return min(totals.good, totals.spam) >= ENOUGH


def classify(tokens: Iterable[str], counts: Mapping[str, Count], totals: Count) -> Score:
    """Return the score of a comment with these tokens, of which `counts` has those that are known."""
    taught = totals.good + totals.spam
    if not is_ready(totals):
        return Score(0.0, taught=taught, ready=False)
    total, signs = _weigh(tokens, counts, totals)
    decisive = tuple(sorted(signs, key=lambda sign: (-abs(sign.weight), sign.token))[:_SIGNS])
    probability = 1 / (1 + exp(-max(-50.0, min(50.0, (total - _MIDDLE) / _WIDTH))))
    return Score(probability, tuple((sentence(sign), sign.weight) for sign in decisive), taught, True, decisive)


def is_hard(tokens: Iterable[str], counts: Mapping[str, Count], totals: Count, is_spam: bool) -> bool:
    """Tell whether a comment would be judged wrong, or nearly, before it is taught. Never while there is no verdict."""
    if not is_ready(totals):
        return False
    total, _ = _weigh(tokens, counts, totals)
    return (total if is_spam else -total) < _NEAR


def lesson(is_spam: bool, hard: bool) -> Count:
    """Return what a lesson adds to the count of each of its tokens."""
    if is_spam:
        return Count(spam=1, hard_spam=int(hard))
    return Count(good=1, hard_good=int(hard))


def sentence(sign: Sign) -> str:
    """Return a sign in words: what it is, and where it was seen."""
    seen = sign.count.good + sign.count.spam
    return f"{in_words(sign.token)} ({sign.count.spam} of {seen} {'was' if seen == 1 else 'were'} spam)"


def _weigh(tokens: Iterable[str], counts: Mapping[str, Count], totals: Count) -> tuple[float, list[Sign]]:
    good = log(totals.good + totals.hard_good + 2 * _SMOOTHING)
    spam = log(totals.spam + totals.hard_spam + 2 * _SMOOTHING)
    groups: defaultdict[str, list[tuple[str, float, Count]]] = defaultdict(list)
    for token in tokens:
        count = counts.get(token, NONE)
        if count != NONE:
            weight = log(count.spam + count.hard_spam + _SMOOTHING) - spam
            weight -= log(count.good + count.hard_good + _SMOOTHING) - good
            groups[_GROUPS.get(token[0], "looks")].append((token, weight, count))
    signs = [
        Sign(token, weight * _WEIGHTS[group] / sqrt(len(found)), count)
        for group, found in groups.items()
        for token, weight, count in found
    ]
    return sum(sign.weight for sign in signs), signs
