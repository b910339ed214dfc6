"""Moments in the operators' forms: typed as a clock on the wall shows them, in a zone that the form names."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from service import pages
from service.errors import Invalid
from service.pages import Site
from service.web.admin import guard


def zone_of(site: Site) -> str:
    """Return the zone that a site's daily hours are in; UTC where it has none."""
    hours = pages.read_closing(site.closing).hours
    return hours.zone if hours is not None else "UTC"


def typed_moment(name: str, zone: str) -> datetime | None:
    """Return the moment in a field, None for an empty one. Raises Invalid."""
    given = guard.typed(name).strip()
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid({name: ["This is no date and time; write it like 2027-01-31T18:00."]}) from None


def on_the_wall(moment: datetime | None, zone: str) -> str:
    """Return a moment as such a field has it; nothing for none."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if moment is not None else ""
