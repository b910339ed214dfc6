"""What PostgreSQL must promise is looked at when the service starts, and by `afterword doctor`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from service.errors import Misconfigured
from service.settings import Settings
from tests.conftest import Operator
from tests.postgres import Server


@pytest.fixture(scope="module")
def careless() -> Iterator[Server]:
    """A server that writes to its disk when it likes."""
    made = Server(fsync="off", full_page_writes="off")
    made.make()
    yield made
    made.remove()


def test_all_is_well_with_a_server_as_it_comes(host: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Operator().runs("doctor").rstrip().endswith("Nothing is wrong.")


@pytest.mark.parametrize("value", ["off", "local"])
def test_a_database_that_answers_before_all_is_on_disk_is_refused(
    server: Server, pg_settings: Settings, make_host: Callable[..., Flask], value: str
) -> None:
    name = pg_settings.database_url.split("@/")[1].partition("?")[0]
    server.does(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
    with pytest.raises(Misconfigured) as caught:
        make_host()
    (fault,) = caught.value.faults
    assert f"synchronous_commit is {value}" in fault
    told = Operator().tries("doctor")
    assert told.exit_code == 1
    assert fault in told.output
    served = Operator().tries("serve")
    assert served.exit_code == 1
    assert served.stderr.splitlines() == [f"Error: {fault}"]


def test_a_server_that_can_lose_all_is_refused(
    careless: Server, pg_settings: Settings, make_host: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = careless.url("postgres")
    with pytest.raises(Misconfigured) as caught:
        make_host(database_url=url)
    assert [fault.split(" is ")[0] for fault in caught.value.faults] == [
        "PostgreSQL's fsync",
        "PostgreSQL's full_page_writes",
    ]
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", url)
    served = Operator().tries("serve")
    assert served.exit_code == 1
    assert len(served.stderr.splitlines()) == 1


def test_what_postgresql_refuses_is_told_at_the_command_line(
    server: Server, pg_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.does("CREATE ROLE stranger LOGIN")
    for old, new, said in (
        ("afterword@", "nobody@", 'role "nobody" does not exist'),
        ("@/own_", "@/nowhere_", 'database "nowhere_'),
        ("afterword@", "stranger@", "permission denied"),
    ):
        assert old in pg_settings.database_url
        monkeypatch.setenv("AFTERWORD_DATABASE_URL", pg_settings.database_url.replace(old, new))
        for command in (("site", "list"), ("doctor",)):
            told = Operator().tries(*command)
            assert told.exit_code == 1
            assert said in told.output.split("The database says: ")[1].splitlines()[0]
