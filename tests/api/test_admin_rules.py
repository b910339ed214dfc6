"""Rules at the operators' desk: read in one place, tried before they are saved, faults where they belong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from service import pages
from service.people.audit import COMMAND_LINE
from service.policy import settings
from service.policy.presets import MEANINGS, PRESETS, RULES
from tests.api.desk import SAME, Desk, add, refused, text
from tests.conftest import NOW, OTHER_ORIGIN, Reader, stored

PATH = "/admin/rules/blog"


def typed(desk: Desk, **changes: Any) -> dict[str, Any]:
    """Return the form as it stands for a balanced site, with some of it changed."""
    known = settings.preset("balanced")
    form = {name: getattr(known, name) for name in settings.NAMES if name not in ("off", *settings.GATHERED)}
    form |= {"trap": "yes", "repeats": "yes", "on": list(RULES), "csrf": desk.token(PATH), "act": "save"}
    return form | changes


def sends(desk: Desk, **changes: Any) -> Any:
    """Send that form."""
    return desk.client.post(PATH, data=typed(desk, **changes), headers=SAME)


def test_the_only_site_is_opened_at_once_and_of_several_one_is_chosen(desk: Desk) -> None:
    assert desk.opens("/admin/rules", 303).headers["Location"] == PATH
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    assert "other" in text(desk.opens("/admin/rules"))


def test_every_rule_and_every_setting_is_there(desk: Desk) -> None:
    shown = desk.opens(PATH).text
    for rule in RULES:
        assert f'value="{rule}" checked' in shown
    for name in settings.NAMES:
        assert f'name="{name}"' in shown or name == "off", name


def test_what_was_not_changed_stays_the_presets_own(desk: Desk) -> None:
    assert sends(desk).status_code == 303
    assert settings.rules_of("blog").own() == {}
    assert not [entry for entry in stored("audit") if entry["verb"] == "site.rules"]


def test_rules_are_saved_and_hold(desk: Desk, reader: Reader) -> None:
    off = [rule for rule in RULES if rule != "many-links"]
    assert sends(desk, hold_words="casino\r\n\r\nroulette *", links="", on=off, why="Too many <i>.").status_code == 303
    known = settings.rules_of("blog")
    assert known.own() == {"hold_words": ("casino", "roulette *"), "off": ("many-links",)}
    assert reader.posts("The casino.").status_code == 202
    (entry,) = [entry for entry in stored("audit") if entry["verb"] == "site.rules"]
    assert (entry["actor"], entry["via"], entry["reason"]) == ("ann", "ui", "Too many <i>.")
    assert "casino\nroulette *" in desk.opens(PATH).text


def test_what_somebody_saved_meanwhile_is_not_lost(desk: Desk) -> None:
    seen = re.findall(r'name="seen" value="([^"]+)"', desk.opens(PATH).text)[0]
    settings.change("blog", {"hold_words": ["casino", "<b>"]}, COMMAND_LINE, NOW)
    for act in ("try", "save"):  # trying goes on with what was seen first
        answer = sends(desk, act=act, seen=seen, links="4", hold_words="roulette")
        seen = re.findall(r'name="seen" value="([^"]+)"', answer.text)[0]
    refused(answer, 409, "hold_words: casino, <b>")
    assert settings.rules_of("blog").hold_words == ("casino", "<b>")
    assert settings.rules_of("blog").links == 5
    assert "roulette" in answer.text
    assert sends(desk, seen=seen, links="4", hold_words="roulette").status_code == 303
    assert settings.rules_of("blog").hold_words == ("roulette",)


def test_trying_tells_and_changes_nothing(desk: Desk, reader: Reader) -> None:
    for body in ("A <casino> here.", "A <casino> there.", "Nothing of the kind."):
        reader.posts(body)
    answer = sends(desk, act="try", hold_words="casino")
    assert "Looked at: 3 comments. 2 of these would be given another state" in text(answer)
    assert "A <casino> here." in text(answer)
    assert "<casino>" not in answer.text
    assert settings.rules_of("blog").own() == {}
    assert not [entry for entry in stored("audit") if entry["verb"] == "site.rules"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"links": "many"}, "Not a valid integer"),
        ({"links": "51"}, "0 to 50"),
        ({"hold_at": "0.4"}, "0.5 to 1"),
        ({"hold_at": "0.9", "mark_at": "0.8"}, "no less than hold_at"),
        ({"publish": "some"}, "one of"),
        ({"preset": "lax"}, "one of"),
        ({"spam_patterns": "(<b>"}, "no pattern that can be used"),
        ({"hold_words": "*"}, "would match everything"),
        ({"why": "x" * 301}, "300 characters"),
    ],
)
@pytest.mark.parametrize("act", ["save", "try"])
def test_a_fault_stands_at_its_field_and_keeps_what_was_typed(
    desk: Desk, changes: dict[str, str], said: str, act: str
) -> None:
    if act == "try" and "why" in changes:
        return
    answer = sends(desk, act=act, **{"hold_patterns": "kept</textarea><i>"} | changes)
    assert answer.status_code == 422
    assert said.lower() in text(answer).lower()
    assert "kept&lt;/textarea&gt;&lt;i&gt;" in answer.text
    assert settings.rules_of("blog").own() == {}


def test_long_lists_fit_into_the_form(desk: Desk) -> None:
    words = "\r\n".join(f"{'ж' * 80}{number}" for number in range(2_000))
    assert sends(desk, hold_words=words, spam_words=words).status_code == 303
    assert len(settings.rules_of("blog").spam_words) == 2_000
    assert desk.client.post("/admin/bans", data={"value": "x" * 70_000}, headers=SAME).status_code == 413


def test_a_preset_fills_the_form_and_is_not_saved_by_that(desk: Desk) -> None:
    assert "Not saved yet" in text(desk.opens(f"{PATH}?preset=strict"))
    assert settings.rules_of("blog").preset == "balanced"
    refused(desk.opens(f"{PATH}?preset=none", 404), 404)


def test_a_moderator_has_no_rules_to_set(desk: Desk, app: Flask) -> None:
    add("mia", "moderator")
    moderator = Desk(app.test_client())
    moderator.signs_in("mia")
    for path in ("/admin/rules", PATH, "/admin/spam", "/admin/spam/export"):
        refused(moderator.opens(path, 403), 403, "settings")
    refused(moderator.sends(PATH, page="/admin/account"), 403, "settings")
    assert "Rules" not in text(moderator.opens("/admin/account"))


def test_presets_say_what_they_do_and_how_far_a_site_is_from_its_own(desk: Desk) -> None:
    said = text(desk.opens(PATH))
    for name, means in MEANINGS.items():
        assert f"{name}: {means}" in said
    assert "This site: balanced, as it is." in said
    settings.change("blog", {"preset": "strict", "links": 3, "hold_words": ["casino"]}, COMMAND_LINE, NOW)
    assert "This site: strict, 2 changes." in text(desk.opens(PATH))


def test_every_preset_has_its_sentence() -> None:
    assert set(MEANINGS) == set(PRESETS)
