"""Hostile text, written into every field by every way and shown everywhere: nothing of it is active (G1, X1-X9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from service.comments import AnswerSchema, DraftSchema, EditSchema, PreviewSchema, RevisionSchema, prepare
from service.text import safe_url
from tests.conftest import NOW, PAGE, Operator
from tests.security import gate, vectors
from tests.security.gate import House, open_house

ALL = vectors.everything()
LINES = [*vectors.break_outs(), *vectors.addresses(), *vectors.TEXTS]


def test_there_are_enough_and_all_leave_a_mark_or_mean_something() -> None:
    assert len(ALL) > 600
    assert sum(vectors.CANARY in each for each in ALL) > 400


def test_each_sanitiser_alone_leaves_nothing_active() -> None:
    assert gate.faults_of_stages(ALL) == []


def test_no_comment_becomes_active_and_nh3_would_leave_it_as_it_is() -> None:
    assert gate.faults_of_rendering(ALL) == []


@pytest.mark.slow
def test_nor_does_anything_of_the_public_collections() -> None:
    found = list(vectors.public())
    assert gate.faults_of_stages(found) == []
    assert gate.faults_of_rendering(found) == []


# --- one validator for every way in


def judged(schema: Schema, values: dict[str, Any], *names: str) -> Any:
    """Return what a schema makes of a field, or how it refuses it."""
    try:
        found = schema.load(values)
    except ValidationError as error:
        found = error.normalized_messages()
    for name in names:
        found = found[name] if isinstance(found, dict) else getattr(found, name, found)
    return found


def draft(**fields: Any) -> dict[str, Any]:
    """Return a comment as it is sent."""
    return {"page": PAGE, "body": "Hello.", "author": {"name": "Ann", "email": "", "website": ""} | fields}


def sent(body: str) -> dict[str, Any]:
    """Return a comment with that text as it is sent."""
    return {"page": PAGE, "body": body}


def test_a_text_is_judged_alike_by_every_way() -> None:
    schemas = (EditSchema, PreviewSchema, RevisionSchema, AnswerSchema)
    for vector in ALL:
        expected = judged(DraftSchema(), sent(vector), "body")
        for schema in schemas:
            assert judged(schema(), {"body": vector}, "body") == expected, (schema, vector)


def test_a_website_is_judged_alike_by_every_way_and_taken_in_its_one_safe_spelling() -> None:
    taken = 0
    for vector in ALL:
        expected = judged(DraftSchema(), draft(website=vector), "author", "website")
        assert judged(RevisionSchema(), {"website": vector}, "website") == expected
        imported = prepare("test", "1", NOW, "published", draft(website=vector)).draft
        # nobody can be asked any more: what is refused is left out
        assert imported is not None
        assert imported.author.website == (expected if isinstance(expected, str) else "")
        if isinstance(expected, str) and expected:
            taken += 1
            assert safe_url(expected) == expected
    assert 5 < taken < len(vectors.addresses())


# --- a service that is full of it


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service into which everybody has written."""
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        for number, vector in enumerate(ALL[::18]):
            opened.writes(vector, number)
        for number, vector in enumerate(LINES[::24]):
            opened.moderates(vector, number)
        opened.imports(LINES)
        yield opened


@pytest.mark.slow
def test_every_way_was_gone_and_none_ended_in_a_fault(house: House) -> None:
    assert house.faults == []
    refusing = {"POST email", "describe url", "site", "operator"}
    assert {way for way, statuses in house.statuses.items() if min(statuses) >= 300} <= refusing
    assert len(house.statuses) >= 22


@pytest.mark.slow
def test_nothing_that_shows_it_is_active(house: House) -> None:
    assert house.shows() == []


@pytest.mark.slow
def test_nothing_would_be_if_nobody_had_judged_it(house: House) -> None:
    house.forces(LINES)
    assert [fault for _, fault in house.shows() if not fault.startswith("website ")] == []


#: what a terminal takes for a command, and what turns the text after it around
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COMMANDS = [
    ("comment", "list", "--limit", "1000"), ("comment", "list", "--json", "--limit", "1000"), ("page", "list"),
    ("page", "list", "--json"), ("ban", "list"), ("ban", "list", "--json"), ("audit", "list"), ("operator", "list"),
    ("site", "list"), ("site", "list", "--json"), ("rules", "show", "frozen"), ("spam", "status"),
]  # fmt: skip


@pytest.fixture
def at_the_terminal(house: House, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """Whoever runs that service, at its command line, after the text was forced into it."""
    house.forces(LINES)
    monkeypatch.setenv("AFTERWORD_DATA_DIR", str(house.folder))
    return Operator()


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_terminal_is_told_text_and_no_commands(at_the_terminal: Operator, command: tuple[str, ...]) -> None:
    done = at_the_terminal.tries(*command)
    assert done.exit_code == 0, done.output
    assert _COMMANDS.findall(done.output) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "refused", [("comment", "list", "--site"), ("page", "close"), ("site", "set"), ("rules", "show"), ("ban", "remove")]
)
def test_nor_do_refusals_repeat_commands(at_the_terminal: Operator, refused: tuple[str, ...]) -> None:
    done = at_the_terminal.tries(*refused, "a\x1b[31m\x9b2J\u202eb")
    assert done.exit_code != 0
    assert _COMMANDS.findall(done.output) == []
