"""The services and the proxies in front of them; all of these tests stay on one worker of pytest-xdist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.proxy import BEHIND, MISSING, Proxy, Relay
from tests.faults.founding import Founding
from tests.faults.harness import Service
from tests.postgres import Databases


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # beside the storms of tests/faults, not at the same time
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("faults"))


@dataclass(frozen=True)
class Front:
    """A service, the relay that notes what it is asked, and the proxy in front of both."""

    service: Service
    relay: Relay
    proxy: Proxy


@pytest.fixture(scope="session")
def _registered(tmp_path_factory: pytest.TempPathFactory, databases: Databases | None) -> Founding:
    return Founding(tmp_path_factory.mktemp("registered"), databases)


def _put_up(folder: Path, registered: Founding, changed: dict[str, str], more: str, **options: object) -> Front:
    if MISSING:
        pytest.fail(f"{MISSING}: scripts/test-tools.sh installs it")
    service = Service(folder / "service", **BEHIND, **options)  # type: ignore[arg-type]
    service.folder.mkdir()
    registered.give(service)
    relay = Relay(service)
    proxy = Proxy(folder, relay.port, changed, more)
    service.start()
    proxy.start()
    return Front(service, relay, proxy)


def _many(folder: Path, registered: Founding) -> Iterator[Callable[..., Front]]:
    made: list[Front] = []

    def put_up(changed: dict[str, str] | None = None, more: str = "", **options: object) -> Front:
        own = folder / f"front-{len(made)}"
        own.mkdir()
        made.append(_put_up(own, registered, changed or {}, more, **options))
        return made[-1]

    yield put_up
    for each in made:
        each.proxy.stop()
        each.relay.stop()
        each.service.kill()


@pytest.fixture(scope="module")
def put_up(tmp_path_factory: pytest.TempPathFactory, _registered: Founding) -> Iterator[Callable[..., Front]]:
    """Return a function that puts up a service and a proxy for the tests of one file."""
    yield from _many(tmp_path_factory.mktemp("fronts"), _registered)


@pytest.fixture
def make_front(tmp_path: Path, _registered: Founding) -> Iterator[Callable[..., Front]]:
    """Return a function that puts up a service and a proxy of the test's own."""
    yield from _many(tmp_path, _registered)


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory, _registered: Founding) -> Iterator[Front]:
    """A service behind its proxy, the shipped file as it is; shared, the pages of its site are not."""
    for put_up in _many(tmp_path_factory.mktemp("front"), _registered):
        yield put_up()
