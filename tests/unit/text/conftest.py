"""The oracle, for this room's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import oracle


@pytest.fixture(scope="session")
def faults_of() -> Callable[..., list[str]]:
    """Return the function that lists everything in a piece of HTML that must not be there; an empty list is good."""
    return oracle.faults_of
