"""What a platform keeps between runs: a JSON object in a file of mode 0600, replaced atomically.

It counts only for the owner it was kept for, and only when nobody else could have written or read it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from twitter_manager.domain import Json
from twitter_manager.files import UnfitFile, read_small, replace_file

log = logging.getLogger(__name__)

_MAX_FILE_BYTES = 64 * 2**10


def place(data: Path, platform: str, bot: str) -> Path:
    """Where a platform keeps what is a bot's own. `data`: the folder of all that is kept."""
    return data / "sessions" / f"{platform}-{bot}"


def load(path: Path, owner: Json) -> Json | None:
    """What was kept for this owner; None where there is nothing that can be trusted."""
    try:
        kept = json.loads(read_small(path, _MAX_FILE_BYTES, private=True, own=True))
        if {key: kept.pop(key) for key in owner} == owner:
            return dict(kept)
    except FileNotFoundError:
        return None
    except (UnfitFile, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("%s is not used: %s", path, getattr(error, "message", type(error).__name__))
    return None


def save(path: Path, owner: Json, content: Json) -> None:
    """What can't be kept is no reason not to post: it is a warning, and the next run asks anew."""
    try:
        replace_file(path, json.dumps(owner | content))
    except OSError as error:
        log.warning("%s can't be kept: %s", path, error.strerror)
