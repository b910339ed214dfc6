"""The rules of a site: its settings, what they may be, and how they are changed.

Stored is the name of a preset and what the site has otherwise, as JSON. It is judged when it is saved, and trusted when
it is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, validate, validates_schema
from marshmallow import fields as field

from service import database
from service.errors import Invalid, NotFound
from service.pages import Site, seen
from service.people import audit
from service.people.audit import Actor
from service.policy import lists, store
from service.policy.presets import DEFAULT, PRESETS, RULES

#: settings that hold what an operator has gathered: another preset leaves them as they are
GATHERED = ("hold_words", "spam_words", "hold_patterns", "spam_patterns")
MOST_LINKS = 50
MOST_WORK = 50
#: longest minimum time to fill a form, in seconds
SLOWEST = 600
MOST_TRUST = 100
MOST_REPORTS = 1_000


@dataclass(frozen=True)
class Rules:
    """One site's rules.

    `publish` says whose comments show at once: "all", of "trusted" authors (those with `trust_after` comments that were
    published before), of "none". More `links` than so many are held. The lists hold, or mark as spam, by words and by
    patterns. `min_seconds` is the least time to fill a form in, `trap` a field that only machines fill in, `form`
    whether a signed form is "required" (which a least time requires as well: nothing else tells the time), `repeats`
    whether a text that was here before is held, `work` how hard a browser must work for a comment (0: not at all).
    `spam` says what the filter may do: nothing ("off"), "hold" from `hold_at` on, "mark" as well from `mark_at` on. So
    many `reports` hold a comment (0: never). `off` names rules that are switched off.
    """

    preset: str
    publish: str
    trust_after: int
    links: int
    hold_words: tuple[str, ...]
    spam_words: tuple[str, ...]
    hold_patterns: tuple[str, ...]
    spam_patterns: tuple[str, ...]
    min_seconds: int
    trap: bool
    form: str
    repeats: bool
    work: int
    spam: str
    hold_at: float
    mark_at: float
    reports: int
    off: tuple[str, ...]

    @property
    def times(self) -> bool:
        """Whether it counts how long a form was open."""
        return self.min_seconds > 0 and "too-quick" not in self.off

    @property
    def needs_form(self) -> bool:
        """Whether a form must come with a comment: required as such, or to tell how long it was open."""
        return self.form == "required" or self.times

    @property
    def asks(self) -> bool:
        """Whether a form must be asked for before a comment is sent."""
        form = self.needs_form and not {"form-missing", "form-stale"} <= set(self.off)
        return form or self.times or self.works

    @property
    def works(self) -> bool:
        """Whether a browser must work for a comment."""
        return bool(self.work) and "work-missing" not in self.off

    def own(self) -> dict[str, Any]:
        """Return what is otherwise than in the preset."""
        found = ((name, getattr(self, name), value) for name, value in PRESETS[self.preset].items())
        return {name: mine for name, mine, value in found if mine != value}


NAMES = tuple(each.name for each in fields(Rules))


def preset(name: str) -> Rules:
    """Return the rules of a preset."""
    return Rules(preset=name, **PRESETS[name])


class _Entries(field.List[str]):
    """A list of words or of patterns, without empty lines and repetitions."""

    def __init__(self, most: int, fault: Callable[[str], str | None]) -> None:
        super().__init__(field.String())
        self.most = most
        self.fault = fault

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        given = [str(each) for each in super()._deserialize(value, *args, **kwargs)]
        entries = list(dict.fromkeys(" ".join(each.split()) for each in given if each.strip()))
        if len(entries) > self.most:
            raise ValidationError(f"There may be {self.most:,} entries; these are {len(entries):,}.")
        faults = [fault for entry in entries if (fault := self.fault(entry))]
        if faults:
            raise ValidationError(faults[:10])
        return entries


def _range(least: float, most: float) -> validate.Range:
    return validate.Range(least, most, error="Must be {min} to {max}.")


class RulesSchema(Schema):
    """Settings as they are given: any of them, checked."""

    class Meta:
        unknown = RAISE

    preset = field.String(validate=validate.OneOf(list(PRESETS)))
    publish = field.String(validate=validate.OneOf(["all", "trusted", "none"]))
    trust_after = field.Integer(strict=True, validate=_range(1, MOST_TRUST))
    links = field.Integer(strict=True, validate=_range(0, MOST_LINKS))
    hold_words = _Entries(lists.WORDS, lists.word_fault)
    spam_words = _Entries(lists.WORDS, lists.word_fault)
    hold_patterns = _Entries(lists.PATTERNS, lists.pattern_fault)
    spam_patterns = _Entries(lists.PATTERNS, lists.pattern_fault)
    min_seconds = field.Integer(strict=True, validate=_range(0, SLOWEST))
    trap = field.Boolean()
    form = field.String(validate=validate.OneOf(["off", "required"]))
    repeats = field.Boolean()
    work = field.Integer(strict=True, validate=_range(0, MOST_WORK))
    spam = field.String(validate=validate.OneOf(["off", "hold", "mark"]))
    hold_at = field.Float(validate=_range(0.5, 1))
    mark_at = field.Float(validate=_range(0.5, 1))
    reports = field.Integer(strict=True, validate=_range(0, MOST_REPORTS))
    off = field.List(field.String())

    @validates_schema
    def _rules_are_known(self, values: dict[str, Any], **_: Any) -> None:
        unknown = [name for name in values.get("off", ()) if name not in RULES]
        if unknown:
            raise ValidationError(f"There is no rule {unknown[0]}; there are {', '.join(RULES)}.", "off")


_schema = RulesSchema()


@lru_cache(maxsize=256)
def load(stored: str) -> Rules:
    """Return the rules that are stored in a site's JSON; what another release may have left there is passed over."""
    given = json.loads(stored or "{}")
    base = preset(given["preset"] if given.get("preset") in PRESETS else DEFAULT)
    return replace(base, **_own({name: value for name, value in given.items() if name in base.__dict__}))


def _own(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items() if name != "preset"
    }


def dump(rules: Rules) -> str:
    """Return rules as they are stored: the preset's name, and what is otherwise."""
    return json.dumps({"preset": rules.preset} | rules.own(), ensure_ascii=False, sort_keys=True)


def changed(rules: Rules, values: Mapping[str, Any]) -> Rules:
    """Return rules with some settings changed, None being the preset's own. Raises Invalid with all faults.

    Another preset takes the place of all settings but the lists, which somebody has gathered.
    """
    try:
        given = _schema.load({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        faults = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(faults) from error
    if "preset" in given:
        rules = replace(preset(given["preset"]), **{name: getattr(rules, name) for name in GATHERED})
    base = PRESETS[rules.preset]
    unknown = [name for name, value in values.items() if value is None and name not in base]
    if unknown:
        raise Invalid({name: ["There is no such setting."] for name in unknown})
    own = _own(given) | {name: base[name] for name, value in values.items() if value is None}
    made = replace(rules, **own)
    if made.mark_at < made.hold_at:
        raise Invalid({"mark_at": [f"Must be no less than hold_at, which is {made.hold_at}."]})
    return made


def settings_of(site: Site) -> Rules:
    """Return the rules of a site."""
    return load(site.policy)


def rules_of(site_name: str) -> Rules:
    """Return the rules of the site of that name, or raise NotFound."""
    with database.read() as connection:
        row = store.site_policy(connection, site_name)
    if row is None:
        raise NotFound(f"site as {site_name}")
    return load(row.policy)


def seen_of(rules: Rules) -> str:
    """Return a mark of rules as they stand, for change()."""
    return seen.mark(vars(rules))


def change(
    site_name: str,
    values: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    reason: str = "",
    seen_then: str | None = None,
) -> Rules:
    """Change settings of a site's rules, None being the preset's own, and return the rules that hold from now on.

    `seen_then` is seen_of() the rules that whoever changes them had looked at. Raises NotFound, Invalid, Overtaken.
    """
    with database.write() as connection:
        row = store.site_policy(connection, site_name, locked=True)
        if row is None:
            raise NotFound(f"site as {site_name}")
        before = load(row.policy)
        seen.check(seen_then, vars(before))
        after = changed(before, values)
        if after != before:
            store.set_site_policy(connection, row.id, dump(after))
            details = {"before": _told(before, after), "after": _told(after, before)}
            subject = f"the rules of {site_name}"
            audit.record(
                connection, actor, "site.rules", now, site_id=row.id, subject=subject, reason=reason, details=details
            )
    return after


def _told(rules: Rules, other: Rules) -> dict[str, Any]:
    # long lists are counted, not copied into the log
    told = {}
    for name in NAMES:
        value = getattr(rules, name)
        if value != getattr(other, name):
            told[name] = f"{len(value)} entries" if isinstance(value, tuple) and len(value) > 20 else value
    return told
