"""Whether a folder still holds what was put there."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

_SEAL = "digests.json"


def seal(folder: Path) -> None:
    """Write down the digest of every file in a folder, as its last file."""
    (folder / _SEAL).write_text(json.dumps(_digests(folder)), encoding="utf-8")


def is_whole(folder: Path) -> bool:
    """Whether a folder holds the files that were sealed, unchanged, and nobody else put them there.

    Whoever owns the folder above could have put anything there anyway.
    """
    try:
        sealed = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        trusted = {os.getuid(), folder.parent.stat().st_uid}
        return folder.stat().st_uid in trusted and bool(sealed == _digests(folder))
    except (OSError, ValueError):
        return False


def _digests(folder: Path) -> dict[str, str]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file != folder / _SEAL)
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
