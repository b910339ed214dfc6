"""The rules by which a site's pages close by themselves: what may be asked for, and what is stored of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from service.errors import Invalid
from service.pages import hours
from service.pages.hours import WEEKDAYS, Hours
from service.text import clean_line

#: the rules; those after which a page stays closed come first
RULES = ("after_comments", "days_after_first", "days_after_last", "hours")
LONGEST_REASON = 300
_MOST_DAYS = 3_650
_MOST_COMMENTS = 1_000_000


@dataclass(frozen=True)
class Automatic:
    """When pages close by themselves; a rule that is None is off.

    `days_after_first` and `days_after_last` count, in days of 24 hours, from a page's first and last published comment;
    `after_comments` is how many published comments there are when a page closes; `hours` are those in which pages are
    open. `reasons` are the site's own words by rule, `reason` those for the rules that have none.
    """

    days_after_first: int | None = None
    days_after_last: int | None = None
    after_comments: int | None = None
    hours: Hours | None = None
    reason: str = ""
    reasons: tuple[tuple[str, str], ...] = ()

    @cached_property
    def is_off(self) -> bool:
        """Whether no page closes by itself."""
        return all(getattr(self, rule) is None for rule in RULES)

    def words(self, rule: str) -> str:
        """Return what readers are told when `rule` has closed a page."""
        return dict(self.reasons).get(rule) or self.reason or self._sentence(rule)

    def _sentence(self, rule: str) -> str:
        if rule == "hours" and self.hours is not None:
            return self.hours.sentence
        number = getattr(self, rule)
        if rule == "after_comments":
            return f"Comments close when there {'is one' if number == 1 else f'are {number} of them'}."
        days = "a day" if number == 1 else f"{number} days"
        return f"Comments close {days} after the {'first' if rule == 'days_after_first' else 'last'} one."

    def shown(self) -> dict[str, Any]:
        """Return all rules as whoever changes them sees them, those too that are off."""
        names = (*RULES, "weekdays", "zone", "reason", "reasons")
        return {name: self.values().get(name) for name in names}

    def values(self) -> dict[str, Any]:
        """Return the rules as they are asked for, without those that are off: what load() takes."""
        found: dict[str, Any] = {rule: getattr(self, rule) for rule in RULES}
        if self.hours is not None:
            found |= {"hours": self.hours.text, "zone": self.hours.zone}
            found["weekdays"] = [WEEKDAYS[day] for day in self.hours.weekdays]
        found |= {"reason": self.reason, "reasons": dict(self.reasons)}
        return {name: value for name, value in found.items() if value}


class AutomaticSchema(Schema):
    """The rules as an operator asks for them; one that is left out or null is off."""

    class Meta:
        unknown = RAISE

    days_after_first = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, _MOST_DAYS))
    days_after_last = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, _MOST_DAYS))
    after_comments = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, _MOST_COMMENTS))
    hours = fields.String(allow_none=True, metadata={"description": "When pages are open, like 07:00-23:00."})
    weekdays = fields.List(fields.String(validate=validate.OneOf(WEEKDAYS)))
    zone = fields.String(metadata={"description": "The time zone of the hours, like Europe/Berlin."})
    reason = fields.String(metadata={"description": "Shown to readers."})
    reasons = fields.Dict(
        fields.String(validate=validate.OneOf(RULES)), fields.String(), metadata={"description": "The same, by rule."}
    )

    @validates_schema(skip_on_field_errors=True)
    def _check(self, values: dict[str, Any], **_: Any) -> None:
        faults = {}
        written = values.get("hours")
        span = hours.parse(written) if written else None
        if written and span is None:
            faults["hours"] = ["Hours are written like 07:00-23:00, and begin and end at different times."]
        elif span == (0, 24 * 60) and len(set(values.get("weekdays", ()))) in (0, len(WEEKDAYS)):
            faults["hours"] = ["These hours never close."]
        if not written:
            faults |= {name: ["This goes together with hours."] for name in ("weekdays", "zone") if values.get(name)}
        elif not hours.is_zone(values.get("zone", "UTC")):
            faults["zone"] = ["There is no such time zone; they are named like Europe/Berlin."]
        for name, text in (("reason", values.get("reason", "")), *values.get("reasons", {}).items()):
            if len(clean_line(text)) > LONGEST_REASON:
                faults["reason" if name == "reason" else "reasons"] = [f"It may have {LONGEST_REASON} characters."]
        if faults:
            raise ValidationError(faults)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Automatic:
        return _automatic(values)


def load(values: Mapping[str, Any]) -> Automatic:
    """Return the rules that `values` ask for. Raises Invalid."""
    try:
        made: Automatic = AutomaticSchema().load(values)
    except ValidationError as error:
        raise Invalid(error.normalized_messages()) from error  # type: ignore[no-untyped-call]
    return made


def dump(automatic: Automatic) -> str:
    """Return the rules as a site keeps them."""
    return json.dumps(automatic.values(), ensure_ascii=False)


@lru_cache(maxsize=1024)  # every read of a thread asks for them
def read(text: str) -> Automatic:
    """Return the rules that a site keeps."""
    return _automatic(json.loads(text))


def _automatic(values: Mapping[str, Any]) -> Automatic:
    span = hours.parse(values.get("hours") or "")
    days = {WEEKDAYS.index(name) for name in values.get("weekdays", ())}
    reasons = {rule: clean_line(text) for rule, text in values.get("reasons", {}).items()}
    return Automatic(
        days_after_first=values.get("days_after_first"),
        days_after_last=values.get("days_after_last"),
        after_comments=values.get("after_comments"),
        hours=Hours(*span, () if len(days) == 7 else tuple(sorted(days)), values.get("zone", "UTC")) if span else None,
        reason=clean_line(values.get("reason", "")),
        reasons=tuple(sorted((rule, text) for rule, text in reasons.items() if text)),
    )
