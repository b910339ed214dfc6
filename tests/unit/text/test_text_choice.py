"""The swap to nh3 alone is one setting: everything that holds with bleach in front of it holds without."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import settings as examples

from service.cli.output import opened
from service.errors import Invalid
from service.settings.parse import SANITISERS
from service.text import choose, clean_body, markdown_from_html, sanitize, self_test, to_html
from service.text import clean as clean_module
from tests.unit.text.test_text_clean import BODY
from tests.unit.text.test_text_hostile import FOLDER, TEXT, _vectors

Judge = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    choose("bleach")


def rendered(vector: str) -> list[str]:
    """Return the HTML of what is typed, and of what is imported."""
    found = []
    for body in (vector, markdown_from_html(vector, newlines=False), markdown_from_html(vector, newlines=True)):
        with suppress(Invalid, ValueError):
            found.append(to_html(clean_body(body)).html)
    return found


def both(vectors: list[str]) -> dict[str, list[list[str]]]:
    """Return what every sanitiser leaves of every vector."""
    found = {}
    for sanitiser in SANITISERS:
        choose(sanitiser)
        found[sanitiser] = [rendered(vector) for vector in vectors]
    return found


def differing(vectors: list[str]) -> list[str]:
    """Return the vectors of which nh3 alone makes something else."""
    found = both(vectors)
    return [vector for vector, one, other in zip(vectors, found["bleach"], found["nh3"], strict=True) if one != other]


@pytest.mark.parametrize("sanitiser", SANITISERS)
def test_the_self_test_passes_and_a_comment_is_the_same(sanitiser: str) -> None:
    expected = to_html(clean_body(BODY))
    choose(sanitiser)
    self_test()
    assert to_html(clean_body(BODY)) == expected
    assert list(clean_module.passes()) == ["bleach", "nh3"][SANITISERS.index(sanitiser) :]


def test_of_what_is_typed_and_imported_nh3_alone_leaves_the_same_to_the_byte() -> None:
    assert differing(list(_vectors())) == []


@pytest.mark.parametrize(
    "name", ["html5sec", "owasp-filter-evasion", "naughty-strings", pytest.param("payloads", marks=pytest.mark.long)]
)
def test_of_the_public_collections_too(name: str) -> None:
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the collection {name}.json is not at hand; AFTERWORD_HOSTILE names the folder that holds it")
    assert differing(json.loads(path.read_text(encoding="utf-8"))) == []


@examples(max_examples=100)
@given(TEXT)
def test_of_whatever_is_typed_nh3_alone_leaves_the_same(text: str) -> None:
    assert differing([text.replace("\x00", "")]) == []


def test_of_raw_html_nh3_alone_leaves_nothing_active(faults_of: Judge) -> None:
    choose("nh3")
    outputs = [sanitize(vector.encode("utf-8", "replace").decode()) for vector in _vectors()]
    marked = [output for output in outputs if "<" in output or "&" in output]
    assert len(marked) > 300
    # of control characters and of line ends behind a <pre> it makes another text when asked again, never markup;
    # our Markdown makes neither
    assert [fault for output in marked for fault in faults_of(output, ("div",)) if fault.startswith("div: ")] == []


def test_a_broken_nh3_is_found_at_the_start_when_it_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    choose("nh3")
    monkeypatch.setattr(clean_module, "_ALONE", clean_module.nh3.Cleaner(tags={*clean_module.TAGS, "img"}))
    with pytest.raises(RuntimeError, match="stage nh3"):
        self_test()


def test_the_setting_chooses_for_the_service_and_for_commands(
    make_app: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_app(sanitiser="nh3")
    assert list(clean_module.passes()) == ["nh3"]
    make_app()
    assert list(clean_module.passes()) == ["bleach", "nh3"]
    monkeypatch.setenv("AFTERWORD_SANITISER", "nh3")
    with opened():
        assert list(clean_module.passes()) == ["nh3"]
