"""Operators: names, roles, sites; the last owner stays; everything is in the log."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from service import database, pages
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.people import operators, sessions
from service.people.audit import COMMAND_LINE, Actor
from service.people.operators import Principal
from tests.conftest import NOW, OTHER_ORIGIN, stored

PASSWORD = "a clock that is right twice"


def add(name: str = "ann", role: str = "owner", sites: list[str] | None = None) -> operators.Operator:
    """Make an operator."""
    return operators.add(name, role, sites, COMMAND_LINE, NOW)


def acts() -> list[tuple[str, str, str]]:
    """Return what the log says: actor, verb, subject."""
    return [(entry["actor"], entry["verb"], entry["subject"]) for entry in stored("audit")]


@pytest.mark.parametrize(
    ("typed", "kept"), [("ann", "ann"), (" Ann ", "ann"), ("A.b_c-9", "a.b_c-9"), ("x" * 64, "x" * 64)]
)
def test_a_name_is_kept_in_lower_case(app: Flask, typed: str, kept: str) -> None:
    assert add(typed).name == kept
    assert operators.get(typed).name == kept
    with pytest.raises(Conflict):
        add(typed.upper())


@pytest.mark.parametrize("name", ["", " ", "a b", "é", "a/b", "x" * 65, "a\n.", "ann@example.org", "İ"])
def test_what_is_no_name_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(Invalid):
        add(name)
    assert stored("operators") == []


def test_a_moderator_has_all_sites_or_some(app: Flask) -> None:
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    assert add("all", "moderator").sites is None
    assert add("some", "moderator", ["other", "blog", "other"]).sites == ("blog", "other")
    assert add("none", "moderator", []).sites == ()
    pages.remove("other", NOW, COMMAND_LINE)
    assert operators.get("some").sites == ("blog",)
    for role, sites, error in (
        ("owner", ["blog"], Invalid),
        ("king", None, Invalid),
        ("moderator", ["nothing"], NotFound),
    ):
        with pytest.raises(error):
            add("more", role, sites)
    assert len(operators.listing()) == 3


def test_the_last_owner_is_neither_removed_nor_made_a_moderator(app: Flask) -> None:
    add("ann")
    add("mod", "moderator")
    for act in (lambda: operators.remove("ann", COMMAND_LINE, NOW),
                lambda: operators.change("ann", {"role": "moderator"}, COMMAND_LINE, NOW)):  # fmt: skip
        with pytest.raises(Conflict):
            act()
    operators.change("mod", {"role": "owner"}, COMMAND_LINE, NOW)
    operators.change("ann", {"role": "moderator"}, COMMAND_LINE, NOW)
    with pytest.raises(Conflict):
        operators.remove("mod", COMMAND_LINE, NOW)
    operators.remove("ann", COMMAND_LINE, NOW)
    assert [each.name for each in operators.listing()] == ["mod"]


def test_every_act_is_in_the_log_with_its_actor_and_no_password(app: Flask) -> None:
    boss = Actor("boss", "ui")
    operators.add("ann", "moderator", ["blog"], boss, NOW, PASSWORD)
    operators.change("ann", {"sites": None}, boss, NOW)
    operators.change("ann", {"sites": None}, boss, NOW)  # as it was: nothing to tell
    operators.change("ann", {"role": "owner"}, boss, NOW)
    operators.set_password("ann", PASSWORD, boss, NOW)
    add("ben")
    operators.remove("ann", boss, NOW)
    verbs = ["operator.add", "operator.access", "operator.access", "operator.password", "operator.remove"]
    assert [act for act in acts() if act[0] == "boss"] == [("boss", verb, "ann") for verb in verbs]
    assert json.loads(stored("audit")[1]["details"]) == {"role": "moderator", "sites": ["blog"]}
    assert "argon2" not in str(stored("audit"))


def test_a_refused_act_is_not_in_the_log(app: Flask) -> None:
    add("ann")
    before = acts()
    for act in (lambda: add("ann"), lambda: operators.remove("ann", COMMAND_LINE, NOW),
                lambda: operators.set_password("nobody", PASSWORD, COMMAND_LINE, NOW)):  # fmt: skip
        with pytest.raises((Conflict, NotFound)):
            act()
    assert acts() == before


def test_a_new_password_ends_all_of_the_operators_sessions(app: Flask) -> None:
    ann, ben = add("ann"), add("ben")
    with database.write() as connection:
        mine = [sessions.start(connection, ann.id, True, "", "", NOW) for _ in range(2)]
        other = sessions.start(connection, ben.id, True, "", "", NOW)
    operators.set_password("ann", PASSWORD, COMMAND_LINE, NOW)
    assert [sessions.find(token, NOW) for token in mine] == [None, None]
    assert sessions.find(other, NOW) is not None


def test_removing_takes_everything_but_the_log(app: Flask) -> None:
    add("ben")
    ann = add("ann", "moderator", ["blog"])
    with database.write() as connection:
        sessions.start(connection, ann.id, True, "", "", NOW)
    operators.remove("ann", COMMAND_LINE, NOW)
    assert stored("sessions") == stored("operator_sites") == []
    assert ("command line", "operator.remove", "ann") in acts()
    assert add("ann").id != ann.id  # nothing that names an operator by id can mean another


class TestPrincipal:
    """What an operator may do, and where."""

    def principal(self, name: str, scopes: list[str] | None = None) -> Principal:
        """Return an operator as a door sees one."""
        with database.read() as connection:
            return operators.principal(connection, operators.get(name).id, "api", scopes)

    def test_an_owner_may_everything(self, app: Flask) -> None:
        add()
        found = self.principal("ann")
        assert (found.is_owner, found.sites, found.actor) == (True, None, Actor("ann", "api"))
        for scope in operators.SCOPES:
            found.require(scope, 12_345)

    def test_a_moderator_may_some_things_on_some_sites(self, app: Flask) -> None:
        add("ann", "moderator", ["blog"])
        found, blog = self.principal("ann"), pages.get_site("blog").id
        assert (found.is_owner, found.sites) == (False, frozenset({blog}))
        for scope in ("read", "moderate", "pages"):
            found.require(scope)
            found.require(scope, blog)
            with pytest.raises(NotAllowed):
                found.require(scope, blog + 1)
        for scope in ("settings", "operators", "nothing"):
            with pytest.raises(NotAllowed):
                found.require(scope, blog)
        assert (found.may(blog), found.may(blog + 1)) == (True, False)

    def test_scopes_that_were_named_are_no_more_than_the_role_has(self, app: Flask) -> None:
        add("ann", "moderator")
        assert self.principal("ann", ["read", "operators"]).scopes == {"read"}
        assert self.principal("ann", []).scopes == frozenset()
