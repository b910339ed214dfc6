"""What the operators' forms have in common: faults by field, a new password typed twice, ids and choices."""

from __future__ import annotations

from service.errors import AfterwordError, Invalid
from service.web.admin import guard


def faults_of(error: AfterwordError) -> dict[str, str]:
    """Return what is wrong by field; what belongs to no field is under "form"."""
    if not isinstance(error, Invalid):
        return {"form": error.sentence()}
    return {name: " ".join(said) if isinstance(said, list) else str(said) for name, said in error.fields.items()}


def new_password() -> str:
    """Return the password that was typed twice. Raises Invalid when the two differ."""
    password = guard.typed("password")
    if guard.typed("again") != password:
        raise Invalid({"again": ["This is not the same as above."]})
    return password


def whole(value: str) -> int | None:
    """Return a whole number that was typed, None for anything else."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None
