"""Reader keys."""

from __future__ import annotations

import pytest

from service.people import readers

SECRET = "x" * 32


@pytest.mark.parametrize("seed", [None, "1 a-key-of-16-chars", ""])
def test_a_new_key_has_the_form_of_one(seed: str | None) -> None:
    assert readers.is_key(readers.new_key(SECRET, seed))


def test_without_a_seed_each_key_is_new() -> None:
    assert len({readers.new_key(SECRET, None) for _ in range(100)}) == 100


def test_with_a_seed_it_follows_from_seed_and_secret() -> None:
    assert readers.new_key(SECRET, "1 a") == readers.new_key(SECRET, "1 a")
    keys = {readers.new_key(SECRET, "1 a"), readers.new_key(SECRET, "2 a"), readers.new_key("y" * 32, "1 a")}
    assert len(keys) == 3


@pytest.mark.parametrize(
    "value", ["", "x" * 42, "x" * 44, f"{'x' * 42}=", f"{'x' * 42} ", f"{'x' * 42}é", f"{'x' * 43}\n"]
)
def test_anything_else_is_no_key(value: str) -> None:
    assert not readers.is_key(value)
