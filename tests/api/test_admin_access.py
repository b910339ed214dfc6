"""Role and sites of an operator: nobody gets more sites than whoever gave them meant."""

from __future__ import annotations

from typing import Any

import pytest

from service.people import operators
from tests.api.desk import Desk, add, refused, tree
from tests.conftest import stored

BEN = {"name": "ben", "role": "moderator"}

pytestmark = pytest.mark.usefixtures("other")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"which": "all", "site": ["other"]}, "“Only these” is not chosen"),
        ({"site": ["other"]}, "“Only these” is not chosen"),
        ({"which": "some"}, "No site is ticked."),
    ],
)
def test_ticks_that_contradict_the_choice_are_refused(desk: Desk, typed: dict[str, Any], said: str) -> None:
    add("eve", "moderator", ["blog"])
    for path, sent in (("/admin/operators", BEN | typed), ("/admin/operators/eve", {"role": "moderator"} | typed)):
        answer = desk.sends(path, **sent)
        refused(answer, 422, said)
        ticked = [
            each for each in tree(answer).iter("input") if each.get("name") == "site" and "checked" in each.attrib
        ]
        assert [each.get("value") for each in ticked] == typed.get("site", []), "what was ticked is lost"
    assert len(stored("operators")) == 2
    assert operators.get("eve").sites == ("blog",)


@pytest.mark.parametrize(
    ("typed", "sites"),
    [
        (BEN | {"which": "all"}, None),
        (BEN | {"which": "some", "site": ["other"]}, ("other",)),
        (BEN | {"which": "some", "site": ["blog", "other"]}, ("blog", "other")),
        ({"name": "ben", "role": "owner", "which": "all", "site": ["other"]}, None),  # what the role's text says
    ],
)
def test_sites_are_those_that_were_chosen(desk: Desk, typed: dict[str, Any], sites: tuple[str, ...] | None) -> None:
    assert desk.sends("/admin/operators", **typed).status_code == 200
    assert operators.get("ben").sites == sites


def test_what_is_chosen_shows_again_when_a_name_is_taken(desk: Desk) -> None:
    answer = desk.sends("/admin/operators", name="ann", role="moderator", which="some", site=["other"])
    refused(answer, 409)
    chosen = [each for each in tree(answer).iter("input") if "checked" in each.attrib]
    assert [each.get("value") for each in chosen] == ["moderator", "some", "other"]
