"""The API does what /openapi.json says, asked whatever the description allows (Schemathesis)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.api.programs import Arranged, arrange
from tests.conftest import ORIGIN

CHECKS = [schemathesis.checks.not_a_server_error, status_code_conformance, response_schema_conformance]


@schemathesis.serializer("application/x-ndjson")
def _lines(_: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def arranged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arranged]:
    """One application for all examples."""
    with arrange(tmp_path_factory.mktemp("described")) as made:
        yield made


def faults(arranged: Arranged, operation: Any, mode: schemathesis.GenerationMode) -> list[str]:
    """Return what an operation answers otherwise than described, asked as an owner's program or as a reader."""
    found: list[str] = []

    @settings(
        max_examples=6,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        key = arranged.keys["owner"] if "/admin/" in operation.path else "A" * 43
        sent = {"Authorization": f"Bearer {key}", "Origin": ORIGIN, "Accept-Encoding": "identity"}
        answer = case.call(headers=sent)
        if answer.status_code == 405 and mode is schemathesis.GenerationMode.NEGATIVE:
            return  # what is no id makes another route's address
        asked = f"{operation.method} {operation.path} {answer.status_code} {case.body!r:.80}"
        try:
            case.validate_response(answer, checks=CHECKS)
        except AssertionError as error:
            found.append(f"{asked}: {error!s:.900}")
        except BaseExceptionGroup as error:
            found.append(f"{asked}: {error.exceptions!s:.900}")

    with arranged.restored.after(limit_acts=()):
        ask()
    return found[:2]


@pytest.mark.slow
@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_every_operation_is_as_described(arranged: Arranged, mode: schemathesis.GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", arranged.restored.app)
    found, asked = [], 0
    for each in schema.get_all_operations():
        operation = each.ok()
        if mode is schemathesis.GenerationMode.NEGATIVE and not (operation.body or operation.query):
            continue  # nothing of it can be wrong
        asked += 1
        found += faults(arranged, operation, mode)
    assert found == [], "\n".join(found)
    assert asked > 20
