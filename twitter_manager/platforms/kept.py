"""What a platform keeps between runs: a JSON object in a file of mode 0600, replaced atomically.

It counts only for the owner it was kept for, and only when nobody else could have written or read it."""

from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path

from twitter_manager.domain import Json

log = logging.getLogger(__name__)

_MAX_FILE_BYTES = 64 * 2**10


def load(path: Path, owner: Json) -> Json | None:
    """What was kept for this owner; None where there is nothing that can be trusted."""
    try:
        kept = json.loads(_read(path))
        if {key: kept.pop(key) for key in owner} == owner:
            return dict(kept)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("%s is not used: %s", path, type(error).__name__)
    return None


def _read(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o077:
            raise PermissionError("not a private file of this user")
        return file.read(_MAX_FILE_BYTES)


def save(path: Path, owner: Json, content: Json) -> None:
    """What can't be kept is no reason not to post: it is a warning, and the next run asks anew."""
    import tempfile

    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # 0600
        with os.fdopen(handle, "w") as file:
            json.dump(owner | content, file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        log.warning("%s can't be kept: %s", path, error.strerror)
        if temporary:
            Path(temporary).unlink(missing_ok=True)
