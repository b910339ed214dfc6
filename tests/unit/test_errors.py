"""What errors say to people."""

from __future__ import annotations

import pytest

from service.errors import TooMany


@pytest.mark.parametrize(
    ("seconds", "span"),
    [
        (1, "1 second"),
        (40, "40 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (121, "3 minutes"),
        (7_199, "120 minutes"),
        (7_200, "2 hours"),
        (7_201, "3 hours"),
        (86_400, "24 hours"),
        (172_800, "2 days"),
    ],
)
def test_a_wait_is_told_in_units_that_people_use(seconds: int, span: str) -> None:
    assert TooMany(seconds, "comments").sentence() == (
        f"Too many comments in a short time. Please try again in {span}."
    )
