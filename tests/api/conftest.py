"""Who sits at the operators' desk, and what there is."""

from __future__ import annotations

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from service import pages
from service.pages import Site
from service.people.audit import COMMAND_LINE
from tests.api.desk import Desk, add, seated
from tests.conftest import NOW, OTHER_ORIGIN


@pytest.fixture
def other(app: Flask) -> Site:
    """The site `other`, beside `blog`."""
    return pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)


@pytest.fixture
def visitor(app: Flask, clock: TimeMachineFixture) -> Desk:
    """The browser of the owner `ann`, who is not signed in yet."""
    add()
    return Desk(app.test_client())


@pytest.fixture
def desk(visitor: Desk) -> Desk:
    """The browser of the owner `ann`, who is signed in."""
    assert visitor.signs_in().status_code == 303
    return visitor


@pytest.fixture
def moderator(app: Flask, clock: TimeMachineFixture) -> Desk:
    """The browser of `mia`, a moderator of `blog`, who is signed in."""
    return seated(app, "mia", "moderator", ["blog"])
