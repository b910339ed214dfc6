"""How votes order comments: the lower bound of Wilson's score interval for the share of votes up.

E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American
Statistical Association 22 (1927), 209-212. Few votes leave much doubt and so a low bound: three of three do not stand
before ninety of a hundred. Pure.
"""

from __future__ import annotations

from math import sqrt

#: standard deviations of a 95 % interval
_Z = 1.959964


def rank(up: int, down: int) -> float:
    """Return the rank, 0 to 1, of a comment with so many votes up and down; without votes it is 0.

    Among comments that have only votes down, those with fewer stand higher: they go below 0 by their number.
    """
    votes = up + down
    if up == 0:
        return -votes / (votes + 100) if votes else 0.0
    share = up / votes
    spread = _Z * sqrt((share * (1 - share) + _Z * _Z / (4 * votes)) / votes)
    return (share + _Z * _Z / (2 * votes) - spread) / (1 + _Z * _Z / votes)
