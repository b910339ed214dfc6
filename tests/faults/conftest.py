"""The services that these tests run against; all of these tests stay on one worker of pytest-xdist."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.clients import Ledger
from tests.faults.founding import Founding
from tests.faults.harness import Service
from tests.postgres import Databases

#: what is left to chance is the same in every run; processes and threads bring chance enough
SEED = 20_261_114


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # two storms at once on a small machine would only measure each other
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture(scope="session")
def _founding(tmp_path_factory: pytest.TempPathFactory, databases: Databases | None) -> Founding:
    return Founding(tmp_path_factory.mktemp("registered"), databases)


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory, databases: Databases | None) -> Iterator[Service]:
    founding = Founding(tmp_path_factory.mktemp("shared-registered"), databases)
    service = Service(tmp_path_factory.mktemp("shared"), workers=4)
    founding.give(service)
    yield service
    service.kill()
    founding.clear()


@pytest.fixture
def service(_shared: Service) -> Service:
    """A service without limits, of four worker processes, with the site `blog`; shared, running, its pages are not."""
    if not _shared.is_running():
        _shared.start()
    return _shared


@pytest.fixture
def ledger(service: Service, request: pytest.FixtureRequest) -> Ledger:
    """A ledger of this test's own for the shared service."""
    return Ledger(service, request.node.name)


@pytest.fixture
def make_service(tmp_path: Path, _founding: Founding) -> Iterator[Callable[..., Service]]:
    """Return a function that makes a service of the test's own, with the site `blog`, not yet started."""
    made: list[Service] = []

    def make(name: str = "own", *, registered: bool = True, **options: object) -> Service:
        service = Service(tmp_path / name, **options)  # type: ignore[arg-type]
        made.append(service)
        service.folder.mkdir()
        if registered:
            _founding.give(service)
        return service

    yield make
    for service in made:
        service.kill()
    _founding.clear()


@pytest.fixture
def chance() -> random.Random:
    """A source of chance with a fixed seed."""
    return random.Random(SEED)
