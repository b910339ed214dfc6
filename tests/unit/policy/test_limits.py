"""What counts as one and the same for a limit. How limits hold is tested through the API."""

from __future__ import annotations

import pytest

from service.policy import limits
from service.settings import Limit

LIMITS = (Limit(1, 600),)


def bucket(body: str, page: int = 1) -> str:
    return limits.repeat_use(page, body, LIMITS).buckets[0]


@pytest.mark.parametrize("other", ["THE CLOCK", "the  clock", " the\nclock ", "The\tClock", "the\u00a0clock"])
def test_case_and_spacing_make_no_other_text(other: str) -> None:
    assert bucket(other) == bucket("the clock")


@pytest.mark.parametrize("other", ["the clock.", "theclock", "a clock", "the clock the clock"])
def test_another_text_is_another(other: str) -> None:
    assert bucket(other) != bucket("the clock")


def test_letters_are_compared_without_case_in_every_script() -> None:
    assert bucket("STRASSE ΣΊΣΥΦΟΣ") == bucket("straße σίσυφος")


def test_a_text_is_another_one_on_another_page() -> None:
    assert bucket("the clock", 1) != bucket("the clock", 2)


def test_a_bucket_fits_its_column_and_tells_no_text() -> None:
    long = bucket("secret " * 1_000, 2**62)
    assert len(long) <= 120
    assert "secret" not in long


def test_a_page_has_a_bucket_of_its_own() -> None:
    assert limits.page_use(1, LIMITS).buckets != limits.page_use(2, LIMITS).buckets
