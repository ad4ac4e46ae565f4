"""What does not work of the signals to the outside, remembered beside the database, so that it is told once.

A file and not a table: what can't be sent when the database can't be opened is to be told once too."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from twitter_manager.files import UnfitFile, read_small, replace_file

FILE = "signals.json"
_LARGEST = 64 * 1024


def begins(data: Path, name: str, why: str) -> bool:
    """Remember why something does not work, or with "" that it does; True where that begins. Where nothing can be
    remembered, it is told each time."""
    known = remembered(data)
    if bool(why) == (name in known):
        return False
    with suppress(OSError):
        others = {each: words for each, words in known.items() if each != name}
        replace_file(data / FILE, json.dumps(others | ({name: why} if why else {})) + "\n")
    return bool(why)


def remembered(data: Path) -> dict[str, str]:
    """By what does not work: why."""
    with suppress(FileNotFoundError, UnfitFile, ValueError):
        known = json.loads(read_small(data / FILE, _LARGEST))
        return {str(name): str(why) for name, why in known.items()} if isinstance(known, dict) else {}
    return {}
