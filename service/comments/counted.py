"""How much there is in each tab of the queue, counted up to a bound: an exact number of many would cost too much."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from service import database
from service.comments import queue_store


@dataclass(frozen=True)
class Counted:
    """How many comments there are, counted up to a bound; `more`, that there are still more."""

    number: int
    more: bool

    def __str__(self) -> str:
        return f"{self.number}+" if self.more else str(self.number)


def waiting(site_id: int | None) -> dict[str, Counted]:
    """Return how many comments of a site, None for all, each tab has."""
    with database.read() as connection:
        return by_tab(connection, None if site_id is None else frozenset([site_id]))


def by_tab(connection: Connection, sites: frozenset[int] | None) -> dict[str, Counted]:
    """Return how many comments of the sites, None for all, each tab has."""
    most = queue_store.COUNTED
    found = queue_store.counts(connection, sites)
    return {name: Counted(min(number, most), number > most) for name, number in found.items()}
