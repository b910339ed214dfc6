"""What the files of `deploy/` may name: settings that there are."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]


def unknown_settings(text: str) -> set[str]:
    """Return the settings that a text names and that there are not."""
    known = {field.name.upper() for field in fields(Settings)}
    known |= {f"{field.name.upper()}_FILE" for field in fields(Settings) if field.metadata["secret"]}
    return set(re.findall(rf"\b{PREFIX}([A-Z_]+)", text)) - known
