"""The services that these tests run against; all of these tests stay on one worker of pytest-xdist."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.clients import Ledger
from tests.faults.harness import Service

#: what is left to chance is the same in every run; processes and threads bring chance enough
SEED = 20_261_114


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # two storms at once on a small machine would only measure each other
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture(scope="session")
def _registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # made once and copied: a command costs a second of a small machine
    service = Service(tmp_path_factory.mktemp("registered"))
    service.register()
    return service.data


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory, _registered: Path) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("shared"), workers=4)
    shutil.copytree(_registered, service.data)
    yield service
    service.kill()


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
def make_service(tmp_path: Path, _registered: Path) -> Iterator[Callable[..., Service]]:
    """Return a function that makes a service of the test's own, with the site `blog`, not yet started."""
    made: list[Service] = []

    def make(name: str = "own", *, registered: bool = True, **options: object) -> Service:
        service = Service(tmp_path / name, **options)  # type: ignore[arg-type]
        made.append(service)
        service.folder.mkdir()
        if registered:
            shutil.copytree(_registered, service.data)
        return service

    yield make
    for service in made:
        service.kill()


@pytest.fixture
def chance() -> random.Random:
    """A source of chance with a fixed seed."""
    return random.Random(SEED)
