"""The power check: faults planted into the service turn the gate red, each by itself (G2)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bleach
import pytest
from flask import request
from flask.templating import DispatchingJinjaLoader

from service import text
from service.comments.draft import Website
from service.text import clean, markdown
from tests.security import gate, vectors
from tests.security.gate import open_house

SOME = vectors.everything()[::4]
Plant = Callable[[pytest.MonkeyPatch], None]


def _cleaner(monkeypatch: pytest.MonkeyPatch, **given: Any) -> None:
    options = {"tags": clean.TAGS, "attributes": {tag: list(names) for tag, names in clean.ATTRIBUTES.items()}}
    made = bleach.Cleaner(**options | {"protocols": clean.SCHEMES, "strip": False, "strip_comments": True} | given)
    monkeypatch.setattr(clean, "scrub", made.clean)


def every_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow all attributes."""
    _cleaner(monkeypatch, attributes=lambda tag, name, value: True)


def foreign_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow SVG, MathML, style sheets and data addresses."""
    _cleaner(monkeypatch, tags={*clean.TAGS, "svg", "math", "style"}, protocols={*clean.SCHEMES, "data"})


def one_more_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow addresses that run."""
    _cleaner(monkeypatch, protocols={*clean.SCHEMES, "javascript"})


def a_regex_for_a_sanitiser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut out what looks dangerous, instead of keeping what is known."""
    dangerous = re.compile(r"<script.*?</script>|\son\w+\s*=\s*\S+|javascript:", re.I | re.S)
    monkeypatch.setattr(clean, "scrub", lambda markup: dangerous.sub("", markup))


def links_made_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make links in what was sanitised."""
    sanitised = clean.sanitize
    made = re.compile(r"""((?:https?|javascript):[^\s<]+)""")
    monkeypatch.setattr(clean, "sanitize", lambda markup: made.sub(r'<a href="\1">\1</a>', sanitised(markup)))


def one_cleaner_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Share what keeps state among threads."""
    shared = type("Shared", (), {"cleaner": clean._own.cleaner})()
    monkeypatch.setattr(clean, "_own", shared)


@pytest.mark.parametrize("fault", [every_attribute, foreign_elements, one_more_scheme, a_regex_for_a_sanitiser])
def test_a_sanitiser_that_lets_through_is_seen_though_the_other_holds(
    fault: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    assert {stage for stage, _, _ in gate.faults_of_stages(SOME)} == {"bleach"}
    with pytest.raises(RuntimeError, match="stage bleach"):
        getattr(text.self_test, "__wrapped__", text.self_test)()  # elsewhere it is done once for all tests


def test_a_change_after_the_sanitiser_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    links_made_afterwards(monkeypatch)
    assert gate.faults_of_rendering(SOME)


def shared_cleaners() -> bool:
    """Tell whether two threads meet in one cleaner."""
    met = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: met.append(clean._own.cleaner))
        thread.start()
        thread.join()
    return met[0] is met[1]


def test_a_cleaner_that_threads_share_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not shared_cleaners()
    one_cleaner_for_all(monkeypatch)
    assert shared_cleaners()


# --- faults above the sanitisers: seen in a service


def unjudged_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a change of a website as it is sent; a new one is judged as ever."""
    judge = Website._deserialize

    def judged(field: Website, value: Any, *given: Any, **options: Any) -> Any:
        return value if request.method == "PATCH" else judge(field, value, *given, **options)

    monkeypatch.setattr(Website, "_deserialize", judged)


def a_name_for_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show a name as if it were HTML."""
    get_source = DispatchingJinjaLoader.get_source

    def loaded(loader: DispatchingJinjaLoader, environment: Any, template: str) -> Any:
        source, path, fresh = get_source(loader, environment, template)
        return source.replace("{{ entry.name }}", "{{ entry.name|safe }}"), path, fresh

    monkeypatch.setattr(DispatchingJinjaLoader, "get_source", loaded)


def a_raw_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show in a preview what Markdown alone makes, with HTML allowed."""
    parser = markdown._build()
    parser.options["html"] = True
    parser.enable(["html_block", "html_inline"])
    monkeypatch.setattr("service.comments.preview", lambda body, *_: parser.render(body))


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (None, set()),
        (unjudged_edits, {"revise website"}),
        (a_name_for_markup, {"plain page"}),
        (a_raw_preview, {"preview"}),
    ],
)
def test_a_fault_of_the_service_is_seen_where_it_is(
    fault: Plant | None, seen: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_house(tmp_path) as house:
        if fault:
            fault(monkeypatch)
        for number, vector in enumerate(["<img src=x onerror=window.__x=1>", "javascript:window.__x=1", *SOME[:4]]):
            house.writes(vector, number)
            house.moderates(vector, number)
        found = {way for way, _ in [*house.faults, *house.shows()]}
    assert found >= seen
    assert bool(found) == bool(seen)
