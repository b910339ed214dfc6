"""A site's rules as settings: presets, what may be set, what is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.errors import Invalid
from service.policy.describe import describe
from service.policy.presets import PRESETS, RULES
from service.policy.settings import NAMES, changed, dump, load, preset


def test_a_site_without_rules_of_its_own_is_balanced() -> None:
    assert load("{}") == load("") == preset("balanced")
    assert (load("{}").publish, load("{}").links, load("{}").form, load("{}").work) == ("all", 5, "off", 0)
    assert not load("{}").asks


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_everything_and_is_stored_by_its_name_alone(name: str) -> None:
    assert set(PRESETS[name]) == set(NAMES) - {"preset"}
    assert json.loads(dump(preset(name))) == {"preset": name}
    assert load(dump(preset(name))) == preset(name)


@pytest.mark.parametrize(
    "values",
    [
        {"links": 0},
        {"links": 50},
        {"publish": "none"},
        {"hold_words": ["a", "b*"]},
        {"spam_patterns": ["a+"]},
        {"off": ["many-links"]},
        {"work": 50, "form": "required", "min_seconds": 600},
        {"hold_at": 0.5, "mark_at": 0.6, "spam": "mark"},
        {"preset": "strict", "links": 9},
        {"trap": False, "repeats": False, "reports": 0, "trust_after": 100},
    ],
)
def test_what_is_set_comes_back_from_what_is_stored(values: dict[str, Any]) -> None:
    made = changed(load("{}"), values)
    for name, value in values.items():
        assert getattr(made, name) == (tuple(value) if isinstance(value, list) else value)
    assert load(dump(made)) == made


@pytest.mark.parametrize(
    "values",
    [
        {"links": -1},
        {"links": 51},
        {"links": "5"},
        {"links": 1.5},
        {"links": True},
        {"publish": "some"},
        {"preset": "lax"},
        {"trust_after": 0},
        {"hold_words": ["*"]},
        {"hold_words": ["x" * 101]},
        {"hold_words": [f"w{place}" for place in range(2_001)]},
        {"hold_patterns": ["("]},
        {"spam_patterns": ["x*"]},
        {"min_seconds": 601},
        {"work": 51},
        {"hold_at": 0.4},
        {"mark_at": 1.1},
        {"mark_at": 0.55},
        {"off": ["no-such-rule"]},
        {"unheard": 1},
        {"unheard": None},
        {"trap": "perhaps"},
    ],
)
def test_what_cannot_be_is_a_fault_of_its_field(values: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        changed(load("{}"), values)
    assert list(refused.value.fields) == list(values)


def test_a_full_list_is_taken_and_empty_lines_and_repetitions_are_not() -> None:
    entries = [f"word{place}" for place in range(2_000)]
    assert changed(load("{}"), {"hold_words": [*entries, "", " word1 "]}).hold_words == tuple(entries)


def test_nothing_is_the_presets_own_again() -> None:
    made = changed(changed(load("{}"), {"links": 9, "trap": False}), {"links": None})
    assert (made.links, made.own()) == (5, {"trap": False})


def test_another_preset_takes_every_setting_but_the_lists() -> None:
    made = changed(load("{}"), {"links": 9, "off": ["repeated"], "spam_words": ["casino"]})
    strict = changed(made, {"preset": "strict"})
    assert strict.own() == {"spam_words": ("casino",)}
    assert strict.links == PRESETS["strict"]["links"]


def test_what_another_release_stored_is_passed_over() -> None:
    assert load('{"preset": "unheard", "links": 7, "later": 1, "__class__": 2}').own() == {"links": 7}


@pytest.mark.parametrize("values", [{"form": "required"}, {"min_seconds": 1}, {"work": 1}])
def test_a_form_is_asked_for_only_where_a_rule_looks_at_it(values: dict[str, Any]) -> None:
    made = changed(load("{}"), values)
    assert made.asks
    off = ["form-missing", "form-stale", "too-quick", "work-missing"]
    assert not changed(made, {"off": off}).asks


@pytest.mark.parametrize("name", PRESETS)
def test_the_rules_can_be_read_in_one_place_in_their_order(name: str) -> None:
    lines = describe(preset(name))
    assert tuple(line.name for line in lines) == RULES
    assert all(line.does.endswith(".") for line in lines)


def test_a_rule_that_is_switched_off_is_said_to_be() -> None:
    on = {line.name: line.on for line in describe(changed(preset("strict"), {"off": ["many-links"]}))}
    assert on["many-links"] is False
    assert on["unknown-author"] is True
    assert on["hold-all"] is False
