"""Whose the files are that root makes for the service: restored, or looked after, by root, it runs as another user."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def hand_over(made: int | Path, folder: Path) -> None:
    """Give what was just made in `folder`, an open file or a path, to the folder's owner, where it is root who made it.

    A path that is a link by now is given itself, never what it leads to: the folder is not root's. Raises OSError.
    """
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    with suppress(PermissionError):  # on a disk that knows no owners, or no root (NFS), all is whose it can be
        if isinstance(made, int):
            os.fchown(made, owner.st_uid, owner.st_gid)
        else:
            os.chown(made, owner.st_uid, owner.st_gid, follow_symlinks=False)


def make(path: Path, mode: int = 0o600) -> int:
    """Make a file, for the owner of its folder, and return it opened. Raises FileExistsError, OSError."""
    made = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    hand_over(made, path.parent)
    return made
