"""A service that was registered once, and copies of it: a command costs a second of a small machine."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

from tests.faults.harness import Service
from tests.postgres import Databases

_numbers = count(1)


class Founding:
    """The data of a service with the site `blog`, on the database that tests run on."""

    def __init__(self, folder: Path, databases: Databases | None) -> None:
        self._server = databases.server if databases else None
        self._name = f"founding_{next(_numbers)}"
        self._own: list[str] = []
        model = Service(folder)
        if self._server:
            model.settings["DATABASE_URL"] = self._server.add(self._name, "template")
        model.register()
        self._data = model.data

    def give(self, service: Service) -> None:
        """Give a service, which was not started yet, a copy."""
        shutil.copytree(self._data, service.data)
        if self._server:
            self._own.append(f"service_{next(_numbers)}")
            service.settings["DATABASE_URL"] = self._server.add(self._own[-1], self._name)

    def clear(self) -> None:
        """Remove the databases that were given; those who had them are gone."""
        while self._own and self._server:
            self._server.does(f"DROP DATABASE {self._own.pop()} WITH (FORCE)")
