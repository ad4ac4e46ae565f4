"""The settings of the upkeep: backups, what is removed by age, and the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from twitter_manager.settings.sources import Table
from twitter_manager.validation import InvalidValue, by, checked_text, variable


def _folder(value: str) -> str:
    """A folder that may come and go: a run tells where it is not there."""
    try:
        path = Path(checked_text(value, 1000)).expanduser()
    except RuntimeError:
        raise InvalidValue("begins with the home folder of nobody", "Write the whole path.") from None
    if not path.is_absolute():
        raise InvalidValue("is no whole path", "Begin it with / or ~/, say: /mnt/disk/twitter-backups")
    return str(path)


def _shared(name: str, help: str, default: Any) -> Any:
    return variable(name, help, default, per_bot=False)


class Upkeep(Table):
    """What is kept, and for how long."""

    backup_copy: Annotated[str, by(_folder)] = _shared(
        "BACKUP_COPY",
        "A folder on another disk that gets a copy of each backup; you make it. Empty: none.",
        "",
    )
