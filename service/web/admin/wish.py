"""What the address of the queue asks for: the fields of its filter, as typed, and what they mean."""

from __future__ import annotations

from datetime import date, timedelta

from flask import request

from service import comments
from service.comments import Asked
from service.errors import Invalid

#: fields of the form and of the address, by the names of what they ask for
_FIELDS = {
    "view": "view",
    "site": "site",
    "page": "page",
    "author": "author",
    "rule": "rule",
    "text": "text",
    "from": "since",
    "to": "until",
    "order": "order",
}
#: what is not said, since it goes without saying
_USUAL = {"view": "pending", "order": "newest"}
#: what filters, beside the tab and the order
FILTERS = ("site", "page", "author", "rule", "text", "from", "to")


def typed() -> dict[str, str]:
    """Return what the address asks for, as it was typed, empty and usual things left out."""
    given = {name: request.args.get(name, "").strip() for name in _FIELDS}
    return {name: value for name, value in given.items() if value and value != _USUAL.get(name)}


def load(given: dict[str, str], after: str | None) -> Asked:
    """Return what is asked for. Raises Invalid, by the names of the fields."""
    faults: dict[str, list[str]] = {}
    values: dict[str, str | None] = {_FIELDS[name]: value for name, value in given.items()}
    for name, later in (("from", 0), ("to", 1)):  # until the end of that day
        if name in given:
            day = _day(given[name])
            if day is None:
                faults[name] = ["This is no date, such as 2026-05-14."]
            else:
                values[_FIELDS[name]] = f"{day + timedelta(days=later)}T00:00:00+00:00"
    if faults:
        raise Invalid(faults)
    return comments.load_asked({**values, "after": after})


def _day(value: str) -> date | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if date.min < day < date.max else None
