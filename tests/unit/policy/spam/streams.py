"""Comments made up for tests: a small stream of good ones and of spam, the same for the same seed."""

from __future__ import annotations

from random import Random

from service.policy.spam import bayes
from service.policy.spam.bayes import NONE, Count
from service.policy.spam.tokens import Facts, tokens

_THINGS = ["clock", "tower", "bell", "hand", "train", "station", "platform", "bridge", "ticket", "winter"]
_GOOD = [
    "I remember the old {a} next to the {b}, it was always late.",
    "Does anybody know who built the {a}?",
    "Thank you for this, my father repaired the {a} for years",
    "The {a} in the picture is not the one by the {b}...",
    "lovely photo of the {a}!",
    "In 1987 the {a} was moved, see the chapter on the {b}.",
]
_SPAM = [
    "Buy a cheap {a} today at https://shop{n}.example/offer?ref={n}",
    "CHEAP {a} HERE!!! visit https://deals{n}.example now",
    "hey friends please visit my {a} page and win a free {b}",
    "I earn money from home with one {a}, visit https://earn{n}.example/join",
    "Win a free {a}!!! Visit my page please",
]


def stream(seed: int, length: int) -> list[tuple[Facts, bool]]:
    """Return comments and whether each is spam."""
    random = Random(seed)
    made = []
    for _ in range(length):
        is_spam = random.random() < 0.4
        a, b = random.sample(_THINGS, 2)
        text = random.choice(_SPAM if is_spam else _GOOD).format(a=a, b=b, n=random.randrange(1000))
        made.append((Facts(text), is_spam))
    return made


class Pupil:
    """The filter's tables in memory, taught as an operator teaches them."""

    def __init__(self) -> None:
        self.counts: dict[str, Count] = {}
        self.totals = NONE

    def learns(self, facts: Facts, is_spam: bool) -> None:
        """Take a decision in."""
        found = tokens(facts)
        added = bayes.lesson(is_spam, bayes.is_hard(found, self.counts, self.totals, is_spam))
        for token in found:
            self.counts[token] = self.counts.get(token, NONE).plus(added)
        self.totals = self.totals.plus(added)

    def judges(self, facts: Facts) -> bayes.Score:
        """Return the score of a comment."""
        return bayes.classify(tokens(facts), self.counts, self.totals)


def taught(seed: int = 1, length: int = 80) -> Pupil:
    """Return a pupil who has seen a stream."""
    pupil = Pupil()
    for facts, is_spam in stream(seed, length):
        pupil.learns(facts, is_spam)
    return pupil
