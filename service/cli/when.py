"""Moments as they are typed at a command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click


class When(click.ParamType[datetime]):
    """A date or a time; without a zone it is this machine's own."""

    name = "when"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment that `value` names."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value} is no date or time; write 2027-01-31 or 2027-01-31T18:00+01:00.", param, ctx)


def until(moment: datetime | None) -> str:
    """Return a moment as the end of a sentence, nothing for none."""
    return f" until {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""
