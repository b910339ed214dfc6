"""The key that signs what the service hands out, where the environment names none."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from service.errors import Misconfigured
from service.settings.owner import make

PREFIX = "AFTERWORD_"
#: shortest secret that may sign anything: 256 bits, written in hexadecimal or better
SHORTEST_SECRET = 32


def kept_secret(folder: Path) -> str:
    """Return the key that lies in `folder`, made where there is none yet; raises Misconfigured where it cannot be."""
    kept = folder / "secret.key"
    made = folder / f".secret.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # what readers wrote is not for every user
        if not kept.exists():
            # written whole and then linked: of several processes starting at once, all read the same whole key
            with open(make(made), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            with suppress(FileExistsError):
                os.link(made, kept)
            made.unlink()
        secret = kept.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Misconfigured([f"{PREFIX}DATA_DIR: {folder} cannot be used: {error.strerror}."]) from error
    if len(secret) < SHORTEST_SECRET:
        raise Misconfigured([f"{kept} holds no secret of at least {SHORTEST_SECRET} characters; remove the file."])
    return secret
